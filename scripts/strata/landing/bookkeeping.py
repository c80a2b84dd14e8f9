"""The landing schema: which files have landed, and what of them could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa

from strata.landing.report import UnreadableRow
from strata.landing.tables import MAX_SHEET_ROWS, ROWS_PER_FILE

_TABLES = """
create schema if not exists landing;
create table if not exists landing.files (
    file_id integer not null,
    source varchar not null,
    table_name varchar not null,
    file_name varchar not null,
    content_hash varchar not null,
    file_format varchar not null,
    encoding varchar not null,
    byte_size bigint not null,
    loaded_at timestamp not null,
    rows_loaded bigint not null,
    rows_unreadable bigint not null,
    columns varchar[],
    scope varchar,
    scoped_columns varchar[]
);
alter table landing.files add column if not exists columns varchar[];
alter table landing.files add column if not exists scope varchar;
alter table landing.files add column if not exists scoped_columns varchar[];
create table if not exists landing.sheets (
    file_id integer not null,
    source varchar not null,
    table_name varchar not null,
    first_row_id bigint not null,
    last_row_id bigint not null,
    columns varchar[] not null,
);
create table if not exists landing.load_notes (
    file_id integer,
    source varchar not null,
    table_name varchar not null,
    file_name varchar not null,
    note varchar not null,
    noted_at timestamp not null,
);
create table if not exists landing.installation (
    salt varchar not null,
    secret varchar not null,
);
create table if not exists landing.forgotten (
    hash varchar not null,
    forgotten_at timestamp not null,
);
create table if not exists landing.forgotten_rows (
    source varchar not null,
    table_name varchar not null,
    row_count bigint not null,
    noted_at timestamp not null,
);
create table if not exists landing.withdrawn_files (
    file_id integer not null,
    withdrawn_at timestamp not null,
);
create table if not exists landing.unreadable_rows (
    file_id integer not null,
    source varchar not null,
    table_name varchar not null,
    file_name varchar not null,
    row_number bigint not null,
    rule varchar not null,
    reason varchar not null,
    raw_text varchar not null,
);
create table if not exists landing.unreadable_files (
    source varchar not null,
    file_name varchar not null,
    content_hash varchar not null,
    reason varchar not null,
    seen_at timestamp not null,
);
"""

_IN_FORCE = "file_id not in (select file_id from landing.withdrawn_files)"


@dataclass(frozen=True)
class LandedFile:
    """A row of landing.files. `loaded_at` is an ISO timestamp (UTC), `byte_size` bytes.

    `row_offset` is added to a row's number in its id: several sheets have the same numbers.
    `constants` are columns that have one value in all its rows.
    `scope` is the shop whose ids stand in `scoped_columns`; "" for ids of the whole source.
    """

    file_id: int
    source: str
    table: str
    file_name: str
    content_hash: str
    format: str
    encoding: str
    byte_size: int
    loaded_at: str
    row_offset: int = 0
    constants: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""
    scoped_columns: tuple[str, ...] = ()


def create_bookkeeping(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the landing schema where it is missing."""
    connection.execute(_TABLES)


def next_file_id(connection: duckdb.DuckDBPyConnection) -> int:
    """One above the highest id given so far. Ids follow the order of loading."""
    found = connection.execute("select coalesce(max(file_id), 0) + 1 from landing.files")
    return found.fetchone()[0]


def after_all_loads(connection: duckdb.DuckDBPyConnection, now: datetime) -> datetime:
    """Now, or just after the newest load where the clock went back: what comes later counts."""
    (newest,) = connection.execute("select max(loaded_at) from landing.files").fetchone()
    if newest is None:
        return now
    return max(now, newest.replace(tzinfo=UTC) + timedelta(microseconds=1))


def landed_before(
    connection: duckdb.DuckDBPyConnection, source: str, table: str, content_hash: str
) -> tuple[str, str, int, int] | None:
    """Name, time of loading, rows and unreadable rows of the same content in the table."""
    return connection.execute(
        "select file_name, strftime(loaded_at, '%Y-%m-%d %H:%M UTC'), rows_loaded, "
        "rows_unreadable from landing.files "
        "where source = ? and table_name = ? and content_hash = ? "
        f"and {_IN_FORCE} order by file_id limit 1",
        [source, table, content_hash],
    ).fetchone()


def is_replaced(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    table: str,
    file_name: str,
    content_hash: str,
) -> bool:
    """Whether other content has landed under the file's name after this content."""
    newest = connection.execute(
        "select content_hash from landing.files "
        "where source = ? and table_name = ? and file_name = ? "
        f"and {_IN_FORCE} order by file_id desc limit 1",
        [source, table, file_name],
    ).fetchone()
    return newest is not None and newest[0] != content_hash


def record_file(
    connection: duckdb.DuckDBPyConnection,
    file: LandedFile,
    loaded: int,
    unreadable: int,
    columns: Sequence[str],
) -> None:
    """Notes a landed file with its counts of rows and the columns that it has."""
    connection.execute(
        "insert into landing.files "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?::timestamp, ?, ?, ?, ?, ?)",
        [
            file.file_id,
            file.source,
            file.table,
            file.file_name,
            file.content_hash,
            file.format,
            file.encoding,
            file.byte_size,
            file.loaded_at,
            loaded,
            unreadable,
            list(columns),
            file.scope,
            [column for column in file.scoped_columns if column in columns],
        ],
    )


def record_sheet(
    connection: duckdb.DuckDBPyConnection, file: LandedFile, columns: Sequence[str]
) -> None:
    """Notes which columns a sheet of several has, and which rows are its own."""
    first = file.file_id * ROWS_PER_FILE + file.row_offset
    connection.execute(
        "insert into landing.sheets values (?, ?, ?, ?, ?, ?)",
        [
            file.file_id,
            file.source,
            file.table,
            first,
            first + MAX_SHEET_ROWS - 1,
            list(columns),
        ],
    )


def scoped_tables(connection: duckdb.DuckDBPyConnection, source: str) -> set[tuple[str, str]]:
    """Scope and table of each of the source's files that number by themselves."""
    return set(
        connection.execute(
            "select scope, table_name from landing.files where source = ? and scope != ''",
            [source],
        ).fetchall()
    )


def record_notes(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    moment: str,
    notes: Sequence[str],
    file: LandedFile | None = None,
    file_name: str = "",
) -> None:
    """Keeps what a load remarked on a file, or on all of it, for later commands."""
    for note in notes:
        connection.execute(
            "insert into landing.load_notes values (?, ?, ?, ?, ?, ?::timestamp)",
            [
                file.file_id if file else None,
                source,
                file.table if file else "",
                file.file_name if file else file_name,
                note,
                moment,
            ],
        )


def standing_notes(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """File name ("" for a whole load) and remark, of what is in force, the newest first.

    Before them files that were not loaded in the last month, and have not come since.
    """
    return connection.execute(
        "with lost as (select file_name, 'not loaded: ' || reason as note, seen_at from "
        "landing.unreadable_files as lost where not exists (select 1 from landing.files as "
        "came where came.source = lost.source and (came.content_hash = lost.content_hash or "
        "(came.file_name = lost.file_name and came.loaded_at >= lost.seen_at)))), "
        "noted as (select file_name, note, 1 as place, max(noted_at) as noted_at "
        f"from landing.load_notes where file_id is null or {_IN_FORCE} group by all "
        "union all select file_name, note, 0, seen_at from lost "
        "where seen_at > (select max(seen_at) from lost) - interval 30 days) "
        "select file_name, note from noted order by place, noted_at desc, file_name, note"
    ).fetchall()


def contents_in_force(
    connection: duckdb.DuckDBPyConnection, source: str
) -> set[tuple[str, str]]:
    """Table and content hash of each of the source's files that was not taken back."""
    return set(
        connection.execute(
            "select table_name, content_hash from landing.files "
            f"where source = ? and {_IN_FORCE}",
            [source],
        ).fetchall()
    )


def record_unreadable_rows(
    connection: duckdb.DuckDBPyConnection, file: LandedFile, rows: Sequence[UnreadableRow]
) -> None:
    """Keeps the records of a file that could not be read."""
    if not rows:
        return
    numbers, reasons, texts = zip(*rows, strict=True)
    batch = pa.table(
        {
            "row_number": pa.array(numbers, pa.int64()),
            "reason": pa.array(reasons, pa.string()),
            "raw_text": pa.array(texts, pa.string()),
        }
    )
    connection.register("unreadable_batch", batch)
    connection.execute(
        "insert into landing.unreadable_rows "
        "select ?, ?, ?, ?, row_number, 'unreadable_row', reason, raw_text "
        "from unreadable_batch",
        [file.file_id, file.source, file.table, file.file_name],
    )
    connection.unregister("unreadable_batch")


def record_unreadable_file(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    file_name: str,
    content_hash: str,
    reason: str,
    seen_at: str,
) -> None:
    """Notes a file of which nothing is loaded; seen again, it stays one row."""
    key = [source, file_name, content_hash]
    connection.execute(
        "delete from landing.unreadable_files "
        "where source = ? and file_name = ? and content_hash = ?",
        key,
    )
    connection.execute(
        "insert into landing.unreadable_files values (?, ?, ?, ?, ?::timestamp)",
        [*key, reason, seen_at],
    )


def withdraw(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    file_name: str,
    moment: str,
    but_file_id: int | None = None,
) -> tuple[int, int]:
    """Takes back what landed under a name; returns how many deliveries and rows.

    The rows stay where they are and count as taken back. `but_file_id` stays in force.
    """
    found = connection.execute(
        f"select file_id, rows_loaded from landing.files where source = ? and file_name = ?"
        f" and file_id is distinct from ? and {_IN_FORCE}",
        [source, file_name, but_file_id],
    ).fetchall()
    for file_id, _ in found:
        connection.execute(
            "insert into landing.withdrawn_files values (?, ?::timestamp)", [file_id, moment]
        )
    return len(found), sum(rows for _, rows in found)


def names_in_force(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """The names of the source's files that were not taken back."""
    rows = connection.execute(
        f"select distinct file_name from landing.files where source = ? and {_IN_FORCE}"
        " order by all",
        [source],
    ).fetchall()
    return [name for (name,) in rows]
