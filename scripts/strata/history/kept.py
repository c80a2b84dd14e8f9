"""The days that history keeps, and which of them are whole."""

from dataclasses import dataclass
from datetime import date

import duckdb

from strata.settings import Settings
from strata.warehouse import connect_patiently


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
    it again (fill.py).
    """
    with connect_patiently(settings.database) as build:
        build.execute(
            "update history.snapshot_days set is_whole = true where ruleset = ?"
            " and as_of_date in (select as_of_date from measures.as_of_dates)",
            [ruleset],
        )
