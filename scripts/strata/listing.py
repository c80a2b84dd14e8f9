"""Lists for a spreadsheet: what a source delivered is shown there, never computed."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from strata.files import write_aside

# What a spreadsheet takes for the beginning of a formula, also in full width.
_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")


def plain_cell(value: Any) -> Any:
    """The value; a text that a spreadsheet would compute has an apostrophe before it.

    Numbers and days are no texts: -5 stays a number.
    """
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def write_csv(file: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A CSV file with a byte order mark, so that Excel reads Chinese. Raises OSError."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(plain_cell, names))
    writer.writerows(map(plain_cell, row) for row in rows)
    write_aside(file, text.getvalue().encode("utf-8-sig", errors="replace"))
