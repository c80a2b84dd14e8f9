"""The warehouse as a load opens it, and its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from strata.errors import StrataError
from strata.lock import in_words
from strata.settings import Settings


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    # A plain `dbt build` after the load attaches its marts there.
    settings.next_marts.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(settings.database, config={"threads": settings.threads})
    except duckdb.IOException as failure:
        raise in_words(failure) from failure
    except duckdb.Error as error:
        raise StrataError(
            f"The warehouse {settings.database.name} cannot be opened: {error}",
            "Mend what DuckDB names, then run again.",
        ) from error
    try:
        yield connection
    except duckdb.Error as error:
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
