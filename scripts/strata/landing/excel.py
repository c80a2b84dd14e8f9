"""The first sheet of an Excel workbook as records of text."""

import datetime
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from typing import IO

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from strata.landing.batches import Batch, table_of_rows
from strata.landing.naming import match_header
from strata.landing.report import UnreadableFileError, UnreadableRow

_BATCH_ROWS = 20_000
# Excel keeps 15 significant digits: a longer number has already lost its end.
_EXACT_BELOW = 10**15


@dataclass
class Sheet:
    """A workbook's first sheet below its header, to be read once, row by row."""

    columns: list[str]
    rows: Iterator[tuple[int, tuple, list[int]]]
    notes: list[str] = field(default_factory=list)

    def batches(self) -> Iterator[Batch]:
        """The rows below the header; blank rows are no records."""
        named = sum(1 for name in self.columns if name)
        rows, numbers, unreadable, inexact = [], [], [], set()
        for number, values, uncomputed in self.rows:
            texts = [as_text(value) for value in values]
            texts += [""] * (named - len(texts))
            if reason := self._problem(texts[named:], uncomputed):
                unreadable.append(UnreadableRow(number, reason, "\t".join(texts)))
            else:
                rows.append(texts[:named])
                numbers.append(number)
                inexact.update(at for at, v in enumerate(values[:named]) if _is_inexact(v))
            if len(rows) + len(unreadable) == _BATCH_ROWS:
                yield Batch(table_of_rows(rows, numbers, named), unreadable)
                rows, numbers, unreadable = [], [], []
        yield Batch(table_of_rows(rows, numbers, named), unreadable)
        self.notes += [
            f"{self.columns[at]} holds numbers of more than 15 digits, which Excel rounds: "
            "format the column as text before typing them"
            for at in sorted(inexact)
        ]

    def _problem(self, surplus: list[str], uncomputed: list[int]) -> str | None:
        if uncomputed:
            column = self.columns[uncomputed[0]] if uncomputed[0] < len(self.columns) else ""
            return (
                f"the formula in {column or 'a column without a name'} has no stored result: "
                "open the workbook in Excel and save it"
            )
        if any(surplus):
            return "there is a value behind the last column that has a name"
        return None


@contextmanager
def open_sheet(path: Path, declared: Sequence[str]) -> Iterator[Sheet]:
    """The workbook's first sheet, open for reading.

    Raises UnreadableFileError where the workbook or its header cannot be used.
    """
    with ExitStack() as opened:
        # Given a path, openpyxl would judge the file by its extension.
        stream = opened.enter_context(path.open("rb"))
        books = [opened.enter_context(closing(_open(stream, values=True)))]
        if _has_formulas(path):
            books.append(opened.enter_context(closing(_open(stream, values=False))))
        sheets = books[0].worksheets
        if not sheets:
            raise UnreadableFileError("it has no worksheet")
        rows = _numbered_rows([book.worksheets[0] for book in books])
        header = next(rows, None)
        if header is None:
            raise UnreadableFileError("its first sheet is empty")
        columns = match_header([as_text(value) for value in header[1]], declared)
        sheet = Sheet(columns, rows)
        if len(sheets) > 1:
            only = f"{len(sheets)} sheets; only the first, {sheets[0].title!r}, was read"
            sheet.notes.append(only)
        yield sheet


def _open(stream: IO[bytes], values: bool) -> openpyxl.Workbook:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(stream, read_only=True, data_only=values)
    except Exception as error:  # openpyxl lets the errors of zip, XML and its own out
        raise UnreadableFileError(f"it is a damaged workbook ({error})") from error


def _numbered_rows(sheets: list[ReadOnlyWorksheet]) -> Iterator[tuple[int, tuple, list[int]]]:
    """Rows that hold something: number, values, positions of formulas without result.

    The second sheet, if there is one, is the same with formulas in place of their results.
    """
    for sheet in sheets:
        # The stored dimensions are wrong in many exports; without them all is read.
        sheet.reset_dimensions()
    values_of, *more = [sheet.iter_rows(values_only=True) for sheet in sheets]
    formulas_of = more[0] if more else repeat(())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, (values, formulas) in enumerate(
                zip(values_of, formulas_of, strict=False), start=1
            ):
                uncomputed = [
                    at
                    for at, (value, formula) in enumerate(zip(values, formulas, strict=False))
                    if value is None and isinstance(formula, str) and formula[:1] == "="
                ]
                if uncomputed or any(value not in (None, "") for value in values):
                    yield number, values, uncomputed
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise UnreadableFileError(f"it is a damaged workbook ({error})") from error


def as_text(value: object) -> str:
    """A cell as text: ISO dates (with a time only where there is one), numbers as typed."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime.datetime():
            is_day = value.time() == datetime.time()
            return value.date().isoformat() if is_day else value.isoformat(" ")
        case float() if value.is_integer() and abs(value) < _EXACT_BELOW:
            return str(int(value))
        case float():
            return format(Decimal(repr(value)), "f")
        case _:
            return str(value)


def _is_inexact(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) >= _EXACT_BELOW


def _has_formulas(path: Path) -> bool:
    """Whether a worksheet's XML holds a formula: only then the workbook is read twice."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with archive.open(name) as stream:
                    end = b""
                    while block := stream.read(1 << 20):
                        if b"<f>" in end + block or b"<f " in end + block:
                            return True
                        end = block[-2:]
    return False
