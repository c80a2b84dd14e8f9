"""The one place that opens the warehouse: the build, and the marts beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from strata.settings import Settings


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


def built_marts(settings: Settings) -> Path:
    """The file with the marts that dbt built last."""
    return settings.next_marts if settings.next_marts.exists() else settings.published_marts


def built_medical(settings: Settings) -> Path:
    """The same of the medical team's."""
    return (
        settings.next_medical if settings.next_medical.exists() else settings.published_medical
    )


def quoted(path: Path) -> str:
    """A path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")
