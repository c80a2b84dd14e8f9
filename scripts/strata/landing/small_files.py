"""Many small CSV files at once: what one insert and one transaction cost is shared by them."""

import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow as pa

from strata.landing import bookkeeping, tables
from strata.landing.batches import Batch, merged
from strata.landing.copying import Copied
from strata.landing.csv_header import CsvShape, read_shape
from strata.landing.csv_records import csv_batches
from strata.landing.encodings import Encoding, detect_encoding
from strata.landing.forgotten import anybody_forgotten
from strata.landing.kinds import kind_of
from strata.landing.naming import readable_name, titles_note
from strata.landing.one_file import Load, refuse_misnamed
from strata.landing.report import FileReport, UnreadableFileError
from strata.landing.sql import identifier
from strata.landing.tables import Column, RawTable
from strata.landing.warehouse import transaction

SMALL_BYTES = 64 * 1024
MANY = 20  # fewer files are loaded one by one
_TOGETHER = 500


class _NotTogetherError(Exception):
    """These files have to be loaded one by one."""


@dataclass(frozen=True)
class _SmallFile:
    """A file that has been read and needs no care."""

    path: Path
    table: str
    content_hash: str
    size: int
    changed_at: int
    encoding: Encoding
    shape: CsvShape
    batch: Batch


def load_files(load: Load, paths: Sequence[Path]) -> Iterator[FileReport]:
    """Loads the files in their order: small ones of one kind together, others one by one."""
    small = {path for path in paths if path.is_file() and path.stat().st_size <= SMALL_BYTES}
    forgotten = anybody_forgotten(load.connection)
    if load.replace or load.readings or forgotten or len(small) < MANY:
        yield from map(load.file, paths)
        return
    known = bookkeeping.contents_in_force(load.connection, load.source)
    waiting: list[_SmallFile] = []
    for path in paths:
        file = _read(load, path) if path in small else None
        if file and (file.table, file.content_hash) in known:
            file = None
        if waiting and (
            file is None
            or (file.table, file.shape.columns) != (waiting[0].table, waiting[0].shape.columns)
            or len(waiting) == _TOGETHER
        ):
            yield from _flushed(load, waiting)
            waiting = []
        if file is None:
            yield load.file(path)
        else:
            waiting.append(file)
            known.add((file.table, file.content_hash))
    yield from _flushed(load, waiting)


def _read(load: Load, path: Path) -> _SmallFile | None:
    """The file's records; None where there is something to be told of it."""
    table = load.table_for(path)
    if table is None:
        return None
    try:
        before = path.stat()
        if kind_of(path) != "csv":
            return None
        content = path.read_bytes()
        encoding = detect_encoding(io.BytesIO(content))
        if encoding.name.startswith("utf-16"):
            return None
        declared = load.tables[table]
        shape = read_shape(io.BytesIO(content), encoding.name, declared)
        refuse_misnamed(table, list(shape.columns), load.tables)
        batches = list(merged(csv_batches(io.BytesIO(content), encoding.name, shape)))
        records = Batch(
            pa.concat_tables(batch.table for batch in batches),
            list(chain.from_iterable(batch.unreadable for batch in batches)),
        )
        if records.unreadable and not records.table.num_rows:
            return None
        return _SmallFile(
            path,
            table,
            load.hash_of(path),
            before.st_size,
            before.st_mtime_ns,
            encoding,
            shape,
            records,
        )
    except (UnreadableFileError, OSError, EOFError, zlib.error):
        return None


def _flushed(load: Load, files: list[_SmallFile]) -> Iterator[FileReport]:
    try:
        if len(files) < 2:
            raise _NotTogetherError
        with transaction(load.connection):
            reports = _together(load, files)
        yield from reports
    except _NotTogetherError:
        yield from (load.file(file.path) for file in files)


def _together(load: Load, files: list[_SmallFile]) -> list[FileReport]:
    """Copies the records of files with the same columns by one insert."""
    connection, raw = load.connection, RawTable(load.source, files[0].table)
    names = files[0].shape.columns
    if tables.needs_comparison(connection, raw, names):
        raise _NotTogetherError
    was_filled = not raw.is_empty(connection)
    incoming = [
        Column(name, "VARCHAR", f"nullif({identifier(f'c{at}')}, '')")
        for at, name in enumerate(names)
    ]
    fitted, notes = tables.fit(connection, raw, incoming, "incoming_batch")
    first_id = bookkeeping.next_file_id(connection)
    connection.register("incoming_batch", _records(files, first_id))
    lineage = tables.lineage_of_many("file_name", "n", load.moment, "file_id")
    tables.insert(connection, raw, [*fitted, *lineage], "incoming_batch")
    connection.unregister("incoming_batch")
    reports = []
    for file_id, file in enumerate(files, start=first_id):
        landed = load.landed_file(
            file_id,
            file.path,
            file.table,
            file.content_hash,
            "csv",
            file.encoding.name,
            file.size,
        )
        copied = Copied(notes=notes if file_id == first_id else [])
        copied.count(file.batch)
        bookkeeping.record_unreadable_rows(connection, landed, file.batch.unreadable)
        copied.notes += titles_note(file.shape.above)
        reports.append(load.landed(landed, copied, list(names), file.encoding, was_filled))
        after = file.path.stat()
        if (after.st_size, after.st_mtime_ns) != (file.size, file.changed_at):
            raise _NotTogetherError
    load.progress(f"{readable_name(files[-1].path)} and {len(files) - 1} before it, saving")
    return reports


def _records(files: list[_SmallFile], first_id: int) -> pa.Table:
    """All records, each with the name and the id of its file."""
    parts = []
    for file_id, file in enumerate(files, start=first_id):
        rows = file.batch.table.num_rows
        parts.append(
            file.batch.table.append_column(
                "file_name", pa.repeat(readable_name(file.path), rows)
            ).append_column("file_id", pa.repeat(pa.scalar(file_id, pa.int64()), rows))
        )
    return pa.concat_tables(parts)
