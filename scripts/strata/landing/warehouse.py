"""The warehouse as a load opens it, and its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from strata.errors import StrataError
from strata.files import make_folder
from strata.settings import Settings
from strata.trouble import is_damage, of_engine, refusal_in


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    # A plain `dbt build` after the load attaches its marts there.
    make_folder(settings.next_marts.parent)
    try:
        # A new warehouse is stored as dbt's profile asks it: smaller columns, written faster.
        connection = duckdb.connect(
            settings.database,
            config={"threads": settings.threads, "storage_compatibility_version": "latest"},
        )
    except duckdb.Error as failure:
        raise of_engine(failure) from failure
    try:
        yield connection
    except duckdb.Error as error:
        if refusal_in(str(error)) or is_damage(str(error)):
            raise of_engine(error) from error
        raise StrataError(
            f"The warehouse could not take the load: {error}",
            "Files reported as loaded before this one are safe. Check disk space and memory, "
            "then run the same command again: it goes on where it stopped.",
        ) from error
    finally:
        connection.close()


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
