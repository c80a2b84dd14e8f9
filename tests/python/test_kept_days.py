"""History stays whole: what a killed or failed run left of a day is computed again."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from builder import PUBLISHED, Chain, builder_of
from strata.dbt import Dbt
from strata.errors import StrataError
from strata.history import fill
from strata.history.days import month_ends
from strata.history.kept import KeptDay, kept_days
from strata.history.snapshots import SnapshotOptions, build_snapshots, days_to_build
from strata.options import RunOptions, read_project
from strata.refresh import plan_build
from strata.run import TOLD_LAST, audit_and_publish, run

RULESET = "medical_aesthetics"
APRIL, MAY, LATER = date(2025, 4, 30), date(2025, 5, 31), date(2025, 6, 2)
MARCH, LEAP_DAY = date(2025, 3, 31), date(2024, 2, 29)
# What `strata snapshots` leaves is looked at here: all marts would take twice as long.
LOOKED_AT = {
    *PUBLISHED, *TOLD_LAST, *fill.KEPT, "mart_tier_history", "mart_tier_migrations",
    "mart_high_value_trend", "fct_lifecycle_intervals",
}  # fmt: skip
WHOLE, HALF = KeptDay("month_end", True), KeptDay("month_end", False)


@pytest.mark.parametrize(
    ("kept", "described", "months", "expected"),
    [
        ({}, LATER, 24, [MARCH, APRIL, MAY]),  # the first run: all months of which data tell
        ({}, LATER, 2, [APRIL, MAY]),
        ({}, LATER, 0, []),
        ({MARCH: WHOLE, APRIL: WHOLE, MAY: WHOLE}, LATER, 24, []),
        ({MARCH: WHOLE, APRIL: WHOLE, MAY: HALF}, LATER, 24, [MAY]),
        ({MAY: HALF}, LATER, 0, [MAY]),  # half of a day is never left
        ({MARCH: WHOLE, MAY: HALF}, MAY, 24, [APRIL]),  # the run computes May itself
        # A day asked for stays; a day between is gone with the next run anyway.
        ({date(2025, 4, 12): KeptDay("asked", False)}, LATER, 0, [date(2025, 4, 12)]),
        ({date(2025, 4, 12): KeptDay("daily", False)}, LATER, 0, []),
        ({MARCH: KeptDay("daily", True)}, APRIL, 24, [MARCH]),
    ],
)
def test_what_history_lacks(
    monkeypatch: pytest.MonkeyPatch,
    kept: dict[date, KeptDay],
    described: date,
    months: int,
    expected: list[date],
) -> None:
    monkeypatch.setattr(fill, "kept_days", lambda *_: kept)
    monkeypatch.setattr(fill, "_described_days", lambda _: [described])
    monkeypatch.setattr(fill, "_first_day", lambda _: date(2025, 3, 12))
    assert fill.missing_days(None, RULESET, months) == expected


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """April is in history; the run of the end of May was killed before its moves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dbt, "build_models", builder_of(LOOKED_AT))
        yield killed_in_may(tmp_path_factory)


def killed_in_may(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    chain = Chain(tmp_path_factory.mktemp("kept_days"))
    chain.product("facial")
    for number in range(12):
        chain.customer(f"c{number}", registered_date="2024-01-01")
        chain.order(f"c{number}", f"2025-0{1 + number % 4}-12")
    chain.order("c1", "2025-05-20")
    chain.order("c2", "2025-06-02")
    chain.visit("c3", "2025-02-12")
    chain.referral("c3", "c4", "2025-02-12")
    chain.load()
    dbt = read_project(chain.settings, RunOptions())
    dbt.build_models(["+tier_migrations"], as_of_date=[APRIL.isoformat(), MAY.isoformat()])
    chain.change(
        f"delete from history.tier_moves where to_date = '{MAY}'",
        f"delete from history.tier_migrations where to_date = '{MAY}'",
        f"update history.snapshot_days set is_whole = as_of_date = '{APRIL}'",
    )
    assert kept_days(chain.settings, RULESET) == {APRIL: WHOLE, MAY: HALF}
    return chain


def leave_half(chain: Chain, day: date) -> None:
    """As if the run that computed this day had not been audited."""
    chain.change(
        f"update history.snapshot_days set is_whole = false where as_of_date = '{day}'"
    )


def test_a_day_that_has_not_come_is_not_computed(chain: Chain) -> None:
    wanted = SnapshotOptions(first=APRIL, last=date(2199, 12, 31))
    with pytest.raises(StrataError, match="2199-12-31 has not come yet"):
        build_snapshots(chain.settings, RunOptions(), wanted)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (SnapshotOptions(APRIL, MAY), [APRIL, MAY]),
        (SnapshotOptions(MARCH, MAY, only_missing=True), [MARCH, MAY]),  # half is missing
        (
            SnapshotOptions(last=date(2024, 2, 29)),
            month_ends(date(2022, 2, 1), date(2024, 2, 29)),
        ),
    ],
)
def test_which_days_are_built(
    chain: Chain, wanted: SnapshotOptions, expected: list[date]
) -> None:
    assert days_to_build(chain.settings, wanted, RULESET, LATER) == expected


def test_the_next_run_computes_the_half_day_again(chain: Chain) -> None:
    """And the months before it of which the data tell: history is there from the first run."""
    publication = run(chain.settings, RunOptions())
    assert publication.as_of_date == LATER
    months = month_ends(date(2025, 1, 1), MAY)
    assert kept_days(chain.settings, RULESET) == {
        **dict.fromkeys(months, WHOLE), LATER: KeptDay("daily", True),
    }  # fmt: skip
    days = [*months, LATER]
    moved = chain.query(
        "select from_date, to_date, count(*) > 0 from history.tier_moves"
        " group by all order by to_date"
    )
    assert moved == [(*pair, True) for pair in zip(days, days[1:], strict=False)]
    with duckdb.connect(str(chain.settings.published_marts), read_only=True) as marts:
        told = marts.execute(
            "select to_date, sum(customers) from mart_tier_migrations"
            " where model = 'final' and from_date is not null group by all order by 1"
        ).fetchall()
    assert told == [(day, 12) for day in days[1:]]


def test_another_rule_set_is_another_build(chain: Chain) -> None:
    plans = {
        ruleset: plan_build(
            chain.settings,
            read_project(chain.settings, RunOptions(ruleset=ruleset)),
            ["demo"],
        )
        for ruleset in (None, RULESET, "retail")
    }
    assert {ruleset: plan.is_refresh for ruleset, plan in plans.items()} == {
        None: True, RULESET: True, "retail": False,
    }  # fmt: skip
    assert "its variables" in plans["retail"].reason


def test_a_day_computed_again_leaves_what_is_of_no_day(chain: Chain) -> None:
    """In a run that has it up to date, and where nothing came since."""
    of_no_day = ("entities.orders_checked", "customers.customer_bridge")
    snapshots = f"from history.customer_snapshots where as_of_date = '{MAY}'"
    compared = (
        snapshots, "from history.lifecycle_intervals", "from marts.fct_lifecycle_intervals",
    )  # fmt: skip

    def rows() -> list[list[tuple]]:
        return [chain.query(f"{table} order by all") for table in compared]

    def tables_left() -> set[str]:
        """The tables that were not made again: those have lost their comment."""
        comments = (f"comment on table {table} is 'left'" for table in of_no_day)
        chain.change(*comments, f"delete {snapshots}")
        build_snapshots(chain.settings, RunOptions(), SnapshotOptions(MAY, MAY))
        return {
            table
            for (table,) in chain.query(
                "select schema_name || '.' || table_name from duckdb_tables()"
                " where comment = 'left'"
            )
        }

    chain.order("c5", "2025-05-30")
    chain.order("c6", "2025-06-02")
    chain.load()
    leave_half(chain, MAY)
    run(chain.settings, RunOptions())  # a refresh, and then May
    assert kept_days(chain.settings, RULESET)[MAY] == WHOLE
    restored = rows()
    assert len(restored[0]) == 12
    assert tables_left() == {*of_no_day}
    assert rows() == restored


def test_another_rule_set_s_history_leaves_the_build_as_it_was(chain: Chain) -> None:
    """A day that no run has audited yet stays so, and under the build's rule set."""
    leave_half(chain, LATER)
    tables = (
        "marts.mart_customer_tiers", "marts.mart_tier_history", "policy.thresholds_in_force",
        "history.tier_moves", "policy.threshold_periods", "history.customer_snapshots",
    )  # fmt: skip

    def rows(table: str) -> list[tuple]:
        medical = f"select * from {table} where ruleset = '{RULESET}' order by all"
        return chain.query(medical)

    before = {table: rows(table) for table in tables}
    wanted = SnapshotOptions(APRIL, APRIL, further=[LATER])
    build_snapshots(chain.settings, RunOptions(ruleset="retail"), wanted)
    assert kept_days(chain.settings, "retail") == {APRIL: WHOLE, LATER: KeptDay("asked", True)}
    assert {table: rows(table) for table in tables} == before
    assert len(before["marts.mart_customer_tiers"]) == 12
    assert chain.query("select distinct ruleset from policy.thresholds_in_force") == [
        (RULESET,)
    ]
    assert kept_days(chain.settings, RULESET)[LATER] == KeptDay("daily", False)


def test_days_asked_for_stand_beside_the_chain_of_month_ends(chain: Chain) -> None:
    mid_may = date(2025, 5, 15)
    build_snapshots(chain.settings, RunOptions(), SnapshotOptions(further=[mid_may]))
    assert chain.query(f"select 1 from history.tier_moves where to_date = '{mid_may}'")
    for mart, column in (
        ("mart_tier_migrations", "to_date"), ("mart_high_value_trend", "as_of_date"),
    ):  # fmt: skip
        days = chain.query(
            f"select distinct {column}, is_in_chain from marts.{mart} order by all"
        )
        in_chain = [*month_ends(date(2025, 1, 1), MAY), LATER]
        assert days == sorted([(mid_may, False), *((day, True) for day in in_chain)])
    assert (mid_may,) not in chain.query("select valid_from from marts.mart_tier_history")


def test_marts_do_not_tell_of_days_after_the_one_they_describe(chain: Chain) -> None:
    """History holds the end of May; a run for April describes none of it."""
    dbt = read_project(chain.settings, RunOptions())
    marts = ("mart_tier_history", "mart_tier_migrations", "mart_high_value_trend")
    dbt.build_models(
        ["as_of_dates", "snapshot_days", "snapshot_pairs", *marts], as_of_date=APRIL.isoformat()
    )
    for mart, column in zip(marts, ("valid_from", "to_date", "as_of_date"), strict=True):
        assert chain.query(f"select max({column}) from marts.{mart}") == [(APRIL,)]


def test_a_source_of_the_build_must_be_named(chain: Chain) -> None:
    with pytest.raises(StrataError, match="customers of the source demo") as refused:
        audit_and_publish(chain.settings, RunOptions(sources=("salon",)))
    assert "--source demo" in refused.value.hint
