"""Copies the records of one file into its raw table, inside the caller's transaction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import duckdb

from strata.landing import tables
from strata.landing.batches import Batch, merged
from strata.landing.bookkeeping import LandedFile, record_unreadable_rows
from strata.landing.parquet import ParquetRelation
from strata.landing.sql import identifier, literal
from strata.landing.tables import Column, RawTable

_STAGE = "temp.incoming_text"


@dataclass
class Copied:
    """Counts of one file's records, remarks, and the first record set aside."""

    loaded: int = 0
    unreadable: int = 0
    notes: list[str] = field(default_factory=list)

    def count(self, batch: Batch) -> None:
        """Counts a batch of records."""
        if batch.unreadable and not self.unreadable:
            first = batch.unreadable[0]
            self.notes.insert(0, f"first unreadable row: {first.row_number}, {first.reason}")
        self.loaded += batch.table.num_rows
        self.unreadable += len(batch.unreadable)

    def add(self, more: "Copied", notes: Sequence[str]) -> None:
        """Counts in another part of the file, with further remarks on it."""
        self.loaded += more.loaded
        self.unreadable += more.unreadable
        self.notes += [*more.notes, *notes]


def copy_parquet(
    connection: duckdb.DuckDBPyConnection, file: LandedFile, content: ParquetRelation
) -> Copied:
    """Copies a Parquet file, inside DuckDB."""
    raw = RawTable(file.source, file.table)
    fitted, notes = tables.fit(connection, raw, content.columns, content.relation)
    columns = [*fitted, *_lineage(file, content.row_number)]
    loaded = tables.insert(connection, raw, columns, content.relation)
    return Copied(loaded, 0, [*content.notes, *notes])


def copy_text(
    connection: duckdb.DuckDBPyConnection,
    file: LandedFile,
    names: Sequence[str],
    batches: Iterator[Batch],
    progress: Callable[[str], None],
) -> Copied:
    """Copies text records batch by batch; an empty text becomes null.

    Where the table has typed columns with rows, the file is staged first: whether all its
    values survive the type is known only at its end.
    """
    raw = RawTable(file.source, file.table)
    incoming = [
        Column(name, "VARCHAR", f"nullif({identifier(f'c{at}')}, '')")
        for at, name in enumerate(names)
    ]
    copied = Copied()
    is_staged = tables.needs_comparison(connection, raw, names)
    if is_staged:
        body = ", ".join(f"{identifier(f'c{at}')} varchar" for at in range(len(names)))
        connection.execute(f"create or replace temp table incoming_text ({body}, n bigint)")
        columns = []
    else:
        fitted, copied.notes = tables.fit(connection, raw, incoming, _STAGE)
        columns = [*fitted, *_lineage(file, "n")]
    for batch in merged(batches):
        if batch.table.num_rows:
            connection.register("incoming_batch", batch.table)
            if is_staged:
                connection.execute(f"insert into {_STAGE} from incoming_batch")
            else:
                inserted = tables.insert(connection, raw, columns, "incoming_batch")
                copied.loaded += inserted - batch.table.num_rows
            connection.unregister("incoming_batch")
        record_unreadable_rows(connection, file, batch.unreadable)
        copied.count(batch)
        progress(f"{file.file_name}: {copied.loaded:,} rows read")
    if is_staged:
        fitted, notes = tables.fit(connection, raw, incoming, _STAGE)
        copied.loaded = tables.insert(connection, raw, [*fitted, *_lineage(file, "n")], _STAGE)
        connection.execute(f"drop table {_STAGE}")
        copied.notes += notes
    return copied


def _lineage(file: LandedFile, row_number: str) -> list[Column]:
    constants = [
        Column(name, "VARCHAR", literal(value)) for name, value in file.constants.items()
    ]
    return constants + tables.lineage(
        file.file_name, row_number, file.loaded_at, file.file_id, file.row_offset
    )
