"""Records on their way into DuckDB, as Arrow columns c0, c1 … and n, the record's number."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv

from strata.landing.report import UnreadableRow

# DuckDB stores a large insert straight to disk and keeps small ones in memory until commit.
_BATCH_ROWS = 4 * 122_880
_BATCH_BYTES = 64 * 1024 * 1024


class Batch(NamedTuple):
    """Consecutive records of a file, and those set aside among them."""

    table: pa.Table
    unreadable: list[UnreadableRow]


def table_of_rows(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], width: int
) -> pa.Table:
    """Rows of texts as columns; fields beyond `width` are left out."""
    columns = list(zip(*rows, strict=True))[:width] or [()] * width
    arrays = [pa.array(column, pa.string()) for column in columns]
    return _table(arrays, numbers)


def table_of_lines(
    lines: bytes, numbers: Sequence[int] | np.ndarray, separator: str, width: int
) -> pa.Table:
    """Lines as columns: each `width` fields, quoted well or not at all, no line breaks."""
    if not lines:
        return table_of_rows([], [], width)
    names = [f"c{at}" for at in range(width)]
    cut = pyarrow.csv.read_csv(
        pa.BufferReader(lines),
        pyarrow.csv.ReadOptions(
            use_threads=False, block_size=len(lines) + 1, column_names=names
        ),
        pyarrow.csv.ParseOptions(
            delimiter=separator,
            ignore_empty_lines=False,
        ),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    return _table(cut.columns, numbers)


def merged(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The same records in batches of the size that DuckDB stores best."""
    tables, unreadable, rows, size = [], [], 0, 0
    for batch in batches:
        tables.append(batch.table)
        unreadable += batch.unreadable
        rows += batch.table.num_rows + len(batch.unreadable)
        size += batch.table.nbytes
        if rows >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield Batch(pa.concat_tables(tables), unreadable)
            tables, unreadable, rows, size = [], [], 0, 0
    if tables:
        yield Batch(pa.concat_tables(tables), unreadable)


def _table(columns: Sequence, numbers: Sequence[int]) -> pa.Table:
    names = [f"c{at}" for at in range(len(columns))]
    return pa.table([*columns, pa.array(numbers, pa.int64())], names=[*names, "n"])
