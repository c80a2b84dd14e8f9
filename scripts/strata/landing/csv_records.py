"""Physical lines of a CSV file into records, each with the number of its first line.

Bad records are set aside one by one; reading goes on with the line that follows.
"""

import csv
from collections.abc import Iterator
from typing import IO

import numpy as np
import pyarrow as pa

from strata.landing.batches import Batch, table_of_lines, table_of_rows
from strata.landing.csv_header import CsvShape, is_blank, parse_line
from strata.landing.lines import Lines, text_lines
from strata.landing.plain_lines import plain_lines
from strata.landing.report import UnreadableRow

# A quoted field may span so many lines; beyond, its opening quote is taken for a stray one.
MAX_RECORD_LINES = 50
# With so many columns, a line inside quotes that is itself a whole record is no coincidence.
_TELLING_WIDTH = 4


def csv_batches(stream: IO[bytes], encoding: str, shape: CsvShape) -> Iterator[Batch]:
    """The file's records in their order, a block of lines at a time, without the header."""
    pending = Lines(1, b"", shape.line_end.encode())
    for block in text_lines(stream, encoding, shape.line_end):
        skipped = max(0, shape.header_line - block.first + 1)
        lines = pending.joined(block.below(skipped) if skipped else block)
        batch, used = _cut(lines, shape, is_last=False)
        yield batch
        pending = lines.below(used)
    yield _cut(pending, shape, is_last=True)[0]


def _cut(block: Lines, shape: CsvShape, is_last: bool) -> tuple[Batch, int]:
    """The block's records, and how many of its lines they take.

    Lines are left over where a quoted field may go on in the next block. Lines that need
    no care go to Arrow as they are; the others are looked at one by one.
    """
    width, end = len(shape.columns), len(block)
    if shape.width == width:
        is_plain = plain_lines(block, shape.separator, width)
    else:
        is_plain = np.zeros(len(block), bool)
    rows, numbers, unreadable, resume = [], [], [], 0
    for at in np.flatnonzero(~is_plain).tolist():
        if at < resume:
            continue
        text = block.line(at).removesuffix("\r")
        if is_blank(text) and at not in block.damaged:
            continue
        fields, used, reason = _record(block, at, text, shape)
        if used == 0 and not is_last:
            end = at
            is_plain[at:] = False
            break
        if reason:
            unreadable.append(UnreadableRow(block.first + at, reason, text))
        else:
            rows.append(fields)
            numbers.append(block.first + at)
            resume = at + used
            is_plain[at:resume] = False
    plain = np.flatnonzero(is_plain)
    table = table_of_lines(
        _chosen(block, is_plain), plain + block.first, shape.separator, width
    )
    if rows:
        others = table_of_rows(rows, numbers, width)
        table = pa.concat_tables([table, others]).sort_by("n")
    return Batch(table, unreadable), end


def _chosen(block: Lines, is_chosen: np.ndarray) -> bytes:
    """The text of the chosen lines."""
    if is_chosen.all():
        return block.data
    lengths = block.ends + 1 - block.starts
    return block.codes[np.repeat(is_chosen, lengths)].tobytes()


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
    elif used > 2 and _swallows(block, at + 1, at + used - 1, shape):
        reason = "a quote is opened that would swallow whole records below this line"
    return fields, used, reason


def _quoted(block: Lines, at: int, shape: CsvShape) -> tuple[list[str], int, str | None]:
    """As `_record`, for quotes that do not add up within the line."""
    limit = min(at + MAX_RECORD_LINES, len(block))
    if block.damaged:
        limit = next((n for n in range(at, limit) if n in block.damaged), limit)
    reader = csv.reader(
        (block.line(n) + shape.line_end for n in range(at, limit)),
        delimiter=shape.separator,
        strict=True,
    )
    try:
        fields = next(reader)
    except csv.Error as error:
        if "unexpected end of data" not in str(error):
            return [], 1, _in_words(error)
        is_cut_off = limit == len(block) < at + MAX_RECORD_LINES
        reason = f"a quote is opened and not closed within {MAX_RECORD_LINES} lines"
        return [], 0 if is_cut_off else 1, reason
    return fields, reader.line_num, None


def _swallows(block: Lines, start: int, end: int, shape: CsvShape) -> bool:
    """Whether a line inside a quoted field is itself a whole record."""
    return shape.width >= _TELLING_WIDTH and any(
        block.line(at).count(shape.separator) == shape.width - 1 for at in range(start, end)
    )


def _in_words(error: csv.Error) -> str:
    message = str(error)
    if "expected after" in message:
        return "there is text behind a closing quote"
    if "field limit" in message:
        return f"a field is longer than {csv.field_size_limit():,} characters"
    return "there is a line break outside of quotes"
