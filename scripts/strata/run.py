"""The run: guard, build, guard, publish, report. Any failure leaves the last publication."""

from dataclasses import replace

import duckdb

from strata.book import write_book
from strata.console import console, note, step
from strata.dbt import PROOFS, UNCHANGED, Dbt
from strata.errors import StrataError
from strata.forget import finish_forgetting
from strata.gate import GateResult, check_landings, check_publication, explain_failures
from strata.history.believed import record_publication
from strata.history.fill import POLICY, ROWS, fill_history
from strata.history.kept import note_whole_days
from strata.landing.bookkeeping import create_bookkeeping
from strata.lock import require_closed
from strata.options import RunOptions, as_built, read_build, read_project, require_sense
from strata.publish import (
    Publication,
    begin_next,
    go_on_from_served,
    is_built,
    is_last_publication,
    publish,
    publish_again,
)
from strata.record import DONE, Record, last_run, recorded, require_whole_build, run_id_of
from strata.refresh import (
    BuildPlan,
    begin_in_full,
    describes_built_days,
    forget_built_days,
    forget_finished_build,
    plan_build,
    record_finished_build,
    restore_built_days,
)
from strata.report import write_report
from strata.served import heal_published
from strata.settings import Settings
from strata.warehouse import connect_patiently

# What raw rows become before a day is looked at, and what says which customers they touch.
OF_NO_DAY = (
    "path:models/staging",
    "path:models/entities",
    "path:models/customers",
    "as_of_dates",
)

# Marts that tell what other commands and the tests found.
TOLD_LAST = ("mart_data_quality", "mart_clv_backtest")


def run(settings: Settings, options: RunOptions) -> Publication:
    """Build aside, audit, publish in one atomic step. The caller holds the lock.

    Raises:
        StrataError: nothing was loaded, another program has the build open, a check failed,
            or a model did not build. Nothing is published then.
    """
    require_closed(settings)
    finish_forgetting(settings)  # of one that was killed
    require_sense(settings, options, options.as_of_date)
    with connect_patiently(settings.database) as landed:
        create_bookkeeping(landed)  # an earlier version kept less of its files
    with recorded(settings) as record:
        dbt = read_project(settings, options)
        is_served_whole = heal_published(settings, _warn)
        plan = plan_build(settings, dbt, options.sources, options.in_full)
        if plan.is_idle and not (
            record.is_build_whole and is_served_whole and is_last_publication(settings)
        ):
            plan = replace(plan, is_idle=False)  # half built, or another file is served
        with step("Check the raw landings"):
            _pass(
                check_landings(
                    settings,
                    dbt.manifest_file,
                    list(options.sources),
                    note,
                    accept_drift=options.accepts_drift,
                )
            )
        # What a killed run published counts as believed before anything is computed again.
        record_publication(settings)
        if plan.is_idle:
            note("nothing came since the last finished build, which describes the same day")
        else:
            record.build_begins()
            build(settings, options, dbt, plan)
            # Before the audit: once a person accepts what it found, nothing is left to build.
            record_finished_build(settings, plan)
        if options.with_backtest:
            _backtest(settings)
        try:
            return _audit_and_publish(settings, options, dbt, record, plan)
        except StrataError:
            if plan.is_current:  # nothing came, and yet something is wrong: build it anew
                forget_finished_build(settings)
            raise


def build(
    settings: Settings, options: RunOptions, dbt: Dbt, plan: BuildPlan, *dbt_options: str
) -> None:
    """Rows first, then the month ends that history lacks, then the customers of the day.

    Rows go on from the last finished build, where the plan allows it. Customers do so on the
    same day; on another day every customer's numbers move, and are computed anew.
    """
    begin_next(settings)
    proofs = PROOFS if plan.is_proven else ()
    if plan.is_refresh:
        with step(f"Take in {plan.reason}"):
            dbt.go_on(*dbt_options, select=OF_NO_DAY)
    else:
        note(f"in full: {plan.reason}")
        with step("Take in the raw rows"):
            begin_in_full(settings, dbt.manifest)
            dbt.build(*dbt_options, select=[*OF_NO_DAY, *POLICY], exclude=proofs)
    record_publication(settings)  # a new build takes up the kept publications
    is_same_day = plan.is_refresh and describes_built_days(settings)
    is_filled = fill_history(settings, options, dbt)
    if is_same_day and not is_filled:
        with step("Compute the customers that they touch, and test"):
            dbt.go_on(*dbt_options, exclude=OF_NO_DAY)
    else:
        forget_built_days(settings, dbt.manifest)
        # In full, actions are matched anew; else once a month (models/actions/action_days.sql).
        asked = {} if plan.is_refresh else {"match_actions": "always"}
        views = UNCHANGED if plan.is_refresh else ()
        with step("Compute the customers of the day, and test"):
            dbt.build(
                *dbt_options,
                exclude=[*(ROWS if is_filled else OF_NO_DAY), *POLICY, *proofs, *views],
                **asked,
            )


def _backtest(settings: Settings) -> None:
    """How well customer value would have been predicted; a short history is no failure."""
    from strata.clv.command import Request, run_backtest

    with step("Predict customer value from days in the past"):
        try:
            run_backtest(settings, Request())
        except StrataError as failure:
            note(failure.message)


def audit_and_publish(settings: Settings, options: RunOptions) -> Publication:
    """Audit and publish what is built. The caller holds the lock.

    Raises:
        StrataError: another program has the build open, a source of the build is not named, the
            build is half done, a dbt test or a check of the marts fails. Nothing is published
            then.
    """
    require_closed(settings)
    options = as_built(read_build(settings), options)
    require_sense(settings, options, options.as_of_date)
    before = last_run(settings)
    if not is_built(settings):
        require_whole_build(settings)
    with recorded(settings) as record:
        dbt = read_project(settings, options)
        heal_published(settings, _warn)
        record_publication(settings)  # one that a killed run left unrecorded
        if is_built(settings):  # since then, by a plain dbt build or for history
            record.build_begins()
        go_on_from_served(settings)
        plan = plan_build(settings, dbt, options.sources)
        with step("Test the models"):
            dbt.test(exclude=PROOFS if plan.is_proven else ())
        publication = _audit_and_publish(settings, options, dbt, record)
        # History was computed for what the last run had finished: the next goes on from it.
        if before and before.status == DONE and plan.is_refresh and plan.is_current:
            restore_built_days(settings)
        return publication


def _audit_and_publish(
    settings: Settings,
    options: RunOptions,
    dbt: Dbt,
    record: Record,
    plan: BuildPlan | None = None,
) -> Publication:
    started_at = record.started_at
    if plan and plan.is_idle:
        again = publish_again(settings, started_at)
        note("the same marts, as of this run")
        _write_pages(settings)
        return again
    with step("Audit the marts"):
        # What the tests of this run found, and a backtest, is known only now.
        dbt.build_models(select=TOLD_LAST)
        _pass(check_publication(settings, note, accept_drift=options.accepts_drift))
    note_whole_days(settings, options.built_ruleset)
    _say_if_going_back(settings)
    with step("Publish"):
        publication = publish(
            settings, run_id_of(started_at), started_at, options.sources, note
        )
        record_publication(settings)
    _write_pages(settings)
    return publication


def _write_pages(settings: Settings) -> None:
    with step("Write the report"):
        write_report(settings.published_marts, settings.report_file, note)
    with step("Write the tier book"):
        write_book(settings, settings.book_file, note)


def _say_if_going_back(settings: Settings) -> None:
    """A publication of an earlier day replaces a later one: allowed, but not unnoticed."""
    build = read_build(settings)
    if not settings.published_marts.exists() or build is None or build.day is None:
        return
    with duckdb.connect(str(settings.published_marts), read_only=True) as marts:
        (before,) = marts.execute("select max(as_of_date) from publication").fetchone()
    if before and build.day < before:
        console.print(
            f"The published day goes back from {before} to {build.day}; the later publication"
            f" is kept in {settings.published_dir.name}/history.",
            style="yellow",
        )


def _warn(message: str) -> None:
    console.print(f"! {message}", style="yellow", markup=False)


def _pass(result: GateResult) -> None:
    """Warnings are shown; a failure of severity error stops the run."""
    if not result.ok:
        raise StrataError(
            explain_failures(result),
            f"Nothing is published; the last publication stays. Data Docs: {result.docs}",
        )
    if result.failures:
        console.print(explain_failures(result), style="yellow", markup=False)
