"""Whether a run must build in full, or may compute again only what new rows touch.

A refresh starts from the last finished build in the warehouse. It is asked for where nothing
but raw rows has changed since: not the project, not its variables, not the rows that were
there. What it then computes again is dbt's matter (macros/refresh/).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from strata.dbt import Dbt
from strata.landing.tables import ROWS_PER_FILE
from strata.settings import Settings

# What a model, a seed or a Python model's result is made from.
_ROOMS = ("models", "macros", "seeds", "scripts/strata")
_ENGINES = (
    "dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "pyarrow", "scipy", "xgboost-cpu",
)  # fmt: skip
# Stands for every customer in the notes of changes, as in macros/refresh/state.sql.
EVERYBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class BuildPlan:
    """How to build. `after_row`: the last raw row that the build in the warehouse knows.

    `asked_day` is the day that the run was asked for, as JSON.
    """

    fingerprint: str
    is_refresh: bool
    after_row: int
    reason: str
    asked_day: str
    is_current: bool = False  # nothing came since the last finished build
    is_idle: bool = False  # and the same day is asked for

    @property
    def variables(self) -> dict[str, Any]:
        """The same as dbt variables."""
        return {"refresh": self.is_refresh, "refresh_after_row": self.after_row}


def plan_build(
    settings: Settings, dbt: Dbt, sources: Sequence[str], in_full: bool = False
) -> BuildPlan:
    """A refresh if the warehouse allows one, else a full build and why. `dbt` has parsed."""
    fingerprint = _fingerprint(dbt.project_dir, dbt.built_variables)
    day = json.dumps(dbt.variables.get("as_of_date"))
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        build = _finished_build(connection)
        reason = "asked for" if in_full else _why_in_full(connection, build, fingerprint)
        if build is None or reason:
            return BuildPlan(fingerprint, False, 0, reason, day)
        files, rows = connection.execute(
            "select count(*), coalesce(sum(rows_loaded), 0) from landing.files"
            " where file_id * ? > ?",
            [ROWS_PER_FILE, build.last_row_id],
        ).fetchone()
        taken_back = _withdrawn(connection) - build.withdrawn_files
        unfinished = _has_notes(connection)
    words = f"{rows:,} rows in {files} new files"
    if taken_back:
        words += f" and {taken_back} files taken back"
    is_current = not files and not taken_back and not unfinished
    if reason := _source_in_the_way(dbt.manifest, sources):
        return BuildPlan(fingerprint, False, 0, reason, day, is_current)
    is_idle = is_current and day == build.asked_day
    return BuildPlan(fingerprint, True, build.last_row_id, words, day, is_current, is_idle)


def is_half_refreshed(settings: Settings) -> bool:
    """Whether a refresh began and its run did not get through."""
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        return _finished_build(connection) is not None and _has_notes(connection)


def query_of_changed_customers(build: duckdb.DuckDBPyConnection, model: str) -> str | None:
    """A query for the customers whose rows of a model this refresh may have changed.

    None if all rows may have changed. `build` has the warehouse attached as `strata`; what
    dbt told at its end (macros/refresh/) stays, of customers until the run has published: then
    nobody's rows changed.
    """
    (may_be_all,) = build.execute(
        "select count(*) = 0 or bool_or(noted_as = $all) or exists ("
        "from strata.refresh.changed_customers where model = $model and customer_key = $all)"
        " from strata.refresh.change_notes where model = $model",
        {"model": model, "all": EVERYBODY},
    ).fetchone()
    if may_be_all:
        return None
    return f"select customer_key from strata.refresh.changed_customers where model = '{model}'"


def has_new_day(settings: Settings) -> bool:
    """Whether the build describes another day than before, or may: then everybody changed."""
    with duckdb.connect(str(settings.database), read_only=True) as build:
        return query_of_changed_customers(build, "as_of_dates") is None


def record_finished_build(settings: Settings, plan: BuildPlan) -> None:
    """What is built now is what the next refresh starts from; its notes can go."""
    with duckdb.connect(str(settings.database)) as connection:
        notes = connection.execute(
            "select table_name from duckdb_tables()"
            " where schema_name = 'refresh' and split_part(table_name, '__', 1)"
            " in ('rows', 'touched')"
        ).fetchall()
        connection.begin()
        for (table,) in notes:
            connection.execute(f"drop table refresh.{table}")
        notes_of_refresh = ("entity_changes", "customer_changes", "changed_customers")
        for table in (*notes_of_refresh, "finished_build"):
            connection.execute(f"delete from refresh.{table}")
        connection.execute(
            "insert into refresh.finished_build"
            " select ?, (coalesce(max(file_id), 0) + 1) * ? - 1, ?, ?, ? from landing.files",
            [
                plan.fingerprint,
                ROWS_PER_FILE,
                _landed(connection),
                plan.asked_day,
                _withdrawn(connection),
            ],
        )
        connection.commit()


def forget_finished_build(settings: Settings) -> None:
    """The next run builds in full."""
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute("delete from refresh.finished_build")


def _has_notes(connection: duckdb.DuckDBPyConnection) -> bool:
    (notes,) = connection.execute(
        "select (select count(*) from refresh.entity_changes)"
        " + (select count(*) from refresh.customer_changes)"
    ).fetchone()
    return notes > 0


@dataclass(frozen=True)
class _FinishedBuild:
    """The row of refresh.finished_build. `landed`: rows by raw table, as JSON."""

    fingerprint: str
    last_row_id: int
    landed: str
    asked_day: str
    withdrawn_files: int


def _finished_build(connection: duckdb.DuckDBPyConnection) -> _FinishedBuild | None:
    """The build that the warehouse holds, if it was finished."""
    known = connection.execute(
        "select 1 from duckdb_tables()"
        " where schema_name = 'refresh' and table_name = 'finished_build'"
    ).fetchone()
    row = connection.execute("from refresh.finished_build").fetchone() if known else None
    return _FinishedBuild(*row) if row else None


def _why_in_full(
    connection: duckdb.DuckDBPyConnection, build: _FinishedBuild | None, fingerprint: str
) -> str:
    """Why the warehouse allows no refresh; empty if it does."""
    if build is None:
        return "there is no finished build to start from"
    if build.fingerprint != fingerprint:
        return "the project, its variables or its libraries changed"
    before, now = json.loads(build.landed), json.loads(_landed(connection))
    news = dict(
        connection.execute(
            "select 'raw_' || source || '.' || table_name, cast(sum(rows_loaded) as bigint)"
            " from landing.files where file_id * ? > ? group by all",
            [ROWS_PER_FILE, build.last_row_id],
        ).fetchall()
    )
    for table, rows in now.items():
        if rows != before.get(table, 0) + news.get(table, 0):
            return f"rows of {table} were changed other than by loading files"
    return ""


def _withdrawn(connection: duckdb.DuckDBPyConnection) -> int:
    (files,) = connection.execute("select count(*) from landing.withdrawn_files").fetchone()
    return files


def _landed(connection: duckdb.DuckDBPyConnection) -> str:
    """The rows of each raw table, as JSON; the engine knows them without a look."""
    tables = connection.execute(
        "select distinct 'raw_' || source || '.' || table_name from landing.files order by all"
    ).fetchall()
    counts = {
        table: connection.execute(f"select count(*) from {table}").fetchone()[0]
        for (table,) in tables
    }
    return json.dumps(counts)


def _source_in_the_way(manifest: Any, sources: Sequence[str]) -> str:
    """A source with staged rows that are made of several raw rows knows no single news."""
    for node in manifest.nodes.values():
        room = node.fqn[1:3]
        if node.resource_type != "model" or room[0] != "staging" or room[1] not in sources:
            continue
        if not node.config.meta.get("row_by_row"):
            return f"{node.name} is not staged row by row"
    return ""


def _fingerprint(project_dir: Path, variables: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    files = [project_dir / "dbt_project.yml"]
    for room in _ROOMS:
        files += sorted((project_dir / room).rglob("*"))
    for path in files:
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(project_dir)).encode())
            digest.update(path.read_bytes())
    # The day is compared by the models themselves: a new day moves every customer.
    digest.update(json.dumps(variables, sort_keys=True).encode())
    digest.update(" ".join(version(engine) for engine in _ENGINES).encode())
    return digest.hexdigest()
