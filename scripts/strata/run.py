"""The run: guard, build, guard, publish, report. Any failure leaves the last publication."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from strata.console import console, note, step
from strata.dbt import Dbt
from strata.errors import StrataError
from strata.gate import GateResult, check_landings, check_marts, explain_failures
from strata.publish import Publication, publish
from strata.report import write_report
from strata.settings import Settings


@dataclass(frozen=True)
class RunOptions:
    """What a run describes. None leaves the choice to dbt_project.yml."""

    sources: Sequence[str] = ("demo",)
    as_of_date: date | None = None
    ruleset: str | None = None

    def variables(self) -> dict[str, object]:
        """The same as dbt variables."""
        variables: dict[str, object] = {"sources": list(self.sources)}
        if self.as_of_date:
            variables["as_of_date"] = self.as_of_date.isoformat()
        if self.ruleset:
            variables["ruleset"] = self.ruleset
        return variables


def run(settings: Settings, options: RunOptions) -> Publication:
    """Build aside, audit, publish in one atomic step. The caller holds the lock.

    Raises:
        StrataError: nothing was loaded, a check failed, or a model did not build. Nothing is
            published then.
    """
    with _recorded(settings) as started_at:
        _require_loaded(settings, options.sources)
        dbt = _read_project(settings, options)
        with step("Check the raw landings"):
            _pass(check_landings(settings, dbt.manifest_file, list(options.sources), note))
        with step("Build and test the models"):
            dbt.build()
        return _audit_and_publish(settings, options, dbt, started_at)


def audit_and_publish(settings: Settings, options: RunOptions) -> Publication:
    """Audit and publish what is built. The caller holds the lock.

    Raises:
        StrataError: a dbt test or a check of the marts fails. Nothing is published then.
    """
    with _recorded(settings) as started_at:
        _require_loaded(settings, options.sources)
        dbt = _read_project(settings, options)
        with step("Test the models"):
            dbt.test()
        return _audit_and_publish(settings, options, dbt, started_at)


def _read_project(settings: Settings, options: RunOptions) -> Dbt:
    dbt = Dbt(settings, options.variables())
    with step("Read the project"):
        dbt.parse()
    return dbt


def _audit_and_publish(
    settings: Settings, options: RunOptions, dbt: Dbt, started_at: datetime
) -> Publication:
    with step("Audit the marts"):
        _pass(check_marts(settings, dbt.manifest_file, note))
    with step("Publish"):
        publication = publish(settings, _run_id(started_at), started_at, options.sources, note)
    with step("Write the report"):
        write_report(settings.published_marts, settings.report_file, note)
    return publication


def _run_id(started_at: datetime) -> str:
    return started_at.strftime("%Y%m%dT%H%M%SZ")


@contextmanager
def _recorded(settings: Settings) -> Iterator[datetime]:
    """Leave word of how the run ended for `strata status`."""
    started_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    record = {"run_id": _run_id(started_at), "status": "published", "message": ""}
    try:
        yield started_at
    except BaseException as failure:
        record |= {"status": "failed", "message": getattr(failure, "message", repr(failure))}
        raise
    finally:
        unfinished = settings.last_run_file.with_suffix(".new")
        unfinished.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        unfinished.replace(settings.last_run_file)


def _require_loaded(settings: Settings, sources: Sequence[str]) -> None:
    """Each source must have delivered something."""
    loaded: set[str] = set()
    if settings.database.exists():
        with duckdb.connect(str(settings.database), read_only=True) as connection:
            if connection.execute(
                "select 1 from information_schema.tables"
                " where table_schema = 'landing' and table_name = 'files'"
            ).fetchone():
                rows = connection.execute(
                    "select distinct source from landing.files"
                ).fetchall()
                loaded = {name for (name,) in rows}
    missing = [source for source in sources if source not in loaded]
    if missing:
        raise StrataError(
            f"Nothing was loaded from the source {', '.join(missing)}"
            + (f" (loaded: {', '.join(sorted(loaded))})." if loaded else "."),
            f"Load its files first: strata load --source {missing[0]} DIR",
        )


def _pass(result: GateResult) -> None:
    """Warnings are shown; a failure of severity error stops the run."""
    if not result.ok:
        raise StrataError(
            explain_failures(result),
            f"Nothing is published; the last publication stays. Data Docs: {result.docs}",
        )
    if result.failures:
        console.print(explain_failures(result), style="yellow", markup=False)


@dataclass(frozen=True)
class LastRun:
    """How the last run ended."""

    run_id: str
    status: str
    message: str


def last_run(settings: Settings) -> LastRun | None:
    """The last run's record, or None if there was none."""
    try:
        return LastRun(**json.loads(settings.last_run_file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
