"""Physical lines of a CSV file into records, each with the number of its first line.

Bad records are set aside one by one; reading goes on with the line that follows.
"""

import csv
import re
from collections.abc import Iterator
from typing import IO

import pyarrow as pa

from strata.landing.batches import Batch, table_of_lines, table_of_rows
from strata.landing.csv_header import CsvShape, is_blank, parse_line
from strata.landing.lines import Lines, text_lines
from strata.landing.report import UnreadableRow

# A quoted field may span so many lines; beyond, its opening quote is taken for a stray one.
MAX_RECORD_LINES = 50
# A field that is quoted throughout or not at all, within one line. Nothing is tried twice.
_PLAIN_FIELD = r'(?:"[^"\r]*+(?:""[^"\r]*+)*+"|[^"\r{}]*+)'
# With so many columns, a line inside quotes that is itself a whole record is no coincidence.
_TELLING_WIDTH = 4


def csv_batches(stream: IO[bytes], encoding: str, shape: CsvShape) -> Iterator[Batch]:
    """The file's records in their order, a block of lines at a time, without the header."""
    pending = Lines(1, [])
    for block in text_lines(stream, encoding, shape.line_end):
        lines = _joined(pending, _below_header(block, shape.header_line))
        batch, used = _cut(lines, shape, is_last=False)
        yield batch
        pending = Lines(lines.first + used, lines.lines[used:])
    yield _cut(pending, shape, is_last=True)[0]


def _below_header(block: Lines, header_line: int) -> Lines:
    skipped = max(0, header_line - block.first + 1)
    damaged = {at - skipped: why for at, why in block.damaged.items() if at >= skipped}
    return Lines(block.first + skipped, block.lines[skipped:], damaged)


def _joined(pending: Lines, block: Lines) -> Lines:
    """The block with the lines that the block before has left over."""
    offset = len(pending.lines)
    damaged = {at + offset: why for at, why in block.damaged.items()}
    return Lines(block.first - offset, pending.lines + block.lines, damaged)


def _cut(block: Lines, shape: CsvShape, is_last: bool) -> tuple[Batch, int]:
    """The block's records, and how many of its lines they take.

    Lines are left over where a quoted field may go on in the next block. Lines that need
    no care are only sorted out here: Arrow cuts them, many times faster.
    """
    lines, damaged, first, width = block.lines, block.damaged, block.first, shape.width
    plain, plain_numbers, rows, numbers, unreadable = [], [], [], [], []
    separator, breaks = shape.separator, width - 1
    is_plain_width = width == len(shape.columns)
    field = _PLAIN_FIELD.format(re.escape(separator))
    is_well_quoted = re.compile(re.escape(separator).join([field] * width)).fullmatch
    resume, end = 0, len(lines)
    for at, line in enumerate(lines):
        if at < resume:
            continue
        text = line[:-1] if line[-1:] == "\r" else line
        if '"' in text:
            is_plain = is_well_quoted(text)
        else:
            is_plain = text.count(separator) == breaks and "\r" not in text
        if is_plain and is_plain_width and at not in damaged and (breaks or not is_blank(text)):
            plain.append(text)
            plain_numbers.append(first + at)
            continue
        if is_blank(text) and at not in damaged:
            continue
        fields, used, reason = _record(block, at, text, shape)
        if used == 0 and not is_last:
            end = at
            break
        if reason:
            unreadable.append(UnreadableRow(first + at, reason, text))
        else:
            rows.append(fields)
            numbers.append(first + at)
            resume = at + used
    table = table_of_lines(plain, plain_numbers, separator, len(shape.columns))
    if rows:
        others = table_of_rows(rows, numbers, len(shape.columns))
        table = pa.concat_tables([table, others]).sort_by("n")
    return Batch(table, unreadable), end


def _record(
    block: Lines, at: int, text: str, shape: CsvShape
) -> tuple[list[str], int, str | None]:
    """The fields of the record that begins at a line, the lines it takes, what is wrong.

    No lines (0): the block ends before a quote is closed.
    """
    if at in block.damaged:
        return [], 1, block.damaged[at]
    used = 1
    if '"' not in text:
        fields = text.split(shape.separator)
    else:
        fields = parse_line(text, shape.separator)
        if fields is None:
            fields, used, reason = _quoted(block, at, shape)
            if reason:
                return [], used, reason
    reason = None
    if len(fields) != shape.width:
        reason = f"it has {len(fields)} fields instead of {shape.width}"
    elif any(fields[len(shape.columns) :]):
        reason = "there is a value behind the last column that has a name"
    elif used > 2 and _swallows(block.lines[at + 1 : at + used - 1], shape):
        reason = "a quote is opened that would swallow whole records below this line"
    return fields, used, reason


def _quoted(block: Lines, at: int, shape: CsvShape) -> tuple[list[str], int, str | None]:
    """As `_record`, for quotes that do not add up within the line."""
    lines = block.lines
    limit = min(at + MAX_RECORD_LINES, len(lines))
    if block.damaged:
        limit = next((n for n in range(at, limit) if n in block.damaged), limit)
    reader = csv.reader(
        (lines[n] + shape.line_end for n in range(at, limit)),
        delimiter=shape.separator,
        strict=True,
    )
    try:
        fields = next(reader)
    except csv.Error as error:
        if "unexpected end of data" not in str(error):
            return [], 1, _in_words(error)
        is_cut_off = limit == len(lines) < at + MAX_RECORD_LINES
        reason = f"a quote is opened and not closed within {MAX_RECORD_LINES} lines"
        return [], 0 if is_cut_off else 1, reason
    return fields, reader.line_num, None


def _swallows(inner: list[str], shape: CsvShape) -> bool:
    """Whether a line inside a quoted field is itself a whole record."""
    return shape.width >= _TELLING_WIDTH and any(
        line.count(shape.separator) == shape.width - 1 for line in inner
    )


def _in_words(error: csv.Error) -> str:
    message = str(error)
    if "expected after" in message:
        return "there is text behind a closing quote"
    if "field limit" in message:
        return f"a field is longer than {csv.field_size_limit():,} characters"
    return "there is a line break outside of quotes"
