"""The sheets of an Excel workbook that hold the table, as records of text."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from pathlib import Path
from typing import IO, NamedTuple

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from strata.landing.batches import Batch, table_of_rows
from strata.landing.excel_formats import Look, as_text, is_inexact, looks_of
from strata.landing.excel_package import Formulas, open_package
from strata.landing.naming import (
    HEADER_WITHIN,
    header_position,
    known_names,
    match_header,
    titles_note,
)
from strata.landing.report import UnreadableFileError, UnreadableRow

_BATCH_ROWS = 20_000


class Row(NamedTuple):
    """A row that holds something: its number, its cells, and formulas without a result."""

    number: int
    cells: tuple
    uncomputed: list[int]


@dataclass
class Sheet:
    """A sheet below its header, to be read once, row by row."""

    title: str
    columns: list[str]
    rows: Iterator[Row]
    looks: list[Look]
    notes: list[str] = field(default_factory=list)

    def batches(self) -> Iterator[Batch]:
        """The rows below the header; blank rows are no records."""
        named = sum(1 for name in self.columns if name)
        is_id = [name.endswith("_id") for name in self.columns[:named]]
        rows, numbers, unreadable, inexact = [], [], [], set()
        for number, cells, uncomputed in self.rows:
            texts = [
                as_text(cell.value, self._look(cell), at < named and is_id[at])
                for at, cell in enumerate(cells)
            ]
            texts += [""] * (named - len(texts))
            if reason := self._problem(texts[named:], uncomputed):
                unreadable.append(UnreadableRow(number, reason, "\t".join(texts)))
            else:
                rows.append(texts[:named])
                numbers.append(number)
                inexact.update(
                    at for at, cell in enumerate(cells[:named]) if is_inexact(cell.value)
                )
            if len(rows) + len(unreadable) == _BATCH_ROWS:
                yield Batch(table_of_rows(rows, numbers, named), unreadable)
                rows, numbers, unreadable = [], [], []
        yield Batch(table_of_rows(rows, numbers, named), unreadable)
        self.notes += [
            f"{self.columns[at]} holds numbers of more than 15 digits, which Excel rounds: "
            "format the column as text before typing them"
            for at in sorted(inexact)
        ]

    def _look(self, cell: object) -> Look:
        return self.looks[getattr(cell, "_style_id", 0)]

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
def open_sheets(path: Path, declared: Sequence[str]) -> Iterator[list[Sheet]]:
    """The visible sheets whose header fits, open for reading; the first has the remarks.

    Raises UnreadableFileError where the workbook cannot be used or no header fits.
    """
    with ExitStack() as opened:
        stream, formulas = opened.enter_context(open_package(path))
        books = [opened.enter_context(closing(_open(stream, values=True)))]
        looks = looks_of(books[0])
        if formulas.are_there:
            books.append(opened.enter_context(closing(_open(stream, values=False))))
        if not books[0].worksheets:
            raise UnreadableFileError("it has no worksheet")
        tops = [
            _Top.read(sheets, looks, formulas, declared)
            for sheets in zip(*(book.worksheets for book in books), strict=True)
        ]
        yield _chosen(tops, declared)


@dataclass
class _Top:
    """The first rows of a sheet: where its header is, and how many columns it knows."""

    title: str
    is_visible: bool
    above: list[str]
    header: list[str]
    known: int
    rows: Iterator[Row]
    looks: list[Look]

    @classmethod
    def read(
        cls,
        sheets: tuple[ReadOnlyWorksheet, ...],
        looks: list[Look],
        formulas: Formulas,
        declared: Sequence[str],
    ) -> "_Top":
        rows = _numbered_rows(sheets, formulas)
        first = list(islice(rows, HEADER_WITHIN))
        texts = [[as_text(cell.value) for cell in row.cells] for row in first]
        at = header_position(texts, declared) if texts else 0
        return cls(
            title=sheets[0].title,
            is_visible=sheets[0].sheet_state == "visible",
            above=[" ".join(filter(None, row)) for row in texts[:at]],
            header=texts[at] if texts else [],
            known=known_names(texts[at], declared) if texts else 0,
            rows=chain(first[at + 1 :], rows),
            looks=looks,
        )

    def sheet(self, declared: Sequence[str]) -> Sheet:
        columns = match_header(self.header, declared)
        return Sheet(self.title, columns, self.rows, self.looks, titles_note(self.above))


def _chosen(tops: list[_Top], declared: Sequence[str]) -> list[Sheet]:
    """The visible sheets whose header fits at least half as well as the best one's."""
    visible = [top for top in tops if top.is_visible]
    best = max((top.known for top in visible), default=0)
    hidden = ", ".join(repr(top.title) for top in tops if not top.is_visible and top.known)
    unhide = f"hidden sheets are not read: {hidden}. Unhide one if it holds data"
    if not best:
        shown = next((top for top in visible if top.header), None)
        if shown is None:
            raise UnreadableFileError(
                "no visible sheet of it holds anything" + (f"; {unhide}" if hidden else "")
            )
        try:
            match_header(shown.header, declared)
        except UnreadableFileError as error:
            raise UnreadableFileError(
                f"sheet {shown.title!r}: {error}" + (f"; {unhide}" if hidden else "")
            ) from error
    taken = [top for top in visible if top.known and 2 * top.known >= best]
    left = [top for top in visible if top not in taken and top.header]
    sheets = [top.sheet(declared) for top in taken]
    notes = [unhide] if hidden else []
    if left:
        titles = ", ".join(repr(top.title) for top in left)
        notes.append(f"sheets without the table's columns are not read: {titles}")
    if len(sheets) > 1 or (notes and len(tops) > 1):
        notes.insert(0, "sheets read: " + ", ".join(repr(sheet.title) for sheet in sheets))
    sheets[0].notes[:0] = notes
    return sheets


def _open(stream: IO[bytes], values: bool) -> openpyxl.Workbook:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(stream, read_only=True, data_only=values)
    except Exception as error:  # openpyxl lets the errors of zip, XML and its own out
        raise UnreadableFileError(f"it is a damaged workbook ({error})") from error


def _numbered_rows(sheets: tuple[ReadOnlyWorksheet, ...], formulas: Formulas) -> Iterator[Row]:
    """Rows that hold something.

    The second sheet, if there is one, is the same with formulas in place of their results.
    """
    for sheet in sheets:
        # The stored dimensions are wrong in many exports; without them all is read.
        sheet.reset_dimensions()
    values_of, *more = [sheet.iter_rows() for sheet in sheets]
    formulas_of = more[0] if more else repeat(())
    nothing = (None, "", 0) if formulas.zero_is_no_result else (None, "")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, (cells, made) in enumerate(
                zip(values_of, formulas_of, strict=False), start=1
            ):
                uncomputed = [
                    at
                    for at, (cell, formula) in enumerate(zip(cells, made, strict=False))
                    if formula.data_type == "f" and cell.value in nothing
                ]
                if uncomputed or not all(_is_blank(cell.value) for cell in cells):
                    yield Row(number, cells, uncomputed)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise UnreadableFileError(f"it is a damaged workbook ({error})") from error


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
