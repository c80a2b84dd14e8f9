"""The run: guard, build, guard, publish, report. Any failure leaves the last publication."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import duckdb

from strata.book import write_book
from strata.console import console, note, step
from strata.dbt import Dbt
from strata.errors import StrataError
from strata.gate import GateResult, check_landings, check_marts, explain_failures
from strata.history.believed import record_publication
from strata.history.kept import KeptDay, days_to_restore, kept_days, note_whole_days
from strata.history.snapshots import SnapshotOptions, build_snapshots
from strata.lock import in_words, require_closed
from strata.options import RunOptions, as_built, read_build, read_project, require_sense
from strata.publish import Publication, publish, publish_again
from strata.refresh import (
    BuildPlan,
    forget_finished_build,
    is_half_refreshed,
    plan_build,
    record_finished_build,
)
from strata.report import write_report
from strata.settings import Settings


def run(settings: Settings, options: RunOptions) -> Publication:
    """Build aside, audit, publish in one atomic step. The caller holds the lock.

    Raises:
        StrataError: nothing was loaded, another program has the build open, a check failed,
            or a model did not build. Nothing is published then.
    """
    require_closed(settings)
    require_sense(settings, options, options.as_of_date)
    with _recorded(settings) as started_at:
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
        before = kept_days(settings, options.built_ruleset)
        _build(dbt, plan)
        if _restore_history(settings, options, before):
            # All that is of a day was built anew; what the refresh noted is gone.
            plan = replace(plan, is_refresh=False, is_idle=False)
            with step("Test the models again"):
                dbt.test()
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


def _restore_history(
    settings: Settings, options: RunOptions, before: dict[date, KeptDay]
) -> bool:
    """Fill what history lacks for this run's day; whether anything was built for it."""
    built = read_build(settings)
    if built is None or built.day is None:
        return False
    after = kept_days(settings, options.built_ruleset)
    days = days_to_restore(before, after, built.day)
    if days:
        named = ", ".join(map(str, days))
        note(f"history lacks {named}, or a run that stopped left half of it: computed again")
        build_snapshots(settings, options, SnapshotOptions(further=days), is_current=True)
    return bool(days)


def audit_and_publish(settings: Settings, options: RunOptions) -> Publication:
    """Audit and publish what is built. The caller holds the lock.

    Raises:
        StrataError: the last refresh broke off, another program has the build open, a source
            of the build is not named, a dbt test or a check of the marts fails. Nothing is
            published then.
    """
    require_closed(settings)
    options = as_built(read_build(settings), options)
    require_sense(settings, options, options.as_of_date)
    if is_half_refreshed(settings):
        raise StrataError(
            "The last run stopped while it computed again what new rows touch: some marts have"
            " them and some have not.",
            "Let it finish: strata run",
        )
    with _recorded(settings) as started_at:
        dbt = read_project(settings, options)
        record_publication(settings)  # one that a killed run left unrecorded
        with step("Test the models"):
            dbt.test()
        return _audit_and_publish(settings, options, dbt, started_at)


def _audit_and_publish(
    settings: Settings,
    options: RunOptions,
    dbt: Dbt,
    started_at: datetime,
    plan: BuildPlan | None = None,
) -> Publication:
    with step("Audit the marts"):
        _pass(check_marts(settings, dbt.manifest_file, note, bool(plan and plan.is_refresh)))
    note_whole_days(settings, options.built_ruleset)
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
        told = in_words(failure) if isinstance(failure, duckdb.IOException) else failure
        record |= {"status": "failed", "message": getattr(told, "message", repr(told))}
        raise
    finally:
        unfinished = settings.last_run_file.with_suffix(".new")
        unfinished.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        unfinished.replace(settings.last_run_file)


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
