"""Whether a run must build in full, or may go on from the last finished build.

A refresh is asked for where nothing but raw rows has changed since: not the project, not its
variables, not the rows that were there. Which customers it computes again is said in
models/customers/touched_customers.sql.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from strata.dbt import Dbt
from strata.options import Build
from strata.settings import Settings
from strata.warehouse import connect_patiently

# The rooms of models/ in which nothing describes a day.
ROOMS_OF_NO_DAY = ("staging", "entities", "customers", "policy")
# What a model, a seed or a Python model's result is made from.
_ROOMS = ("models", "macros", "seeds", "scripts/strata")
_ENGINES = (
    "dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "pyarrow", "scipy", "xgboost-cpu",
)  # fmt: skip


@dataclass(frozen=True)
class BuildPlan:
    """How to build, and why. `asked_day` is the day that the run was asked for, as JSON."""

    fingerprint: str
    asked_day: str
    is_refresh: bool = False  # goes on from the last finished build
    reason: str = ""
    is_current: bool = False  # nothing came since the last finished build
    is_idle: bool = False  # and the same day is asked for
    is_proven: bool = False  # the last finished build was made by the same project


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
            is_proven = build is not None and build.fingerprint == fingerprint
            return BuildPlan(fingerprint, day, reason=reason, is_proven=is_proven)
        files, rows = connection.execute(
            "select count(*), coalesce(sum(rows_loaded), 0) from landing.files"
            " where file_id > ?",
            [build.last_file_id],
        ).fetchone()
        taken_back = _withdrawn(connection) - build.withdrawn_files
    words = f"{rows:,} rows in {files} new files"
    if taken_back:
        words += f" and {taken_back} files taken back"
    is_current = not files and not taken_back
    if reason := _source_in_the_way(dbt.manifest, sources):
        return BuildPlan(fingerprint, day, reason=reason, is_current=is_current, is_proven=True)
    is_idle = is_current and bool(build.as_of_dates) and day == build.asked_day
    return BuildPlan(fingerprint, day, True, words, is_current, is_idle, is_proven=True)


def describes_built_days(settings: Settings) -> bool:
    """Whether the days of this run are those of the last finished build."""
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        build = _finished_build(connection)
        return build is not None and build.as_of_dates == _days(connection)


def record_finished_build(settings: Settings, plan: BuildPlan) -> None:
    """What is built now is what the next refresh starts from."""
    with connect_patiently(settings.database) as connection:
        connection.begin()
        connection.execute("delete from refresh.finished_build")
        connection.execute(
            "insert into refresh.finished_build by name"
            " select ? as fingerprint, ? as started_at, ? as as_of_dates,"
            " coalesce(max(file_id), -1) as last_file_id, ? as landed, ? as asked_day,"
            " ? as withdrawn_files from landing.files",
            [
                plan.fingerprint, _now(), _days(connection), _landed(connection),
                plan.asked_day, _withdrawn(connection),
            ],
        )  # fmt: skip
        connection.commit()


def asked_day(settings: Settings, built: Build | None) -> date | None:
    """The day that the finished build was asked for, None for the one that the data tell.

    Where no run has finished the build, the day that it describes.
    """
    if built is None:
        return None
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        build = _finished_build(connection)
    if build is None:
        return built.day
    day = json.loads(build.asked_day)
    return date.fromisoformat(day) if day else None


def forget_built_days(settings: Settings, manifest: Any) -> None:
    """Take away the customers' numbers, which will describe other days; the views stay.

    A run that is killed before they are there again is followed by one that computes them.
    """
    of_the_day = {
        (node.schema, node.alias)
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.fqn[1] not in ROOMS_OF_NO_DAY
    }
    with connect_patiently(settings.database) as connection:
        connection.begin()
        _set_built_days(connection, "")
        for kind, schema, name in _built(connection, settings, manifest):
            if kind == "table" and (schema, name) in of_the_day:
                connection.execute(f'drop table "{schema}"."{name}"')
        connection.commit()


def restore_built_days(settings: Settings) -> None:
    """The customers' numbers are whole again, of the days that are built."""
    with connect_patiently(settings.database) as connection:
        _set_built_days(connection, _days(connection))


def _set_built_days(connection: duckdb.DuckDBPyConnection, days: str) -> None:
    if _finished_build(connection):
        connection.execute("update refresh.finished_build set as_of_dates = ?", [days])


def begin_in_full(settings: Settings, manifest: Any) -> None:
    """Take away what the models built before.

    Nothing goes on from it: a build that is killed is followed by another one in full.
    """
    with connect_patiently(settings.database) as connection:
        connection.begin()
        if _finished_build(connection):
            connection.execute("delete from refresh.finished_build")
        for kind, schema, name in _built(connection, settings, manifest):
            connection.execute(f'drop {kind} "{schema}"."{name}"')
        connection.commit()


def _built(
    connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Any
) -> list[tuple[str, str, str]]:
    """Tables and views of the models' schemas, but for what history and actions keep.

    What is built anew is taken away first: dbt then creates it, where it would set the old one
    aside, rename, and drop it.
    """
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    kept = {(m.schema, m.alias) for m in models if m.config.full_refresh is False}
    kept |= {(source.schema, source.identifier) for source in manifest.sources.values()}
    rooms = {model.schema for model in models if model.database == settings.database.stem}
    built = connection.execute(
        "select lower(replace(table_type, 'BASE ', '')), table_schema, table_name"
        " from information_schema.tables where table_catalog = current_database()"
    ).fetchall()
    return [(kind, *name) for kind, *name in built if name[0] in rooms and (*name,) not in kept]


def forget_finished_build(settings: Settings) -> None:
    """The next run builds in full."""
    with connect_patiently(settings.database) as connection:
        if _finished_build(connection):
            connection.execute("delete from refresh.finished_build")


@dataclass(frozen=True)
class _FinishedBuild:
    """The row of refresh.finished_build. `landed`: rows by raw table, as JSON."""

    fingerprint: str
    started_at: datetime
    as_of_dates: str
    last_file_id: int
    landed: str
    asked_day: str
    withdrawn_files: int


def _finished_build(connection: duckdb.DuckDBPyConnection) -> _FinishedBuild | None:
    """The build that the warehouse holds, if it was finished."""
    known = connection.execute(
        "select 1 from duckdb_columns() where schema_name = 'refresh'"
        " and table_name = 'finished_build' and column_name = 'last_file_id'"
    ).fetchone()
    if not known:
        return None
    row = connection.execute(
        "select fingerprint, started_at, as_of_dates, last_file_id, landed, asked_day,"
        " withdrawn_files from refresh.finished_build"
    ).fetchone()
    return _FinishedBuild(*row) if row else None


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _days(connection: duckdb.DuckDBPyConnection) -> str:
    """The days of the build, as models/customers/touched_customers.sql spells them."""
    days = connection.execute(
        "select cast(as_of_date as varchar) from measures.as_of_dates order by as_of_date"
    ).fetchall()
    return json.dumps([day for (day,) in days])


def _why_in_full(
    connection: duckdb.DuckDBPyConnection, build: _FinishedBuild | None, fingerprint: str
) -> str:
    """Why the warehouse allows no refresh; empty if it does."""
    if build is None:
        return "there is no finished build to start from"
    if build.fingerprint != fingerprint:
        return "the project, its variables or its libraries changed"
    if build.started_at > _now():  # what is news is told by its time (macros/refresh.sql)
        return "the clock went back since the last finished build"
    before, now = json.loads(build.landed), json.loads(_landed(connection))
    news = dict(
        connection.execute(
            "select 'raw_' || source || '.' || table_name, cast(sum(rows_loaded) as bigint)"
            " from landing.files where file_id > ? group by all",
            [build.last_file_id],
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
