"""A list with names and phones as a file that its writer alone may read."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

from strata.actions.read import ActionList
from strata.errors import WRONG_USE, StrataError
from strata.files import write_aside
from strata.settings import Settings

# What makes a spreadsheet take a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def require_own_place(settings: Settings, file: Path) -> None:
    """Names and phones are never written below published/, which others read.

    Raises:
        StrataError: the file would lie there, or its folder does not exist.
    """
    folder = file.resolve().parent
    published = settings.published_dir.resolve()
    if folder == published or published in folder.parents:
        raise StrataError(
            f"{file} lies below {settings.published_dir.name}/, which others read.",
            "Names and phones go elsewhere: name another folder.",
            WRONG_USE,
        )
    if not folder.is_dir():
        raise StrataError(
            f"The folder {folder} does not exist.", "Make it, or name another.", WRONG_USE
        )


def write_list(file: Path, actions: ActionList) -> None:
    """The list as CSV or .xlsx, by the name's end; mode 600 from its first byte on.

    It replaces a file of that name as a whole, and what a killed command left beside it.
    """
    rows = [actions.headings, *([safe_cell(cell) for cell in row] for row in actions.rows)]
    if file.suffix.lower() == ".xlsx":
        content = _excel(rows)
    else:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        content = text.getvalue().encode("utf-8-sig")
    write_aside(file.resolve(), content)


def safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would compute gets an apostrophe before it."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return "'" + value
    return value


def _excel(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            cell = sheet.cell(number, place)
            cell.value = _printable(value) if isinstance(value, str) else value
            if isinstance(value, str):
                cell.data_type = "s"  # text, whatever it begins with
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n")
