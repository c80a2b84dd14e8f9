"""Publication: audited marts only, replaced in one atomic step."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from strata.dbt import PERSONAL_COLUMNS
from strata.errors import MORE_MEMORY, StrataError
from strata.publish_tables import put_table
from strata.publish_views import VIEWS, publish_views
from strata.refresh import has_new_day
from strata.settings import PROJECT_DIR, Settings

KEPT = 5  # publications kept beside the current one

# Columns that only the medical team may see.
MEDICAL_COLUMNS = {
    "moisture_pct", "pigmentation_pct", "collagen_density_pct", "uv_damage_index",
    "skin_problem_index", "has_complication", "postop_satisfaction_score", "complications_365",
    "overdue_follow_ups_365", "medical_need_tier", "care_risk_tier",
}  # fmt: skip


@dataclass(frozen=True)
class Publication:
    """What was published: the file, the run, the day, and the rows of each mart."""

    file: Path
    run_id: str
    as_of_date: date
    ruleset: str
    sources: str
    git_revision: str
    row_counts: dict[str, int]


def publish(
    settings: Settings,
    run_id: str,
    published_at: datetime,
    sources: Sequence[str],
    progress: Callable[[str], None] = lambda _: None,
    only_changes: bool = False,
) -> Publication:
    """Copy the marts beside the current publication, then replace it atomically.

    Readers of the current file are never locked out and never see a half-built one. The
    file that is replaced is kept under history/, the last few of them. The medical marts go
    into a file of their own, for the medical team's role; it is replaced first, so that a kill
    between the two leaves the public marts as they were.

    `only_changes`: the build is a refresh; if what is served is what this warehouse published
    last, and of the same day, a copy of it takes in the rows that changed only.

    Raises:
        StrataError: a mart would publish personal or medical data, the marts are not of one
            build, there is no mart, or sorting one needs more memory than DuckDB may hold.
    """
    settings.published_dir.mkdir(parents=True, exist_ok=True)
    source_names, revision = ", ".join(sources), git_revision()
    run = (run_id, published_at, source_names, revision)
    medical = settings.published_medical.with_suffix(".duckdb.new")
    building = settings.published_marts.with_suffix(".duckdb.new")
    if only_changes and (has_new_day(settings) or not _is_last_publication(settings)):
        only_changes = False
    with _new_file(medical, settings, only_changes) as target:
        _refuse_private_data(target, "medical", PERSONAL_COLUMNS)
        _copy_marts(target, "medical", run, progress, only_changes)
    medical.chmod(0o640)
    with _new_file(building, settings, only_changes) as target:
        _refuse_private_data(target, "marts", PERSONAL_COLUMNS | MEDICAL_COLUMNS)
        _refuse_mixed_builds(target)
        counts = _copy_marts(target, "marts", run, progress, only_changes)
        publish_views(target, PERSONAL_COLUMNS | MEDICAL_COLUMNS, only_changes)
        progress(f"{', '.join(VIEWS)}: views, computed when asked")
        as_of_date, ruleset = target.execute(
            "select max(as_of_date), max(ruleset) from publication"
        ).fetchone()

    _replace(medical, settings.published_medical, settings.published_dir / "history")
    _replace(building, settings.published_marts, settings.published_dir / "history")
    return Publication(
        settings.published_marts, run_id, as_of_date, ruleset, source_names, revision, counts
    )


def publish_again(
    settings: Settings, run_id: str, published_at: datetime
) -> Publication | None:
    """What is served, as of another run: for a run that had nothing to build.

    None if what is served is not what this warehouse published last: then publish it.
    """
    if not _is_last_publication(settings):
        return None
    revision = git_revision()
    for file in (settings.published_medical, settings.published_marts):
        building = file.with_suffix(".duckdb.new")
        building.with_suffix(".new.wal").unlink(missing_ok=True)
        shutil.copy(file, building)
        with duckdb.connect(str(building)) as target:
            target.execute(
                "update publication set run_id = ?, published_at = ?, git_revision = ?",
                [run_id, published_at, revision],
            )
            target.execute("checkpoint")
            served = target.execute(
                "select as_of_date, ruleset, sources, git_revision, table_name, row_count"
                " from publication order by table_name"
            ).fetchall()
        _replace(building, file, settings.published_dir / "history")
    return Publication(
        settings.published_marts, run_id, *served[0][:4], {row[4]: row[5] for row in served}
    )


def _is_last_publication(settings: Settings) -> bool:
    """Whether what is served is what this warehouse knows to have published last."""
    files = (settings.published_medical, settings.published_marts)
    if not all(file.exists() for file in files):
        return False
    with duckdb.connect(str(settings.database), read_only=True) as build:
        recorded = build.execute(
            "select run_id from history.publications order by publication_number desc limit 1"
        ).fetchone()
    return recorded is not None and all(_run_of(file) == recorded[0] for file in files)


def _run_of(published: Path) -> str:
    """The run that published a file."""
    with duckdb.connect(str(published), read_only=True) as marts:
        return marts.execute("select any_value(run_id) from publication").fetchone()[0]


@contextmanager
def _new_file(
    building: Path, settings: Settings, is_copy: bool
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of what is served (`building` without .new), or an empty file, for writing.

    The build is attached as `strata`; the file is checkpointed at the end.

    Raises:
        StrataError: what DuckDB may hold does not do for sorting a mart.
    """
    for leftover in (building, building.with_suffix(".new.wal")):
        leftover.unlink(missing_ok=True)
    if is_copy:
        shutil.copy(building.with_suffix(""), building)
    with duckdb.connect(str(building)) as target:
        target.execute(f"set threads to {settings.threads}")
        target.execute(f"set memory_limit = '{settings.memory}'")
        target.execute(f"attach '{settings.database}' as strata (read_only)")
        try:
            yield target
        except duckdb.OutOfMemoryException as failure:
            raise StrataError(f"The publication stopped: {failure}", MORE_MEMORY) from None
        target.execute("detach strata")
        target.execute("checkpoint")


def _copy_marts(
    target: duckdb.DuckDBPyConnection,
    schema: str,
    run: tuple[str, datetime, str, str],
    progress: Callable[[str], None],
    only_changes: bool,
) -> dict[str, int]:
    """The marts of a schema and the table `publication`; rows by mart."""
    counts = {}
    for mart, columns in _marts(target, schema):
        relation = f"{schema}.{mart}"
        counts[mart] = put_table(target, mart, relation, columns, only_changes=only_changes)
        progress(f"{mart}: {counts[mart]:,} rows")
    as_of_date, ruleset = target.execute(
        "select max(as_of_date), max(ruleset) from strata.marts.mart_customer_tiers"
    ).fetchone()
    run_id, published_at, sources, revision = run
    target.execute(
        "create or replace table publication (run_id varchar, published_at timestamp,"
        " as_of_date date, ruleset varchar, sources varchar, git_revision varchar,"
        " table_name varchar, row_count bigint)"
    )
    target.executemany(
        "insert into publication values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (run_id, published_at, as_of_date, ruleset, sources, revision, name, rows)
            for name, rows in counts.items()
        ],
    )
    return counts


def git_revision() -> str:
    """The revision of the project, `-dirty` if files were changed since; else 'unknown'."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()


def _marts(connection: duckdb.DuckDBPyConnection, schema: str) -> list[tuple[str, list[str]]]:
    """The marts of a schema that are tables, each with its columns."""
    rows = connection.execute(
        "select table_name, list(column_name order by ordinal_position)"
        " from information_schema.columns"
        " where table_catalog = 'strata' and table_schema = ?"
        " and not list_contains(?, table_name)"
        " group by table_name order by table_name",
        [schema, list(VIEWS)],
    ).fetchall()
    if not rows:
        raise StrataError(
            "There is no mart to publish.",
            "Run `strata run` first; it builds, audits and publishes.",
        )
    return rows


def _refuse_private_data(
    connection: duckdb.DuckDBPyConnection, schema: str, private: set[str]
) -> None:
    columns = connection.execute(
        "select table_name, column_name from information_schema.columns"
        " where table_catalog = 'strata' and table_schema = ?"
        " order by table_name, ordinal_position",
        [schema],
    ).fetchall()
    found = [f"{table}.{column}" for table, column in columns if column in private]
    if found:
        raise StrataError(
            f"These columns hold personal or medical data: {', '.join(found)}.",
            "Take them out of the marts; names, phones and free text end in models/customers/,"
            " medical facts in models/marts/medical/.",
        )


def _refuse_mixed_builds(connection: duckdb.DuckDBPyConnection) -> None:
    """All marts must describe the same customers on the same days under one rule set."""
    customers = {
        mart: connection.execute(
            f"select as_of_date, ruleset, count(*) from strata.{mart}"
            " group by as_of_date, ruleset order by all"
        ).fetchall()
        for mart in (
            "marts.mart_customer_tiers", "marts.fct_rfm", "marts.fct_rfm2",
            "marts.fct_lifecycle", "medical.mart_medical_tiers",
        )
    }  # fmt: skip
    customers["marts.mart_tier_summary"] = connection.execute(
        "select as_of_date, ruleset, cast(sum(customers) as bigint)"
        " from strata.marts.mart_tier_summary where model = 'final'"
        " group by as_of_date, ruleset order by all"
    ).fetchall()
    # Intervals are told up to the last day only, and have everybody who is known by then.
    intervals = connection.execute(
        "select as_of_date, ruleset, count(*) from strata.marts.fct_lifecycle_intervals"
        " where is_current group by as_of_date, ruleset order by all"
    ).fetchall()
    last = customers["marts.mart_customer_tiers"][-1:]
    mixed = len({str(rows) for rows in customers.values()}) > 1
    if mixed or intervals != last:
        customers["marts.fct_lifecycle_intervals"] = intervals
        found = "; ".join(
            f"{mart}: "
            + ", ".join(f"{day} {ruleset} {count:,} customers" for day, ruleset, count in rows)
            for mart, rows in customers.items()
        )
        raise StrataError(
            f"The marts are of different builds ({found}).",
            "Build them together: strata run, or dbt build without a selection.",
        )


def _replace(building: Path, published: Path, history: Path) -> None:
    """Put the new file in the published one's place; keep the old one in history."""
    _sync(building)
    history.mkdir(exist_ok=True)
    if published.exists():
        kept = history / f"{published.stem}-{_run_of(published)}.duckdb"
        if not kept.exists():
            os.link(published, kept)
    building.replace(published)
    _sync(published.parent)
    for outdated in sorted(history.glob(f"{published.stem}-*.duckdb"))[:-KEPT]:
        outdated.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
