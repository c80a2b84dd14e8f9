"""The one place that opens the warehouse: the build, and the marts beside it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from strata.settings import Settings
from strata.trouble import BUSY, of_engine

_PATIENCE = 30.0  # seconds that a command under way waits for a reader of the build


def connect_patiently(database: Path) -> duckdb.DuckDBPyConnection:
    """The build, for writing, between two phases of a command: a reader is waited for.

    Raises:
        StrataError: another program still has it open after half a minute.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return duckdb.connect(str(database))
        except duckdb.IOException as failure:
            told = of_engine(failure)
            if told.exit_code != BUSY or time.monotonic() > until:
                raise told from None
            time.sleep(0.2)


@contextmanager
def open_build(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build, for reading, with the marts that belong to it as `marts` and `medical`.

    The marts are those that dbt built last; once they are published, the published ones.
    """
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        for alias, file in (
            ("marts", built_marts(settings)),
            ("medical", built_medical(settings)),
        ):
            if file.exists():
                connection.execute(f"attach '{quoted(file)}' as {alias} (read_only)")
        yield connection


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether a table is there, whole or half filled."""
    return bool(
        connection.execute(
            "select 1 from duckdb_tables() where schema_name = ? and table_name = ?",
            [schema, table],
        ).fetchone()
    )


def built_marts(settings: Settings) -> Path:
    """The file with the marts that dbt built last."""
    return settings.next_marts if holds_marts(settings.next_marts) else settings.published_marts


def built_medical(settings: Settings) -> Path:
    """The same of the medical team's."""
    next_one = settings.next_medical
    return next_one if holds_marts(next_one) else settings.published_medical


def holds_marts(file: Path) -> bool:
    """Whether dbt built marts into a file; it makes an empty one when it only looks around."""
    if not file.exists():
        return False
    try:
        with duckdb.connect(str(file), read_only=True) as marts:
            return bool(marts.execute("select 1 from duckdb_tables() limit 1").fetchone())
    except (duckdb.Error, RuntimeError, UnicodeDecodeError):  # damaged; what is served is not
        return False


def quoted(path: Path) -> str:
    """A path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")
