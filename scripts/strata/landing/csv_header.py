"""The first lines of a CSV file: separator, line end, columns and the records' width."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from strata.landing import blocks
from strata.landing.lines import Lines, text_lines
from strata.landing.naming import (
    HEADER_WITHIN,
    clean_header,
    header_position,
    match_header,
)
from strata.landing.report import UnreadableFileError

_SEPARATORS = ",;\t|"
_SEPARATOR_HINT = re.compile(r'"?sep=.?"?', re.IGNORECASE)
_SAMPLE_LINES = 100
_BLANK = " \r\x1a"


@dataclass(frozen=True)
class CsvShape:
    """How a file is to be cut into records.

    `columns` are the named columns; a record has `width` fields, of which those beyond the
    named ones must be empty (a separator at the end of each line). `above` are the titles
    above the header.
    """

    separator: str
    line_end: str
    header_line: int
    columns: tuple[str, ...]
    width: int
    above: tuple[str, ...] = ()


def is_blank(line: str) -> bool:
    """Whether a line holds nothing: no record, not even an empty one."""
    return not line.strip(_BLANK)


def parse_line(line: str, separator: str) -> list[str] | None:
    """The fields of one physical line, or None where its quotes do not add up."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), None)
    except csv.Error:
        return None


def read_shape(stream: IO[bytes], encoding: str, declared: Sequence[str]) -> CsvShape:
    """The file's shape. Raises UnreadableFileError where its header cannot be used."""
    start = stream.read(blocks.BLOCK_BYTES)
    stream.seek(0)
    line_end = "\r" if b"\r" in start and b"\n" not in start else "\n"
    block = next(text_lines(stream, encoding, line_end), Lines(1, b""))
    known = min(len(block), HEADER_WITHIN + _SAMPLE_LINES)
    lines = [block.line(at).removesuffix("\r") for at in range(known)]
    at, above = _header_position(lines, declared)
    if at in block.damaged:
        raise UnreadableFileError(f"its header cannot be read: {block.damaged[at]}")
    separator, names = _split_header(lines[at], declared)
    columns = match_header(names, declared)
    named = sum(1 for name in columns if name)
    sample = [
        fields
        for line in lines[at + 1 : at + 1 + _SAMPLE_LINES]
        if not is_blank(line) and (fields := parse_line(line, separator))
    ]
    return CsvShape(
        separator,
        line_end,
        block.first + at,
        tuple(columns[:named]),
        _width(named, len(columns), sample),
        tuple(above),
    )


def _header_position(lines: list[str], declared: Sequence[str]) -> tuple[int, list[str]]:
    """Where the header stands, and the titles above it; blank lines and `sep=;` are neither."""
    filled = [
        at
        for at, line in enumerate(lines)
        if not is_blank(line) and not _SEPARATOR_HINT.fullmatch(line.strip())
    ][:HEADER_WITHIN]
    if not filled:
        raise UnreadableFileError("it is empty")
    rows = [_split_header(lines[at], declared, strict=False)[1] for at in filled]
    found = header_position(rows, declared)
    return filled[found], [lines[at].strip() for at in filled[:found]]


def _split_header(
    line: str, declared: Sequence[str], strict: bool = True
) -> tuple[str, list[str]]:
    """The separator that brings out most declared columns, and the header's names.

    A separator that only data use cannot win: the header alone decides. A line with broken
    quotes has no names, and is refused where `strict`.
    """
    known = {column.lower() for column in declared}
    best: tuple[tuple[int, int], str, list[str]] | None = None
    for separator in _SEPARATORS:
        names = parse_line(line, separator)
        if names is not None:
            fit = (len(known & {clean_header(name) for name in names}), len(names))
            if best is None or fit > best[0]:
                best = (fit, separator, names)
    if best is None and not strict:
        return "", []
    if best is None:
        raise UnreadableFileError(f"its header has broken quotes: {line[:200]}")
    return best[1], best[2]


def _width(named: int, total: int, sample: list[list[str]]) -> int:
    """Fields of a record: as the header says, unless the lines below agree on other blanks.

    Exporters end either the header or the data lines with a separator, not always both.
    """
    if sample:
        usual = Counter(len(fields) for fields in sample).most_common(1)[0][0]
        if usual >= named and not any(
            any(fields[named:]) for fields in sample if len(fields) == usual
        ):
            return usual
    return total
