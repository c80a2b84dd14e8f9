"""Snapshots of past days, built a few days at a time; what is published is not touched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from strata.console import note, step
from strata.dbt import UNCHANGED
from strata.errors import WRONG_USE, StrataError
from strata.history.days import month_ends
from strata.history.fill import POLICY, ROWS, build_days
from strata.history.kept import note_whole_days, whole_days
from strata.lock import require_closed
from strata.options import RunOptions, as_built, read_build, read_project, require_sense
from strata.publish import begin_next
from strata.record import DONE, recorded
from strata.refresh import forget_built_days, plan_build
from strata.settings import Settings
from strata.warehouse import has_table


@dataclass(frozen=True)
class SnapshotOptions:
    """Which days to build: month ends in a span, further days, or only those missing."""

    first: date | None = None
    last: date | None = None
    further: Sequence[date] = ()
    only_missing: bool = False
    chunk: int | None = None  # days built at once; None: as many as fill.CUSTOMER_DAYS allows


def build_snapshots(
    settings: Settings,
    options: RunOptions,
    wanted: SnapshotOptions,
    progress: Callable[[str], None] = note,
) -> list[date]:
    """Compute the snapshots of the wanted days again and return these days.

    The tables of measures and tiers describe the chunk's days while this runs; at the end
    they and the marts describe the day again that they described before, under the rule set
    that they had. Without a rule set in the options that one is computed. The caller holds
    the lock. Rows and customers are built first, unless nothing came since the last run.

    Raises:
        StrataError: there is no day to build, a day has not come, the build is of other
            sources, another program has it open, or a model did not build.
    """
    require_closed(settings)
    built = read_build(settings)
    options = as_built(built, options)
    ruleset = options.built_ruleset
    other_ruleset = built is not None and built.ruleset != ruleset
    days = days_to_build(settings, wanted, ruleset, _newest_day(settings))
    described = built and built.day
    # A day asked for itself is whole then; else one that no run has audited stays so.
    was_whole = (
        not described
        or described in whole_days(settings, built.ruleset)
        or (described in days and not other_ruleset)
    )
    require_sense(settings, options, days[-1])
    with recorded(settings, DONE) as record:
        dbt = read_project(settings, options)
        plan = plan_build(settings, dbt, options.sources)
        record.build_begins()
        if plan.is_current and not other_ruleset:
            progress("nothing came since the last finished run: rows and customers are there")
        else:
            with step("Take in the raw rows"):
                dbt.build_models(select=[*ROWS, *POLICY])
        build_days(settings, dbt, ruleset, days, bool(wanted.further), wanted.chunk)
        title = "Describe the day again that was built before" if described else "Build today"
        with step(title):
            begin_next(settings)
            today = {"ruleset": built.ruleset} if other_ruleset else {}
            if described:
                today["as_of_date"] = described.isoformat()
            forget_built_days(settings, dbt.manifest)
            left = [*ROWS, *([] if other_ruleset else POLICY)]
            left += UNCHANGED if plan.is_refresh and not other_ruleset else ()
            dbt.build_models(exclude=left, **today)
            if was_whole:
                note_whole_days(settings, today.get("ruleset", ruleset))
    progress(f"{len(days)} days are in history: history.tier_snapshots")
    return days


def days_to_build(
    settings: Settings, wanted: SnapshotOptions, ruleset: str, newest: date | None
) -> list[date]:
    """The wanted days, the earliest first; StrataError if there is none."""
    last = wanted.last or newest
    first = wanted.first or (last and last.replace(year=last.year - 2, day=1))
    if wanted.further and not wanted.first and not wanted.last:
        days = set(wanted.further)
    elif first and last:
        days = {*month_ends(first, last), *wanted.further}
    else:
        raise StrataError(
            "Nothing is built yet, so the span of the data is not known.",
            "Say it: strata snapshots --from 2024-01 --to 2025-12",
            WRONG_USE,
        )
    if wanted.only_missing:
        whole = whole_days(settings, ruleset)
        days -= {day for day, kind in whole.items() if kind != "daily"}
    if not days:
        raise StrataError(
            "There is no month end to build in that span.",
            "Month ends are whole months: --from 2024-01 --to 2024-12 builds twelve."
            if not wanted.only_missing
            else "All are there already. Without --missing they are computed again.",
        )
    return sorted(days)


def _newest_day(settings: Settings) -> date | None:
    """The newest business day of the data, as built."""
    if not settings.database.exists():
        return None
    with duckdb.connect(str(settings.database), read_only=True) as build:
        if not has_table(build, "tiers", "customer_tiers"):
            return None
        (newest,) = build.execute("select max(order_date) from entities.orders").fetchone()
    return newest
