"""One flat file of transactions: which column is what, guessed from names and values.

A guess is shown and confirmed before anything is loaded; a header that was confirmed once is
read alike from then on.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from strata.errors import WRONG_USE, StrataError
from strata.landing.batches import Batch
from strata.landing.csv_header import read_shape
from strata.landing.csv_records import csv_batches
from strata.landing.encodings import TRIED, detect_encoding
from strata.landing.excel import open_sheets
from strata.landing.flat_doubts import (
    customer_doubts,
    is_told_once,
    money_doubts,
    order_total,
    total_doubts,
)
from strata.landing.flat_names import (
    OPTIONS,
    elsewhere,
    hints,
    names,
    says_what_counts,
    says_what_was_given_back,
)
from strata.landing.kinds import kind_of, open_text
from strata.landing.naming import clean_header, few, readable_name
from strata.landing.parquet import read_parquet
from strata.landing.report import UnreadableFileError
from strata.landing.sql import identifier
from strata.landing.tables import ROWS_PER_FILE, RawTable

SOURCE = TABLE = "transactions"
STYLE = "date_style"  # the raw column that says how a file writes its days
NONE = "none"  # said for a column that a file does not have
_SAMPLE = 2_000  # rows by which a guess is judged
_ENOUGH = 0.8  # the share of their values that must fit
_UNTIL_SURE = 200_000  # rows that are asked in which order days and months stand
SHORT_DAY = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{1,2})\b")
_LONG_DAY = re.compile(r"\s*\d{4}([/.\-年]\d{1,2}[/.\-月]\d{1,2}|\d{4})")
_NAMED_DAY = re.compile(r"\s*(\d{1,2}[ -])?[a-z]{3,9}[ -]", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[-+]?[\d. ]*\d,\d{1,2}")
_ORDER_NUMBER = re.compile(r"#\w*\d")  # as shops write it, whatever they call its column
_NUMBER = re.compile(r"\(?[-+]?\s*[¥￥$£€]?\s*[-+]?[\d,]*\.?\d+\s*元?\)?")

_KNOWN_HEADERS = """
create schema if not exists landing;
create table if not exists landing.flat_headers (
    header varchar not null,
    columns varchar not null,
    confirmed_at timestamp not null,
);
"""


@dataclass
class Reading:
    """How a file is read: {column of the raw table: column of the file}, and what is guessed.

    `style` is how it writes days: year_first, day_first, month_first or month_named;
    `is_style_sure` is false where no value tells day and month apart. `doubts`: what of its
    values may be read wrongly.
    """

    path: Path
    header: list[str]
    columns: dict[str, str] = field(default_factory=dict)
    guessed: set[str] = field(default_factory=set)
    samples: dict[str, list[str]] = field(default_factory=dict)
    style: str = "year_first"
    is_style_sure: bool = True
    is_known: bool = False
    doubts: list[str] = field(default_factory=list)

    @property
    def unused(self) -> list[str]:
        """The file's columns that are kept in the raw table and read by nothing."""
        return [name for name in self.header if name not in self.columns.values()]

    @property
    def states(self) -> list[str]:
        """Unused columns that may say which rows count."""
        return [name for name in self.unused if says_what_counts(plain(name))]

    @property
    def given_back(self) -> list[str]:
        """Unused columns that may say what was given back."""
        return [name for name in self.unused if says_what_was_given_back(plain(name))]

    @property
    def needs_word(self) -> bool:
        """Whether a person has to confirm it."""
        return not self.is_known and bool(self.guessed or not self.is_style_sure)

    @property
    def told(self) -> str:
        """The reading in one line."""
        columns = ", ".join(f"{column} = {name}" for column, name in self.columns.items())
        return f"read as {columns}; days {self.style.replace('_', ' ')}"

    @property
    def declared(self) -> dict[str, str]:
        """Every column of the file with its name in the raw table."""
        wanted = {name: column for column, name in self.columns.items()}
        taken = {*OPTIONS, STYLE}
        return {
            name: wanted.get(name, f"given_{name}" if name in taken else name)
            for name in self.header
        }


def plain(name: str) -> str:
    """A column's name without case, spaces, signs and what stands in brackets."""
    folded = unicodedata.normalize("NFKC", name).lower()
    bare = re.sub(r"[\s_\-./#:*'\"?]", "", re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", folded))
    return bare or folded


def read_columns(
    path: Path,
    asked: Mapping[str, str],
    known: Mapping[str, Mapping[str, str]],
    style: str | None = None,
) -> Reading:
    """How the file is read. `asked`: columns that the user named; `known`: confirmed headers.

    Raises StrataError where a named column is not there, or a needed one is not found.
    """
    try:
        header, rows = first_rows(path, asked)
    except (UnreadableFileError, OSError) as error:
        why, *expected = str(error).split(". Expected:")
        raise StrataError(
            f"{readable_name(path)} cannot be read as transactions: {why}.",
            "Its header must name the customer, the day and the amount. Say how it names them:"
            " --customer COL --date COL --amount COL."
            if expected
            else "Mend the file, then load it again.",
        ) from error
    reading = Reading(path, header)
    for column, name in asked.items():
        if plain(name) != NONE:
            reading.columns[column] = _named(name, reading, OPTIONS[column])
    before = known.get(header_key(header), {})
    if before and all(before.get(column) == name for column, name in reading.columns.items()):
        reading.columns, reading.is_known = dict(before), True
    else:
        _guess(reading, rows, asked)
    _require(reading, rows)
    for column, name in reading.columns.items():
        reading.samples[column] = list(dict.fromkeys(_values(rows, header.index(name))))[:3]
    days = rows.column(header.index(reading.columns["order_date"])).to_pylist()
    reading.style, reading.is_style_sure = (style, True) if style else date_style(days)
    reading.doubts = _doubts(reading, rows)
    return reading


def date_style(values: Iterable[str | None]) -> tuple[str, bool]:
    """How days are written, and whether some value tells day and month apart.

    With years of two digits the end that varies more is the day: `24/3/5`.
    """
    parts: list[tuple[str, ...]] = []
    named = 0
    for value in values:
        if value and (found := SHORT_DAY.match(value)):
            parts.append(found.groups())
        elif value and _NAMED_DAY.match(value):
            named += 1
    if named > len(parts):
        return "month_named", True
    if not parts:
        return "year_first", True
    ends = [set(map(int, numbers)) for numbers in zip(*parts, strict=True)]
    first, second, third = (max(numbers) for numbers in ends)
    if second > 12 >= first:
        return "month_first", True
    may_turn = all(len(part[0]) == 2 for part in parts) and third <= 31 and second <= 12
    if may_turn and len(ends[2]) > len(ends[0]):
        return "year_first", True
    return "day_first", first > 12 >= second and not (may_turn and len(ends[2]) == len(ends[0]))


def header_key(header: Sequence[str]) -> str:
    """A header as one text."""
    return json.dumps(sorted(header), ensure_ascii=False)


def confirmed_headers(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Headers that were loaded before: their columns by what they are."""
    try:
        rows = connection.execute(
            "select header, columns from landing.flat_headers order by confirmed_at"
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    return {header: json.loads(columns) for header, columns in rows}


def record_headers(
    connection: duckdb.DuckDBPyConnection, readings: Sequence[Reading], moment: str
) -> None:
    """Keeps how the headers of files are read that were loaded."""
    for reading in readings:
        connection.execute(_KNOWN_HEADERS)
        connection.execute(
            "insert into landing.flat_headers values (?, ?, ?::timestamp)",
            [
                header_key(reading.header),
                json.dumps(reading.columns, ensure_ascii=False),
                moment,
            ],
        )


def repetitions(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, first_file: int
) -> list[str]:
    """What files from an id on have in common with those before, or sheets with each other:
    what counts twice, or once.
    """
    cells = [f"coalesce(cast({identifier(name)} as varchar), '')" for name in OPTIONS]
    found = connection.execute(
        f"with cells as (select _row_id // {ROWS_PER_FILE} as file, order_id, _file,"
        " min(_row_id) over (partition by file, _file) as part,"
        f" hash(order_id, customer_id, order_date) as sale, hash({', '.join(cells)}) as line"
        f" from {raw.name} where customer_id is not null),"
        " standing as (select * from cells"
        " where file not in (select file_id from landing.withdrawn_files)),"
        " compared as (select *, part > min(part) over (partition by line) as is_again,"
        " part > min(part) over (partition by sale) as is_of_before from standing)"
        " select _file, order_id is not null, count(*), count(*) filter (where is_again),"
        " count(distinct sale) filter (where is_of_before and not is_again) from compared"
        f" where file >= {first_file} group by all having bool_or(is_of_before)"
        " order by min(file), 2"
    )
    told = []
    for name, has_number, rows, again, changed in found.fetchall():
        same = f"{name}: {again:,} of its {rows:,} rows stand in earlier files or sheets too"
        if again and has_number:
            told.append(f"{same}, with the same order number. They count once")
        elif again:
            told.append(
                f"{same}. They have no order number, so that they count again. If it repeats an"
                f" earlier file: strata withdraw --source {SOURCE} and the name of one of them."
                " If a sheet repeats others, hide it and load the file again (strata load"
                " --replace)"
            )
        if changed and has_number:
            told.append(
                f"{name}: {changed:,} orders of earlier files or sheets have further lines in"
                " it. All lines count. If it corrects an earlier file: strata withdraw --source"
                f" {SOURCE} and the earlier one's name"
            )
    return told


def first_rows(path: Path, asked: Mapping[str, str]) -> tuple[list[str], pa.Table]:
    """The file's column names, and its first rows as texts in columns of that order."""
    if not path.is_file():
        raise UnreadableFileError("it is not there")
    kind = kind_of(path)
    if kind == "parquet":
        return _first_of_parquet(path)
    known = [*_spellings(), *asked.values()]
    if kind == "xlsx":
        with open_sheets(path, known) as sheets:
            header = [name for name in sheets[0].columns if name]
            return header, _first(sheets[0].batches())
    with open_text(path, kind) as stream:
        encoding = detect_encoding(stream).name
    with open_text(path, kind, encoding) as stream:
        try:
            shape = read_shape(stream, encoding, known)
        except UnreadableFileError:  # no known name: then the first line is the header
            stream.seek(0)
            line = stream.read(65_536).decode(encoding, errors="replace").splitlines()[0]
            cells = [clean_header(cell) for cell in re.split(r"[,;\t|]", line)]
            shape = read_shape(stream, encoding, [cell.strip('"') for cell in cells if cell])
        stream.seek(0)
        batches = csv_batches(stream, encoding, shape)
        return list(shape.columns), _first(batches)


def _first_of_parquet(path: Path) -> tuple[list[str], pa.Table]:
    with duckdb.connect() as aside:
        try:
            named = pq.read_schema(path).names
        except pa.ArrowException as error:
            raise UnreadableFileError("it is a damaged Parquet file") from error
        content = read_parquet(aside, path, named)
        header = [clean_header(name) for name in named]
        every = ", ".join(
            f"cast({column.expression} as varchar) as {identifier(f'c{at}')}"
            for at, column in enumerate(content.columns)
        )
        rows = f"select {every} from {content.relation} limit {_UNTIL_SURE}"
        return header, aside.execute(rows).to_arrow_table()


def _spellings() -> list[str]:
    """The known names as headers spell them."""
    return [
        name.replace("_", sign)
        for spelled in names().values()
        for name in spelled
        for sign in ("_", " ", "", "-", ".")
    ]


def _first(batches: Iterable[Batch]) -> pa.Table:
    taken, rows, unreadable = [], 0, []
    for batch in batches:
        taken.append(batch.table)
        rows += batch.table.num_rows
        unreadable += batch.unreadable[:1]
        if rows >= _UNTIL_SURE:
            break
    if unreadable and not rows:
        raise UnreadableFileError(
            f"no row of it can be read; row {unreadable[0].row_number}: {unreadable[0].reason}."
            f" Text is read as {TRIED}"
        )
    return pa.concat_tables(taken).slice(0, _UNTIL_SURE)


def _values(rows: pa.Table, at: int, most: int = _SAMPLE) -> list[str]:
    """The column's values that say something."""
    return [
        text for text in rows.column(at).slice(0, most).to_pylist() if text and text.strip()
    ]


def _named(name: str, reading: Reading, option: str) -> str:
    """The file's column that an option names, however it is spelled."""
    for same in (clean_header, plain):
        found = [column for column in reading.header if same(column) == same(name)]
        if len(found) == 1:
            return found[0]
    raise StrataError(
        f"{readable_name(reading.path)} has no column {name!r}. It has:"
        f" {few(reading.header, 40)}.",
        f"Name one of them after {option}, or {NONE} if there is no such column.",
        WRONG_USE,
    )


def _guess(reading: Reading, rows: pa.Table, asked: Mapping[str, str]) -> None:
    """Finds what was not named: by the names that are known, if the values fit.

    What repeats the total of an order on each of its rows is an amount for want of a better.
    """
    totals: list[str] = []
    for column in names():
        if column in asked or (
            column == "unit_price"
            and "net_amount" in reading.columns
            and not _is_told_once(reading, rows, reading.columns["net_amount"])
        ):
            continue
        for name in _candidates(column, reading, rows):
            if not _fits(column, _values(rows, reading.header.index(name))):
                continue
            if column == "net_amount" and _order_total(reading, rows, name):
                totals.append(name)
                continue
            reading.columns[column] = name
            reading.guessed.add(column)
            break
    if totals and not reading.columns.keys() & {"net_amount", "unit_price"}:
        reading.columns["net_amount"] = totals[0]
        reading.guessed.add("net_amount")


def _candidates(column: str, reading: Reading, rows: pa.Table) -> list[str]:
    """Columns of the file that may be it, the likeliest first."""
    free = {plain(name): name for name in reversed(reading.unused)}
    known = [plain(name) for name in names()[column]]
    found = [free[name] for name in known if name in free]
    if column == "order_id" and not found:
        found = [
            name
            for name in free.values()
            if (values := _values(rows, reading.header.index(name)))
            and all(map(_ORDER_NUMBER.match, values))
        ]
    for name in free.values() if column in hints() else ():
        is_hinted = any(part in plain(name) for part in hints()[column])
        if (
            is_hinted
            and name not in found
            and not any(part in plain(name) for part in elsewhere())
        ):
            found.append(name)
    return found


def _fits(column: str, values: list[str]) -> bool:
    """Whether most values can be what the column is; a column without any is none."""
    if not values:
        return False
    if column == "order_date":
        fitting = [v for v in values if _LONG_DAY.match(v) or _is_short_day(v)]
    elif column in ("net_amount", "quantity", "unit_price", "unit_cost", "cost_amount"):
        fitting = [v for v in values if _NUMBER.fullmatch(v.strip())]
    else:
        return True
    return len(fitting) >= _ENOUGH * len(values)


def _doubts(reading: Reading, rows: pa.Table) -> list[str]:
    """What is read wrongly if it is not what it seems to be."""
    columns = reading.columns
    customer, money = (
        columns["customer_id"],
        columns.get("net_amount", columns.get("unit_price")),
    )
    return [
        *customer_doubts(
            customer, plain(customer), _values(rows, reading.header.index(customer))
        ),
        *total_doubts(money, _order_total(reading, rows, money)),
        *(
            [f"{money} stands once an order: its rows share it, by price × quantity if known"]
            if _is_told_once(reading, rows, money)
            else []
        ),
        *money_doubts(money, _values(rows, reading.header.index(money))),
    ]


def _order_total(reading: Reading, rows: pa.Table, name: str) -> str:
    if "order_id" not in reading.columns or name == reading.columns.get("unit_price"):
        return ""
    at = [reading.header.index(column) for column in (reading.columns["order_id"], name)]
    return order_total(*(rows.column(place) for place in at))


def _is_told_once(reading: Reading, rows: pa.Table, name: str) -> bool:
    """Whether an amount stands on one row of an order, for all of them."""
    if "order_id" not in reading.columns or name == reading.columns.get("unit_price"):
        return False
    at = [reading.header.index(column) for column in (reading.columns["order_id"], name)]
    return is_told_once(*(rows.column(place) for place in at))


def _is_short_day(value: str) -> bool:
    return bool(SHORT_DAY.match(value) or _NAMED_DAY.match(value))


def _require(reading: Reading, rows: pa.Table) -> None:
    """Raises StrataError where the customer, the day or the amount is not found."""
    there = reading.columns
    missing = [
        OPTIONS[column]
        for column in ("customer_id", "order_date", "net_amount")
        if column not in there and not (column == "net_amount" and "unit_price" in there)
    ]
    if not missing:
        return
    commas = [
        f"{name} has decimal commas ({values[0]}): save the file with decimal points. "
        for at, name in enumerate(reading.header)
        if (values := _values(rows, at)) and all(map(_DECIMAL_COMMA.fullmatch, values))
    ]
    shown = "; ".join(
        f"{name} ({', '.join(_values(rows, at)[:2]) or 'empty'})"
        for at, name in enumerate(reading.header)
    )
    raise StrataError(
        f"{readable_name(reading.path)}: no column looks like {' and '.join(missing)}. It has:"
        f" {shown[:2000]}.",
        "".join(commas if "--amount" in missing else [])
        + "Say which one it is: "
        + " ".join(f"{option} COL" for option in missing)
        + ". Without a column of amounts, --quantity COL --price COL are multiplied.",
        WRONG_USE,
    )
