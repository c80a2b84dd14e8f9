"""File names to tables, header names to columns."""

import contextlib
import difflib
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from strata.landing.declared import RESERVED_COLUMNS
from strata.landing.report import UnreadableFileError

HEADER_WITHIN = 20  # rows among which the header is looked for
_DATE_IN_NAME = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:[-_.年]?\d{1,2}(?:[-_.月]?\d{1,2}日?)?)?(?:月|年)?(?!\d)"
)
# What spreadsheets and exporters leave around a header name, besides ordinary white space.
_INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060\0"


def data_files(
    directory: Path, tables: Sequence[str], names: Mapping[str, str] | None = None
) -> list[Path]:
    """The directory's files by name, without hidden files, `_...` and Excel's `~$...`.

    Directories and broken links count where they are named after a table: a person takes
    them for data (`orders.parquet/`, as Spark writes it).
    """
    return sorted(
        path
        for path in directory.iterdir()
        if not path.name.startswith((".", "_", "~$"))
        and (path.is_file() or (_is_no_data(path) and table_for(path.name, tables, names)))
    )


def _is_no_data(path: Path) -> bool:
    return path.is_dir() or not path.exists()


def table_for(
    file_name: str, tables: Sequence[str], names: Mapping[str, str] | None = None
) -> str | None:
    """The table with the longest name that the file's name is or begins with.

    No letter may follow: `orders_2025`, `orders 2025`, `orders(1)`, `orders2025` and
    `orders副本` are orders, `ordersnorth` is not; `Order Items` are order_items. `names` are
    other names of tables, as a source declares them (`订单` for orders); no letter of their own
    script may follow them.
    """
    file = unicodedata.normalize("NFKC", file_name).lower()
    known = {table: table for table in tables} | dict(names or {})
    fitting = [name for name in known if _begins_with(name).match(file)]
    longest = max(fitting, key=len, default=None)
    return None if longest is None else known[longest]


def scope_of(
    file_name: str, tables: Sequence[str], names: Mapping[str, str] | None = None
) -> str:
    """What a file's name says behind its table, without dates and the marks of copies.

    `orders_shop_A.csv` and `orders_2025-11_shop_A (1).csv` are of `shop_A`; "" for
    `orders_2025.csv`.
    """
    known = {table: table for table in tables} | dict(names or {})
    table = table_for(file_name, tables, names)
    file = unicodedata.normalize("NFKC", file_name)
    ends = [
        found.end()
        for name, owner in known.items()
        if owner == table and (found := _begins_with(name).match(file.lower()))
    ]
    if not ends:
        return ""
    rest = re.sub(r"(?i)([.](csv|tsv|txt|xlsx|parquet|gz))+$", "", file[max(ends) :])
    rest = re.sub(r"[(]\d+[)]|副本|备份|copy", " ", rest)
    rest = re.sub(_DATE_IN_NAME, " ", rest)
    return re.sub(r"^[\s_.-]+|[\s_.-]+$", "", rest)


def nearest_name(file_name: str, names: Sequence[str]) -> str | None:
    """The table's name that was perhaps meant with a file's name."""
    stem = re.split(r"[.]", file_name.lower(), maxsplit=1)[0]
    inside = [name for name in names if name.lower() in stem]
    if inside:
        return max(inside, key=len)
    words = re.sub(r"[\W\d_]+$", "", stem)
    near = difflib.get_close_matches(words, [name.lower() for name in names], 1, 0.7)
    return next((name for name in names if near and name.lower() == near[0]), None)


def readable_name(path: Path) -> str:
    """The file's name as text, also where its bytes are no UTF-8 (zips of old Windows)."""
    raw = os.fsencode(path.name)
    for codec in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return raw.decode(codec)
    return raw.decode("utf-8", errors="backslashreplace")


@lru_cache
def _begins_with(name: str) -> re.Pattern:
    plain = unicodedata.normalize("NFKC", name).lower()
    letter = "[a-z]" if plain[-1].isascii() else "(?!副本|备份)[\u3400-\u9fff]"
    return re.compile(re.escape(plain).replace("_", r"[\W_]+") + f"(?!{letter})")


def clean_header(name: object) -> str:
    """A header name as columns are named: trimmed, in lower case."""
    return str("" if name is None else name).strip().strip(_INVISIBLE).strip().lower()


def known_names(row: Sequence[object], declared: Sequence[str]) -> int:
    """How many of the declared columns a row names."""
    return len({clean_header(name) for name in row} & {name.lower() for name in declared})


def header_position(rows: Sequence[Sequence[object]], declared: Sequence[str]) -> int:
    """Which of a table's first rows is the header: the first, unless titles stand above it.

    A row below the first must name two columns or more (all, where only one is declared): a
    title or a record may hold the name of one by chance.
    """
    if not known_names(rows[0], declared):
        for at, row in enumerate(rows):
            if known_names(row, declared) >= min(2, len(declared)):
                return at
    return 0


def titles_note(above: Sequence[str]) -> list[str]:
    """A remark on rows above the header, which are no records."""
    if not above:
        return []
    shown = "; ".join(repr(text[:40]) for text in above[:3])
    return [f"{len(above)} rows above the header are left out: {shown}"]


def match_header(
    raw_names: Sequence[object], declared: Sequence[str] | Mapping[str, str]
) -> list[str]:
    """The column name for each header cell; "" for cells behind the last named one.

    Declared names may be given with the names that the columns have in the table.
    A nameless cell before a named one (a written-out index, say) becomes `column_<n>`.
    Raises UnreadableFileError when names repeat, are reserved, or none is declared.
    """
    names = [clean_header(name) for name in raw_names]
    spelled = {name.lower(): name for name in declared}
    if isinstance(declared, Mapping):
        spelled = {name.lower(): column for name, column in declared.items()}
    if not any(name in spelled for name in names):
        raise UnreadableFileError(
            f"its first row has none of the table's columns. It has: {few(names)}. "
            f"Expected: {few(list(declared))}"
        )
    width = max(index for index, name in enumerate(names) if name) + 1
    columns = [
        spelled.get(name, name) or f"column_{index}"
        for index, name in enumerate(names[:width], start=1)
    ]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UnreadableFileError(f"its header names a column twice: {few(twice)}")
    reserved = [name for name in columns if name in RESERVED_COLUMNS]
    if reserved:
        raise UnreadableFileError(
            f"its header has {few(reserved)}, which landing adds itself: rename or remove it"
        )
    return columns + [""] * (len(names) - width)


def few(names: Sequence[str], limit: int = 12) -> str:
    """The first of the names, and how many more there are."""
    shown = ", ".join(name[:40] or "(no name)" for name in names[:limit])
    return shown + (f" and {len(names) - limit:,} more" if len(names) > limit else "")
