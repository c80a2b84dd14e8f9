"""An Excel file before it is opened: its size unpacked, its dialect, its formulas."""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from strata.landing.caps import MAX_CELL_CHARACTERS, MAX_SHEET_BYTES, MAX_TEXTS_BYTES
from strata.landing.report import UnreadableFileError

_BLOCK = 1 << 20
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_TRANSITIONAL = {
    _STRICT: b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
    b"http://purl.oclc.org/ooxml/drawingml/main": (
        b"http://schemas.openxmlformats.org/drawingml/2006/main"
    ),
}
# Text between two marks: a cell of 32,767 characters, each of them escaped, is shorter.
_LONG_TEXT = re.compile(rb"[^<]{%d}" % (MAX_CELL_CHARACTERS * 12))
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_RESULT = re.compile(
    rb"<(?:\w+:)?f[ />][^<]*(?:</(?:\w+:)?f>)?\s*<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>"
)
_CALCULATES_ON_LOAD = re.compile(rb"calcPr[^>]*fullCalcOnLoad=\"(?:1|true)\"")


@contextmanager
def open_package(path: Path) -> Iterator[tuple[IO[bytes], "Formulas"]]:
    """The file's bytes as openpyxl reads them, and what is known of its formulas.

    A workbook in Strict Open XML is rewritten in the usual names. Raises UnreadableFileError
    for one that is damaged or expands beyond measure.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            formulas = _look_through(archive)
            is_strict = _STRICT in archive.read("xl/workbook.xml")
    except (zipfile.BadZipFile, zipfile.zlib.error, KeyError, OSError) as error:
        raise UnreadableFileError(f"it is a damaged workbook ({error})") from error
    with path.open("rb") as stream, tempfile.TemporaryFile() as rewritten:
        if is_strict:
            _rewrite(path, rewritten)
        # Given a path, openpyxl would judge the file by its extension.
        yield rewritten if is_strict else stream, formulas


class Formulas:
    """Whether a workbook has formulas, and whether anything has ever computed them."""

    def __init__(self) -> None:
        self.are_there = False
        self.is_calculated_on_load = False
        self.has_results = False

    @property
    def zero_is_no_result(self) -> bool:
        """Programs write 0 as the result and leave the computing to Excel."""
        return self.is_calculated_on_load and not self.has_results


def _look_through(archive: zipfile.ZipFile) -> Formulas:
    formulas = Formulas()
    book = archive.read("xl/workbook.xml")
    formulas.is_calculated_on_load = bool(_CALCULATES_ON_LOAD.search(book))
    for entry in archive.infolist():
        is_sheet = entry.filename.startswith("xl/worksheets/")
        if not is_sheet and entry.filename != "xl/sharedStrings.xml":
            continue
        if entry.file_size > (MAX_SHEET_BYTES if is_sheet else MAX_TEXTS_BYTES):
            raise UnreadableFileError(
                f"{entry.filename} expands to {entry.file_size / 2**30:,.1f} GB. "
                "Deliver the table as CSV or Parquet"
            )
        if entry.filename.endswith(".xml"):
            with archive.open(entry) as stream:
                _look_through_part(stream, entry.filename, formulas)
    return formulas


def _look_through_part(stream: IO[bytes], name: str, formulas: Formulas) -> None:
    kept = b""
    while block := stream.read(_BLOCK):
        text = kept + block
        if _LONG_TEXT.search(text):
            raise UnreadableFileError(
                f"a cell ({name}) holds more than the {MAX_CELL_CHARACTERS:,} characters that "
                "Excel allows. Shorten it, or deliver the table as CSV or Parquet"
            )
        if not formulas.are_there:
            formulas.are_there = bool(_FORMULA.search(text))
        if formulas.are_there and not formulas.has_results:
            formulas.has_results = any(
                result not in (b"", b"0") for result in _RESULT.findall(text)
            )
        # A text or a formula may go on in the next block.
        kept = text[-MAX_CELL_CHARACTERS * 12 :]


def _rewrite(path: Path, target: IO[bytes]) -> None:
    """The package with the usual names in place of those of Strict Open XML."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for entry in source.infolist():
            content = source.read(entry)
            for strict, usual in _TRANSITIONAL.items():
                content = content.replace(strict, usual)
            copy.writestr(entry.filename, content)
    target.seek(0)
