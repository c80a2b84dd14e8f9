"""History: snapshots, moves with their causes, and what was believed before.

One small chain lives through three months: all rows are delivered again, some come late or
otherwise, records merge and part, a threshold is corrected backwards and one changes from a
month on.
"""

import random
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builder import PUBLISHED, Chain, builder_of, copy_project
from strata.dbt import Dbt
from strata.errors import StrataError
from strata.history import snapshots as history
from strata.history.believed import record_publication
from strata.history.days import end_of_month, month_ends
from strata.history.kept import note_whole_days
from strata.history.moves import show_moves
from strata.options import RunOptions, read_project
from strata.publish import begin_next, publish
from strata.settings import PROJECT_DIR

APRIL, MAY, JUNE = date(2025, 4, 30), date(2025, 5, 31), date(2025, 6, 30)
MID_MAY = date(2025, 5, 15)

# Rows of seeds/policy/thresholds.csv: one corrected backwards, one from June on.
CORRECTED = "medical_aesthetics,rfm_active_within_days,chain,*,60,days,2000-01-02,ours,test"
FROM_JUNE = "medical_aesthetics,rfm_active_within_days,chain,*,30,days,2025-06-01,ours,test"
LONGER_NEWBIES = (
    "medical_aesthetics,lifecycle_newbie_within_days,chain,*,45,days,2000-01-02,ours,test"
)
STORED = ("customer_snapshots", "tier_moves", "tier_migrations", "policy_effects")
# What is made of history, and looked at here: a build of all marts would take twice as long.
LOOKED_AT = {
    *PUBLISHED, *STORED, "mart_belief_changes", "mart_tier_history", "mart_tier_migrations",
    "mart_review_queue", "fct_lifecycle_intervals", "tier_snapshots",
}  # fmt: skip


class Story:
    """The chain, its nights, and what was seen after each of them."""

    def __init__(self, directory: Path) -> None:
        self.chain = Chain(directory, copy_project(directory))
        shutil.copytree(PROJECT_DIR / "analyses", self.chain.project_dir / "analyses")
        self.options = RunOptions()
        self.seen: dict[str, Any] = {}
        self.dbt = None

    def night(self, day: date, *select: str) -> None:
        """What `strata run --as-of day` builds and publishes; audits aside.

        `select` leaves out what the night cannot change, to save the test's time; the file of
        the marts is new each night.
        """
        select = (*select, "path:models/marts") if select else ()
        self.dbt = self.dbt or read_project(self.chain.settings, self.options)
        begin_next(self.chain.settings)
        self.dbt.build_models(select, as_of_date=day.isoformat())
        note_whole_days(self.chain.settings, self.options.built_ruleset)
        run_id = f"run_of_{day}"
        publish(self.chain.settings, run_id, datetime(2025, 7, 1), ["demo"])
        assert record_publication(self.chain.settings)
        assert not record_publication(self.chain.settings)

    def rebuild(self, *days: date, chunk: int | None = None) -> None:
        """What `strata snapshots` does."""
        span = history.SnapshotOptions(min(days), max(days), chunk=chunk)
        assert history.build_snapshots(self.chain.settings, self.options, span) == [*days]

    def policy(self, row: str) -> None:
        with (self.chain.project_dir / "seeds/policy/thresholds.csv").open("a") as seed:
            seed.write(row + "\n")

    def stored(self, *tables: str) -> dict[str, list[tuple]]:
        """The rows of history tables, in order."""
        return {
            table: self.chain.query(f"select * from history.{table} order by all")
            for table in tables
        }

    def kinds(self) -> dict[date, str]:
        """The days that history keeps, with their kind."""
        return dict(
            self.chain.query("select as_of_date, snapshot_kind from history.snapshot_days")
        )

    def moves(self, to_date: date, model: str) -> dict[str, tuple]:
        """Each mover's tiers and cause, by the name of her record."""
        return {
            name: tuple(move)
            for name, *move in self.chain.query(
                "select customer_id, from_tier, to_tier, cause from history.tier_moves"
                " join customers.customer_bridge on tier_moves.customer_key = record_key"
                f" where to_date = '{to_date}' and model = '{model}'"
            )
        }

    def beliefs(self) -> dict[tuple, tuple]:
        """What is known otherwise, by name, published day and model."""
        return {
            (name, day, model): tuple(tiers)
            for name, day, model, *tiers in self.chain.query(
                "select customer_id, as_of_date, model, believed_tier, known_tier, cause"
                " from marts.mart_belief_changes as changes"
                " join customers.customer_bridge on changes.customer_key = record_key"
            )
        }


def until_april(chain: Chain) -> None:
    chain.product("facial")
    chain.product("filler", "injection", "injection")
    names = ("buyer", "refunded", "lapser", "late", "mended", "slow", "fading", "forgetful")
    for name in names:
        chain.customer(name)
    chain.order("buyer", "2025-03-10")
    chain.order("refunded", "2025-04-20", order_id="taken_back")
    chain.visit("lapser", "2025-04-10")
    chain.visit("late", "2025-04-15")
    chain.visit("forgetful", "2025-04-10")
    chain.visit("mended", "2025-04-15")
    chain.visit("mended", "2025-04-25", visit_id="second", status="booked")
    chain.order("slow", "2025-03-25")
    chain.order("fading", "2025-04-15")
    chain.customer("twin_a")
    chain.customer("twin_b", registered_date="2021-01-01")
    chain.visit("twin_a", "2025-04-12")
    chain.visit("twin_b", "2025-04-20")
    for name, registered in {"sister_a": "2020-01-01", "sister_b": "2021-01-01"}.items():
        chain.customer(
            name, registered_date=registered, phone="13800000001", is_phone_verified="true"
        )
    chain.visit("sister_a", "2025-04-05")
    chain.visit("sister_b", "2025-04-22")
    # A crowd, so that what is compared row by row is more than a dozen rows.
    dice = random.Random(5)
    for n in range(40):
        chain.customer(f"crowd_{n}", registered_date=f"2024-0{1 + n % 9}-15")
        for _ in range(dice.randrange(6)):
            day = date(2024, 6, 1) + timedelta(dice.randrange(390))
            chain.order(
                f"crowd_{n}", day.isoformat(), dice.choice([500, 9000, 60000]),
                dice.choice(["facial", "filler"]),
            )  # fmt: skip


def until_may(chain: Chain) -> None:
    chain.order("buyer", "2025-05-05")
    chain.order("buyer", "2025-05-20")
    chain.refund("taken_back", "2025-05-10", 1000)
    chain.customer("newcomer", registered_date="2025-05-12")
    chain.visit("late", "2025-04-25")
    chain.visit("mended", "2025-04-25", visit_id="second")
    chain.customer("lapser", phone="13800000009")
    chain.add(
        "customer_links", link_id="l1", customer_id="twin_b", same_as_customer_id="twin_a",
        is_active="true", recorded_date="2025-05-02",
    )  # fmt: skip
    chain.customer("sister_b", registered_date="2021-01-01", phone="13800000002")
    chain.customer("june")
    chain.order("june", "2025-05-25")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with pytest.MonkeyPatch.context() as patch:
        told = Story(Path(tmp_path_factory.mktemp("history")))
        patch.setattr("strata.dbt.PROJECT_DIR", told.chain.project_dir)
        patch.setattr(Dbt, "build_models", builder_of(LOOKED_AT))
        seen = told.seen
        until_april(told.chain)
        told.chain.load()
        told.night(APRIL)
        told.chain.load_again()
        until_may(told.chain)
        told.chain.load()
        told.night(MID_MAY)
        seen["days after mid May"] = told.kinds()
        told.night(MAY, "as_of_dates+")
        seen["days after May"] = told.kinds()
        seen["moves"] = told.moves(MAY, "lifecycle")
        seen["beliefs before"] = told.beliefs()
        told.rebuild(APRIL)
        seen["restated moves"] = told.moves(MAY, "lifecycle")
        seen["beliefs"] = told.beliefs()
        told.policy(CORRECTED)
        told.rebuild(APRIL, MAY, chunk=1)
        seen["corrected beliefs"] = told.beliefs()
        seen["before June"] = told.stored("customer_snapshots")["customer_snapshots"]
        told.policy(FROM_JUNE)
        told.night(JUNE, "thresholds", "policy_scopes", "threshold_periods", "as_of_dates+")
        seen["recency moves"] = told.moves(JUNE, "rfm_recency")
        seen["one by one"] = told.stored(*STORED)
        yield told


def test_month_ends_stay_and_a_day_between_goes_with_the_next_run(story: Story) -> None:
    assert story.seen["days after mid May"] == {APRIL: "month_end", MID_MAY: "daily"}
    assert story.seen["days after May"] == {APRIL: "month_end", MAY: "month_end"}


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        # 51 days ago in April; three days within 120 and the last 11 days ago in May.
        ("buyer", ("lapsing", "active", "behaviour")),
        ("refunded", ("newbie", "potential", "refund")),
        # All her rows came once more in May, her own with another phone.
        ("lapser", ("newbie", "lapsing", "time_passing")),
        ("newcomer", (None, "potential", "new_customer")),
        # A second day in April that came to be known in May.
        ("late", ("newbie", "effective", "late_data")),
        # A booking in April of which May says that she came.
        ("mended", ("newbie", "effective", "late_data")),
        ("twin_a", ("newbie", "effective", "merge")),
        ("twin_b", ("newbie", None, "merge")),
        ("sister_a", ("effective", "lapsing", "unmerge")),
        ("sister_b", (None, "lapsing", "unmerge")),
    ],
)
def test_each_move_has_its_cause(story: Story, customer: str, expected: tuple) -> None:
    assert story.seen["moves"][customer] == expected


def test_who_stayed_did_not_move(story: Story) -> None:
    assert "slow" not in story.seen["moves"]  # 36 days ago, then 67: to be converted in both


def test_a_restated_month_end_takes_the_late_rows_in(story: Story) -> None:
    moves = story.seen["restated moves"]
    # Effective in April already; one person in April already; two persons already.
    assert not {"late", "mended", "twin_a", "twin_b"} & moves.keys()
    assert moves["sister_a"] == ("newbie", "lapsing", "time_passing")
    assert "sister_b" in moves
    assert moves["buyer"] == ("lapsing", "active", "behaviour")


def test_nothing_is_believed_otherwise_before_history_is_restated(story: Story) -> None:
    assert story.seen["beliefs before"] == {}


def test_what_was_published_stays_and_the_difference_is_explained(story: Story) -> None:
    lifecycle = {
        (name, day): tiers
        for (name, day, model), tiers in story.seen["beliefs"].items()
        if model == "lifecycle"
    }
    assert lifecycle == {
        ("late", APRIL): ("newbie", "effective", "late_data"),
        ("mended", APRIL): ("newbie", "effective", "late_data"),
        ("twin_a", APRIL): ("newbie", "effective", "merge"),
        ("twin_b", APRIL): ("newbie", None, "merge"),
        ("sister_a", APRIL): ("effective", "newbie", "unmerge"),
        ("sister_b", APRIL): (None, "newbie", "unmerge"),
        ("june", APRIL): (None, "potential", "late_data"),
    }


def test_a_threshold_corrected_backwards_restates_and_shows(story: Story) -> None:
    before, after = story.seen["beliefs"], story.seen["corrected beliefs"]
    new = {key: tiers for key, tiers in after.items() if key not in before}
    # Bought 67 days before the end of May: active within 90 days, cooling within 60.
    assert new[("slow", MAY, "rfm_recency")] == ("active", "cooling", "threshold_change")
    assert {model for _, _, model in new} == {"rfm_recency"}
    assert {cause for *_, cause in new.values()} == {"threshold_change"}


def test_a_change_from_next_month_on_leaves_earlier_snapshots(story: Story) -> None:
    rows = story.chain.query("select * from history.customer_snapshots order by all")
    assert [row for row in rows if row[1] < JUNE] == story.seen["before June"]


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        # 36 and 41 days ago: active under May's 60 days, cooling under June's 30.
        ("june", ("active", "cooling", "threshold_change")),
        ("buyer", ("active", "cooling", "threshold_change")),
        # 76 days ago: cooling under both.
        ("fading", ("active", "cooling", "time_passing")),
    ],
)
def test_a_move_by_policy_is_told_from_one_by_time(
    story: Story, customer: str, expected: tuple
) -> None:
    assert story.seen["recency moves"][customer] == expected


def test_slowly_changing_tiers_have_no_gap(story: Story) -> None:
    rows = story.chain.query(
        "select tier, valid_from, valid_to, is_current from marts.mart_tier_history"
        " join customers.customer_bridge using (customer_key)"
        " where customer_id = 'lapser' and model = 'lifecycle' order by valid_from"
    )
    # The last visit was on April 10: 20, 51 and 81 days ago.
    assert rows == [
        ("newbie", APRIL, MAY - timedelta(1), False),
        ("lapsing", MAY, None, True),
    ]


def test_the_matrix_counts_everybody_once(story: Story) -> None:
    held = story.chain.query(
        "select count(*) from history.tier_snapshots"
        f" where model = 'final' and as_of_date = '{JUNE}'"
    )
    counted = story.chain.query(
        "select sum(customers) from marts.mart_tier_migrations"
        f" where model = 'final' and to_date = '{JUNE}' and to_tier is not null"
    )
    assert counted == held


def test_the_review_queue_follows_its_rule(story: Story) -> None:
    """Against its definition, computed another way: from the snapshots by self join."""
    expected = story.chain.query(
        f"""
        with compared as (
            select now.customer_key, now.clinic_id, now.clv_amount,
                abs(now.clv_amount - before.clv_amount) as stake,
                coalesce(abs(now.clv_amount / nullif(before.clv_amount, 0) - 1) >= 0.2, false)
                    as has_moved,
                abs(now.tier_rank - before.tier_rank) >= 2 as has_jumped
            from history.tier_snapshots as now
            join history.tier_snapshots as before using (customer_key, model, ruleset)
            where model = 'final' and now.as_of_date = '{JUNE}'
                and before.as_of_date = '{MAY}'
        )
        select customer_key, has_moved, has_jumped from compared
        where has_moved or has_jumped
        qualify row_number() over (
            partition by clinic_id order by stake desc, clv_amount desc, customer_key
        ) <= 20
        order by all
        """
    )
    queue = story.chain.query(
        "select customer_key, has_clv_moved, has_jumped from marts.mart_review_queue"
        " order by all"
    )
    assert queue == expected
    assert queue


def test_moves_between_any_two_days_are_shown(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    show_moves(story.chain.settings, story.options, APRIL, JUNE, "lifecycle", "en")
    shown = capsys.readouterr().out
    assert "lifecycle: from 2025-04-30 (rows) to 2025-06-30 (columns)" in shown
    assert "Time passing" in shown


def test_a_day_that_is_not_kept_is_named_with_the_way_out(story: Story) -> None:
    with pytest.raises(Exception, match="2025-05-15") as error:
        show_moves(story.chain.settings, story.options, MID_MAY, JUNE, "final", "en")
    assert error.value.hint.endswith("strata snapshots --on 2025-05-15")


def test_days_under_another_rule_set_are_asked_for_under_it(story: Story) -> None:
    with pytest.raises(StrataError, match="under the rule set retail") as error:
        show_moves(
            story.chain.settings, RunOptions(ruleset="retail"), APRIL, JUNE, "final", "en"
        )
    assert error.value.hint.endswith("--on 2025-04-30 --on 2025-06-30 --ruleset retail")


@pytest.mark.parametrize("first", [JUNE, MAY])
def test_moves_go_from_an_earlier_day_to_a_later_one(story: Story, first: date) -> None:
    with pytest.raises(StrataError, match="is not before 2025-05-31") as error:
        show_moves(story.chain.settings, story.options, first, MAY, "final", "en")
    assert error.value.exit_code == 2


def test_all_history_at_once_equals_the_nights_one_by_one(story: Story) -> None:
    story.chain.change(*(f"drop table history.{table}" for table in (*STORED, "snapshot_days")))
    story.rebuild(APRIL, MAY, JUNE)
    assert story.stored(*STORED) == story.seen["one by one"]
    assert len(story.seen["one by one"]["customer_snapshots"]) > 120


def test_a_corrected_stage_is_corrected_in_the_intervals_as_well(story: Story) -> None:
    stays = (
        "select customer_key, stage, valid_from, valid_to from marts.fct_lifecycle_intervals"
    )
    before = set(story.chain.query(stays))
    story.policy(LONGER_NEWBIES)
    story.rebuild(APRIL, MAY, JUNE)
    assert set(story.chain.query(stays)) != before
    (counts,) = story.chain.query(
        "select count(*), count(*) filter (stage is distinct from tier)"
        " from history.tier_snapshots as snapshots"
        " left join marts.fct_lifecycle_intervals as intervals"
        " on snapshots.customer_key = intervals.customer_key"
        " and snapshots.as_of_date >= valid_from"
        " and snapshots.as_of_date <= coalesce(valid_to, snapshots.as_of_date)"
        " where model = 'lifecycle'"
    )
    assert counts[0] > 20
    assert counts[1] == 0


def test_a_month_end_that_knows_more_than_the_next_one_says_so(story: Story) -> None:
    """April is computed again with rows that came after May: neither time nor a withdrawal."""
    story.chain.customer("forgotten")
    story.chain.visit("forgotten", "2025-04-18")
    story.chain.visit("forgetful", "2025-04-28")
    story.chain.customer("named", registered_date="2025-05-05")
    story.chain.referral("buyer", "named", "2025-04-20")
    story.chain.customer("fading_too", registered_date="2024-06-01")
    story.chain.add(
        "customer_links", link_id="l2", customer_id="fading_too", same_as_customer_id="fading",
        is_active="true", recorded_date="2025-04-20",
    )  # fmt: skip
    story.chain.load()
    story.rebuild(APRIL)
    moves = story.moves(MAY, "lifecycle")
    assert moves["forgotten"] == ("newbie", None, "late_data")
    assert moves["forgetful"] == ("effective", "lapsing", "late_data")
    assert moves["named"][1:] == (None, "late_data")  # what she was named in is no deed of hers
    assert moves["fading"] == ("newbie", "lapsing", "late_data")  # two records, then one
    assert story.moves(JUNE, "lifecycle")["forgotten"][0::2] == (None, "late_data")


def test_month_ends_are_the_last_days_of_whole_months() -> None:
    assert month_ends(date(2023, 12, 5), date(2024, 3, 30)) == [
        date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29),
    ]  # fmt: skip
    assert month_ends(date(2024, 3, 1), date(2024, 3, 31)) == [date(2024, 3, 31)]
    assert month_ends(date(2024, 3, 1), date(2024, 3, 30)) == []
    assert end_of_month(date(2024, 2, 1)) == date(2024, 2, 29)
    assert end_of_month(date(2024, 12, 31)) == date(2024, 12, 31)
