"""The days that history keeps, and which of them are whole."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from strata.settings import Settings


@dataclass(frozen=True)
class KeptDay:
    """A row of history.snapshot_days. `is_whole`: the run that computed it got through."""

    kind: str
    is_whole: bool


def kept_days(settings: Settings, ruleset: str) -> dict[date, KeptDay]:
    """The days in history under a rule set, the earliest first."""
    if not settings.database.exists():
        return {}
    with duckdb.connect(str(settings.database), read_only=True) as build:
        columns = {
            name
            for (name,) in build.execute(
                "select column_name from duckdb_columns()"
                " where schema_name = 'history' and table_name = 'snapshot_days'"
            ).fetchall()
        }
        if not columns:
            return {}
        # What a version built that did not say so is taken to be whole.
        is_whole = "coalesce(is_whole, true)" if "is_whole" in columns else "true"
        rows = build.execute(
            f"select as_of_date, snapshot_kind, {is_whole} from history.snapshot_days"
            " where ruleset = ? order by as_of_date",
            [ruleset],
        ).fetchall()
    return {day: KeptDay(kind, is_whole) for day, kind, is_whole in rows}


def whole_days(settings: Settings, ruleset: str) -> dict[date, str]:
    """The kinds of those that are whole, the earliest first."""
    kept = kept_days(settings, ruleset)
    return {day: at.kind for day, at in kept.items() if at.is_whole}


def note_whole_days(settings: Settings, ruleset: str) -> None:
    """The days that the build describes are whole now: all of them was computed.

    Until this is noted, a day is one that a killed or failed run left; the next run computes
    it again (`days_to_restore`).
    """
    with duckdb.connect(str(settings.database)) as build:
        build.execute(
            "update history.snapshot_days set is_whole = true where ruleset = ?"
            " and as_of_date in (select as_of_date from measures.as_of_dates)",
            [ruleset],
        )


def days_to_restore(
    before: dict[date, KeptDay], after: dict[date, KeptDay], described: date
) -> list[date]:
    """What history lacks that a run for the day `described` has to fill.

    Days for good that a killed or failed run left half computed; and the last month end, if
    the day before it was described once and it never was (nobody bought that day, or the
    scheduler slept): movement is measured from it.
    """
    halves = [
        day
        for day, kept in after.items()
        if kept.kind != "daily" and not kept.is_whole and day != described
    ]
    last_month_end = described.replace(day=1) - timedelta(days=1)
    missed = last_month_end not in after and any(day < last_month_end for day in before)
    return sorted([*halves, *([last_month_end] if missed else [])])
