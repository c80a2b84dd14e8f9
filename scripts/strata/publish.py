"""Publication: the audited marts that dbt built, put in the place of the served ones."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from strata.dbt import PERSONAL_COLUMNS
from strata.errors import StrataError
from strata.files import PRIVATE, SHARED, make_folder, succeed, sync
from strata.landing.declared import declared_meanings
from strata.landing.personal import MEDICAL, PERSONAL
from strata.served import note_digests
from strata.settings import PROJECT_DIR, Settings
from strata.warehouse import holds_marts, quoted

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


def begin_next(settings: Settings) -> None:
    """Make room for the marts of a build: what an earlier one left there is not published."""
    make_folder(settings.next_marts.parent)
    for file in settings.next_marts.parent.iterdir():
        if file.is_file():
            file.unlink()


def is_built(settings: Settings) -> bool:
    """Whether marts were built since the last publication, for both files."""
    return all(holds_marts(file) for file in (settings.next_marts, settings.next_medical))


def go_on_from_served(settings: Settings) -> None:
    """Where nothing was built since the last publication, its marts are published once more.

    Raises:
        StrataError: nothing was built, and not both files of one publication are served.
    """
    if is_built(settings):
        return
    served = (settings.published_marts, settings.published_medical)
    if not all(file.exists() for file in served) or len(set(map(_run_of, served))) > 1:
        raise _no_mart()
    _copy_served(settings)


def _copy_served(settings: Settings) -> None:
    """What is served, once more as the next files: each is whole, or not there."""
    begin_next(settings)
    for served, building in (
        (settings.published_medical, settings.next_medical),
        (settings.published_marts, settings.next_marts),
    ):
        aside = building.with_name(building.name + ".new")
        shutil.copy(served, aside)
        aside.replace(building)


def _no_mart() -> StrataError:
    return StrataError(
        "There is no mart to publish.",
        "Run `strata run`, or `dbt build`: both build the marts into warehouse/next/.",
    )


def publish(
    settings: Settings,
    run_id: str,
    published_at: datetime,
    sources: Sequence[str],
    progress: Callable[[str], None] = lambda _: None,
) -> Publication:
    """Put the marts that dbt built in the place of the published ones, atomically.

    Readers of the current file are never locked out and never see a half-built one. The
    file that is replaced is kept under history/, the last few of them. The medical marts lie
    in a file of their own, for the medical team's role; it is replaced first, so that a kill
    between the two leaves the public marts as they were.

    Raises:
        StrataError: a mart would publish personal or medical data, or there is no mart.
    """
    if not is_built(settings):
        raise _no_mart()
    files = (settings.next_marts, settings.next_medical)
    make_folder(settings.published_dir, 0o750)
    with duckdb.connect() as next_ones:
        next_ones.execute(f"set threads to {settings.threads}")
        for alias, file in zip(("marts", "medical"), files, strict=True):
            next_ones.execute(f"attach '{quoted(file)}' as {alias}")
        personal, medical = private_columns(sources)
        _refuse_private_data(next_ones, "marts", personal | medical)
        _refuse_private_data(next_ones, "medical", personal)
        as_of_date, ruleset = _day_and_ruleset(next_ones)
        run = (run_id, published_at, as_of_date, ruleset, ", ".join(sources), git_revision())
        counts = {
            alias: _note_publication(next_ones, alias, run) for alias in ("marts", "medical")
        }
        for mart, rows in counts["marts"].items():
            progress(f"{mart}: {rows:,} rows")
    _replace_served(settings)
    return Publication(
        settings.published_marts, run_id, as_of_date, ruleset, run[4], run[5], counts["marts"]
    )


def publish_again(settings: Settings, published_at: datetime) -> Publication:
    """What is served, as of now: for a run that had nothing to build.

    It stays the publication of the run that built it: history records that one, and none of
    those kept beside it gives way to a copy.
    """
    revision = git_revision()
    _copy_served(settings)
    for building in (settings.next_medical, settings.next_marts):
        with duckdb.connect(str(building)) as target:
            target.execute(
                "update publication set published_at = ?, git_revision = ?",
                [published_at, revision],
            )
            target.execute("checkpoint")
            served = target.execute(
                "select run_id, as_of_date, ruleset, sources, git_revision, table_name,"
                " row_count from publication order by table_name"
            ).fetchall()
    _replace_served(settings)
    return Publication(
        settings.published_marts, *served[0][:5], {row[5]: row[6] for row in served}
    )


def is_last_publication(settings: Settings) -> bool:
    """Whether what is served is what this warehouse knows to have published last."""
    files = (settings.published_medical, settings.published_marts)
    if not all(file.exists() for file in files):
        return False
    with duckdb.connect(str(settings.database), read_only=True) as build:
        recorded = build.execute(
            "select run_id from history.publications order by publication_number desc limit 1"
        ).fetchone()
    return recorded is not None and all(_run_of(file) == recorded[0] for file in files)


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


def _run_of(published: Path) -> str:
    """The run that published a file."""
    with duckdb.connect(str(published), read_only=True) as marts:
        return marts.execute("select any_value(run_id) from publication").fetchone()[0]


def _note_publication(
    next_ones: duckdb.DuckDBPyConnection,
    alias: str,
    run: tuple[str, datetime, date, str, str, str],
) -> dict[str, int]:
    """The table `publication` in a file: the run, and the rows of each table. Returns these."""
    tables = [
        name
        for (name,) in next_ones.execute(
            "select table_name from duckdb_tables() where database_name = ?"
            " and schema_name = 'main' and table_name != 'publication' order by table_name",
            [alias],
        ).fetchall()
    ]
    counts = {
        name: next_ones.execute(f"select count(*) from {alias}.{name}").fetchone()[0]
        for name in tables
    }
    next_ones.execute(
        f"create or replace table {alias}.publication (run_id varchar, published_at timestamp,"
        " as_of_date date, ruleset varchar, sources varchar, git_revision varchar,"
        " table_name varchar, row_count bigint)"
    )
    next_ones.executemany(
        f"insert into {alias}.publication values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(*run, name, rows) for name, rows in counts.items()],
    )
    next_ones.execute(f"checkpoint {alias}")
    return counts


def private_columns(
    sources: Sequence[str], project_dir: Path = PROJECT_DIR
) -> tuple[set[str], set[str]]:
    """What no mart may have, and what the medical team's may: the contract's columns, and
    those of which the sources' declarations say that they hold such data."""
    personal, medical = set(PERSONAL_COLUMNS), set(MEDICAL_COLUMNS)
    for source in sources:
        for columns in declared_meanings(source, project_dir).values():
            for column, holds in columns.items():
                if holds == MEDICAL:
                    medical.add(column)
                elif holds in PERSONAL:
                    personal.add(column)
    return personal, medical


def _refuse_private_data(
    next_ones: duckdb.DuckDBPyConnection, alias: str, private: set[str]
) -> None:
    """No table or view of a file has a column that its readers may not see."""
    columns = next_ones.execute(
        "select table_name, column_name from information_schema.columns"
        " where table_catalog = ? order by table_name, ordinal_position",
        [alias],
    ).fetchall()
    if not columns:
        raise _no_mart()
    found = [f"{table}.{column}" for table, column in columns if column.lower() in private]
    if found:
        raise StrataError(
            f"These columns hold personal or medical data: {', '.join(found)}.",
            "Take them out of the marts; names, phones and free text end in models/customers/,"
            " medical facts in models/marts/medical/.",
        )


def _day_and_ruleset(next_ones: duckdb.DuckDBPyConnection) -> tuple[date, str]:
    """The last day that the marts describe; the guard has held all marts against it."""
    return next_ones.execute(
        "select as_of_date, ruleset from marts.mart_customer_tiers"
        " order by as_of_date desc limit 1"
    ).fetchone()


def _replace_served(settings: Settings) -> None:
    """Put the next files in the place of the served ones, the medical team's first."""
    pairs = (
        (settings.next_medical, settings.published_medical, PRIVATE),
        (settings.next_marts, settings.published_marts, SHARED),
    )
    for building, _, _ in pairs:
        _log_of(building).unlink(missing_ok=True)
        sync(building)
    note_digests(settings, *(building for building, _, _ in pairs))
    for building, published, first_mode in pairs:
        succeed(building, published, first_mode)
        _replace(building, published, settings.published_dir / "history")


def _replace(building: Path, published: Path, history: Path) -> None:
    """Put the new file in the published one's place; keep another run's in history."""
    make_folder(history, 0o750)
    present = _run_of(building)
    if published.exists() and (run := _run_of(published)) != present:
        kept = history / f"{published.stem}-{run}.duckdb"
        if not kept.exists():
            os.link(published, kept)
    building.replace(published)
    sync(published.parent)

    def age(file: Path) -> tuple[bool, str]:
        """The first to go: later than now is what a clock that went wrong has named."""
        return file.stem <= f"{published.stem}-{present}", file.stem

    for outdated in sorted(history.glob(f"{published.stem}-*.duckdb"), key=age)[:-KEPT]:
        outdated.unlink()


def _log_of(file: Path) -> Path:
    """DuckDB's write-ahead log; nothing is in it once the file is checkpointed and closed."""
    return file.with_name(file.name + ".wal")
