"""The run: guard, build, guard, publish, report. Any failure leaves the last publication."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import duckdb

from strata.book import write_book
from strata.console import console, note, step
from strata.dbt import Dbt
from strata.errors import WRONG_USE, StrataError
from strata.gate import GateResult, check_landings, check_marts, explain_failures
from strata.history.believed import record_publication
from strata.landing import declared_tables
from strata.publish import Publication, publish, publish_again
from strata.refresh import (
    BuildPlan,
    forget_finished_build,
    plan_build,
    record_finished_build,
)
from strata.report import write_report
from strata.settings import PROJECT_DIR, Settings


@dataclass(frozen=True)
class RunOptions:
    """What a run describes. None leaves the choice to dbt_project.yml."""

    sources: Sequence[str] = ("demo",)
    as_of_date: date | None = None
    ruleset: str | None = None
    in_full: bool = False  # build all, whatever the warehouse holds

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
        _require_sense(settings, options)
        dbt = read_project(settings, options)
        plan = plan_build(settings, dbt, options.sources, options.in_full)
        with step("Check the raw landings"):
            _pass(
                check_landings(
                    settings, dbt.manifest_file, list(options.sources), note, plan.after_row
                )
            )
        # What a killed run published counts as believed before anything is computed again.
        record_publication(settings)
        _build(dbt, plan)
        try:
            publication = _audit_and_publish(settings, options, dbt, started_at, plan)
        except StrataError:
            if plan.is_idle:  # nothing came, and yet something is wrong: build it anew
                forget_finished_build(settings)
            raise
        record_finished_build(settings, plan)
        return publication


def _build(dbt: Dbt, plan: BuildPlan) -> None:
    if plan.is_idle:
        note("nothing came since the last finished build, which describes the same day")
        return
    if plan.is_refresh:
        with step(f"Compute what {plan.reason} touch, and test it"):
            dbt.refresh(**plan.variables)
        return
    note(f"in full: {plan.reason}")
    with step("Build and test the models"):
        dbt.build()


def audit_and_publish(settings: Settings, options: RunOptions) -> Publication:
    """Audit and publish what is built. The caller holds the lock.

    Raises:
        StrataError: a dbt test or a check of the marts fails. Nothing is published then.
    """
    with _recorded(settings) as started_at:
        _require_sense(settings, options)
        dbt = read_project(settings, options)
        record_publication(settings)  # one that a killed run left unrecorded
        with step("Test the models"):
            dbt.test()
        return _audit_and_publish(settings, options, dbt, started_at)


def read_project(settings: Settings, options: RunOptions) -> Dbt:
    """dbt with the project read, for a run with these options."""
    dbt = Dbt(settings, options.variables())
    with step("Read the project"):
        dbt.parse()
    return dbt


def _audit_and_publish(
    settings: Settings,
    options: RunOptions,
    dbt: Dbt,
    started_at: datetime,
    plan: BuildPlan | None = None,
) -> Publication:
    with step("Audit the marts"):
        _pass(check_marts(settings, dbt.manifest_file, note, bool(plan and plan.is_refresh)))
    _say_if_going_back(settings)
    with step("Publish"):
        publication = _publish(settings, options, started_at, plan)
        record_publication(settings)
    with step("Write the report"):
        write_report(settings.published_marts, settings.report_file, note)
    with step("Write the tier book"):
        write_book(settings.database, settings.book_file, note)
    return publication


def _publish(
    settings: Settings,
    options: RunOptions,
    started_at: datetime,
    plan: BuildPlan | None,
) -> Publication:
    run_id = _run_id(started_at)
    if plan and plan.is_idle:
        again = publish_again(settings, run_id, started_at)
        if again:
            note("the same marts, as of this run")
            return again
    only_changes = bool(plan and plan.is_refresh)
    return publish(settings, run_id, started_at, options.sources, note, only_changes)


def _say_if_going_back(settings: Settings) -> None:
    """A publication of an earlier day replaces a later one: allowed, but not unnoticed."""
    if not settings.published_marts.exists():
        return
    days = "select max(as_of_date) from "
    with duckdb.connect(str(settings.published_marts), read_only=True) as marts:
        (before,) = marts.execute(days + "publication").fetchone()
    with duckdb.connect(str(settings.database), read_only=True) as build:
        (after,) = build.execute(days + "marts.mart_customer_tiers").fetchone()
    if before and after and after < before:
        console.print(
            f"The published day goes back from {before} to {after}; the later publication is"
            f" kept in {settings.published_dir.name}/history.",
            style="yellow",
        )


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


def _require_sense(settings: Settings, options: RunOptions) -> None:
    """What was asked for must exist: sources, rule set, and the day must have come."""
    loaded = _loaded_sources(settings)
    missing = [source for source in options.sources if source not in loaded]
    if missing:
        declared_tables(missing[0])  # an unknown source is named as such
        raise StrataError(
            f"Nothing was loaded from the source {', '.join(missing)}"
            + (f" (loaded: {', '.join(sorted(loaded))})." if loaded else "."),
            f"Load its files first: strata load --source {missing[0]} DIR",
        )
    with (PROJECT_DIR / "seeds/policy/rulesets.csv").open(encoding="utf-8") as seed:
        known = [row["ruleset"] for row in csv.DictReader(seed)]
    if options.ruleset and options.ruleset not in known:
        raise StrataError(
            f"Unknown rule set {options.ruleset!r}.",
            f"Known (seeds/policy/rulesets.csv): {', '.join(known)}.",
            WRONG_USE,
        )
    newest = max(loaded[source] for source in options.sources)
    if options.as_of_date and options.as_of_date > newest + timedelta(days=1):
        raise StrataError(
            f"{options.as_of_date} has not come yet: the newest files were loaded on {newest}.",
            "Choose a day with --as-of that the data can know, or leave it out.",
            WRONG_USE,
        )


def _loaded_sources(settings: Settings) -> dict[str, date]:
    """The sources that delivered something, with the day (UTC) of the newest load."""
    if not settings.database.exists():
        return {}
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        landed = connection.execute(
            "select 1 from information_schema.tables"
            " where table_schema = 'landing' and table_name = 'files'"
        ).fetchone()
        if not landed:
            return {}
        return dict(
            connection.execute(
                "select source, cast(max(loaded_at) as date) from landing.files group by source"
            ).fetchall()
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
