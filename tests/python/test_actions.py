"""High-value actions: planted effects are found, where none was planted none is claimed.

Every customer first bought in January and came once in spring, summer and autumn of 2023.
In summer one of each pair took an action; their twin had spent to the yuan as much before.
"""

import hashlib
import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from builder import Chain, copy_project

TODAY, EARLIER = "2024-12-31", "2024-07-13"
FIRST, SUMMER = "2023-01-02", date(2023, 7, 5)
X = 700  # what the annual card adds to later spend, CNY
PAIRS = 40
SIDES = TAKEN, COMPARED = True, False


def after(day: date, days: int) -> str:
    return (day + timedelta(days)).isoformat()


def live(chain: Chain, name: str, day: date, before: int, later: int) -> None:
    """A life up to the action: January (183 days before), spring, the day itself, autumn."""
    chain.customer(name)
    # Out of every window; whatever it is, it must not matter.
    chain.order(name, FIRST, 99 * len(name))
    chain.order(name, after(day, -60), before)
    chain.order(name, day.isoformat(), 321)
    chain.order(name, after(day, 100), later)


def cards(chain: Chain) -> None:
    """Later spend is X higher, give or take 10."""
    for n in range(PAIRS):
        day, before, later = SUMMER + timedelta(n % 20), 1000 + 50 * n, 2000 + 37 * n
        live(chain, f"card_{n}", day, before, later + X + (10 if n % 2 else -10))
        live(chain, f"card_{n}_twin", day, before, later)
        chain.add(
            "cards", card_id=f"k{n}", customer_id=f"card_{n}", opened_date=day.isoformat()
        )
    # The last day of the twelve months counts, the next one does not.
    chain.order("card_0", after(SUMMER, 365), 5)
    chain.order("card_0_twin", after(SUMMER, 365), 5)
    chain.order("card_0", after(SUMMER, 366), 54321)


def upgrades(chain: Chain) -> None:
    """No effect: both draw their later spend from the same hat."""
    hat = random.Random(20)
    for n in range(PAIRS):
        day, before = SUMMER + timedelta(n % 20), 1007 + 50 * n
        for name in (f"upgrade_{n}", f"upgrade_{n}_twin"):
            live(chain, name, day, before, hat.randrange(500, 5000))
            chain.visit(name, day.isoformat())
        chain.order(f"upgrade_{n}", day.isoformat(), 8000)


def referrals(chain: Chain) -> None:
    """Seven who referred; the first two have one twin between them. Differences in CNY."""
    for n, difference in enumerate((5, 15, 0, 20, 10, 5, 15)):
        before = 1013 + 50 * max(n, 1)
        live(chain, f"refers_{n}", SUMMER, before, 3000 + difference)
        if n:
            live(chain, f"refers_{n}_twin", SUMMER, before, 3000)
        chain.customer(f"friend_{n}")
        chain.referral(f"refers_{n}", f"friend_{n}", SUMMER.isoformat())


def lonely(chain: Chain) -> None:
    """Whoever had the card already is no match, nor is who spent 26 % more."""
    live(chain, "late", SUMMER, 90000, 1)
    live(chain, "early", SUMMER, 90000, 1)
    live(chain, "richer", SUMMER, 121000, 1)
    for name, day in (("late", SUMMER), ("early", SUMMER - timedelta(1))):
        chain.add("cards", card_id=f"k_{name}", customer_id=name, opened_date=day.isoformat())


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    directory = tmp_path_factory.mktemp("actions")
    project = copy_project(directory)
    actions = project / "seeds/policy/high_value_actions.csv"
    text = actions.read_text(encoding="utf-8")
    switched_on = "second_purchase,purchase_days,2,true"
    assert switched_on in text
    actions.write_text(text.replace(switched_on, "second_purchase,purchase_days,2,false"))
    built = Chain(directory, project)
    built.product("facial")
    for cases in (cards, upgrades, referrals, lonely):
        cases(built)
    built.load()
    built.build(
        "--select", "+mart_action_uplift", "+mart_action_curves",
        tests=False, as_of_date=[EARLIER, TODAY], match_actions="always",
    )  # fmt: skip
    return built


def uplift(chain: Chain, action: str, *columns: str, day: str = TODAY) -> tuple[Any, ...]:
    (row,) = chain.query(
        f"select {', '.join(columns)} from marts.mart_action_uplift"
        f" where action = '{action}' and as_of_date = date '{day}'"
    )
    return row


def close(*expected: float, within: float = 0.01) -> Any:
    return pytest.approx(expected, abs=within)


def numbers(row: tuple[Any, ...]) -> tuple[float, ...]:
    return tuple(float(value) for value in row)


ENDS = ("uplift_amount", "uplift_low_amount", "uplift_high_amount")


def test_a_planted_effect_is_recovered_with_its_interval(chain: Chain) -> None:
    # Differences of 690 and 710, twenty each: s² = 40 · 100 / 39, se = √(s² / 40) = 1.60128,
    # t(39) = 2.02269.
    assert numbers(uplift(chain, "first_annual_card", *ENDS)) == close(
        X, X - 3.2389, X + 3.2389
    )
    assert uplift(
        chain, "first_annual_card", "customers_taken", "pairs", "matched_customers",
        "pairs_same_clinic", "matches_who_followed", "is_sample_too_small", "warning_en",
    ) == (42, 40, 40, 40, 0, False, None)  # fmt: skip


def test_pairs_spent_alike_before_and_on_the_day(chain: Chain) -> None:
    # 1000 + 50 · 19.5
    assert numbers(
        uplift(
            chain, "first_annual_card", "before_taken_amount", "before_matched_amount",
            "day_difference_amount",
        )
    ) == (1975, 1975, 0)  # fmt: skip
    assert uplift(chain, "first_upgrade_on_site", "day_difference_amount") == (8000,)


def test_where_no_effect_is_planted_the_interval_holds_zero(chain: Chain) -> None:
    _, low, high = uplift(chain, "first_upgrade_on_site", *ENDS)
    assert low < 0 < high
    assert uplift(chain, "first_upgrade_on_site", "pairs") == (PAIRS,)


def test_a_small_sample_warns_and_shared_matches_count_once(chain: Chain) -> None:
    # Pairs 7, mean 10; six matched customers with sums 20 (two pairs), 0, 20, 10, 5, 15.
    # Deviations 0, −10, 10, 0, −5, 5: Σ² = 250; √(250 · 6 / 5) / 7 = 2.47436; t(5) = 2.5706.
    assert numbers(uplift(chain, "first_referral", *ENDS)) == close(
        10, 10 - 6.3606, 10 + 6.3606, within=0.02
    )
    assert uplift(
        chain, "first_referral", "pairs", "matched_customers", "is_sample_too_small",
        "warning_en", "warning_zh",
    ) == (
        7, 6, True, "Too few pairs: do not act on this figure.", "配对太少：请勿据此决策。",
    )  # fmt: skip


def test_everybody_is_matched_with_their_twin(chain: Chain) -> None:
    pairs = chain.query(
        "select takers.customer_id, matched.customer_id, action_date, match_date"
        " from actions.action_pairs as pairs"
        " join customers.customer_bridge as takers using (customer_sk)"
        " join customers.customer_bridge as matched on matched.customer_sk = match_sk"
        f" where as_of_date = date '{TODAY}'"
    )
    twins = {taker: matched for taker, matched, *_ in pairs}
    assert len(pairs) == len(twins) == 2 * PAIRS + 7
    assert twins.pop("refers_0") == "refers_1_twin"
    assert all(matched == f"{taker}_twin" for taker, matched in twins.items())
    assert all(taken == matched for *_, taken, matched in pairs)


def test_only_what_is_a_year_old_is_compared(chain: Chain) -> None:
    # 2023-07-14 is 365 days before: the first ten of twenty days.
    assert uplift(chain, "first_annual_card", "pairs", day=EARLIER) == (PAIRS // 2,)


def test_the_curve_has_every_month_and_sums_to_the_uplift(chain: Chain) -> None:
    rows = chain.query(
        "select month_offset, taken_amount, matched_amount from marts.mart_action_curves"
        f" where action = 'first_annual_card' and as_of_date = date '{TODAY}' order by all"
    )
    assert [month for month, *_ in rows] == list(range(-6, 13))
    amounts = {month: (float(taken), float(matched)) for month, taken, matched in rows}
    # 60 days before is the second month; 100 after the fourth; 365 after the twelfth.
    later = 2000 + 37 * 19.5
    assert amounts[-2] == close(1975, 1975)
    assert amounts[0] == (321, 321)
    assert amounts[4] == close(later + X, later)
    assert amounts[12] == close(5 / PAIRS, 5 / PAIRS)
    afterwards = sum(
        taken - matched for month, (taken, matched) in amounts.items() if month > 0
    )
    assert (afterwards,) == close(X)


def test_actions_are_policy(chain: Chain) -> None:
    shown = chain.query("select distinct action from marts.mart_action_uplift order by all")
    assert [action for (action,) in shown] == [
        "first_annual_card", "first_cross_category", "first_referral", "first_upgrade_on_site",
    ]  # fmt: skip
    assert uplift(
        chain, "first_cross_category", "customers_taken", "pairs", "uplift_amount",
        "is_sample_too_small",
    ) == (0, 0, None, True)  # fmt: skip


def days_to_match(chain: Chain, day: str, *further: str, **variables: Any) -> list[str]:
    """The days that a run matches which goes on from the last one."""
    chain.build(
        "--select", "as_of_dates", "action_days", *further,
        tests=False, as_of_date=day, **variables,
    )  # fmt: skip
    return [str(found) for (found,) in chain.query("select * from actions.action_days")]


def test_a_month_is_matched_once(chain: Chain) -> None:
    # 2024-12-31 and 2024-07-13 have been matched, but by no build that finished.
    assert days_to_match(chain, "2024-07-31") == ["2024-07-31"]
    chain.change(
        "delete from refresh.finished_build",
        "insert into refresh.finished_build (started_at)"
        " select max(matched_at) from actions.action_uplifts",
    )
    assert days_to_match(chain, "2025-01-05") == ["2025-01-05"]
    assert days_to_match(chain, "2024-07-31") == []
    # Before the matched day of its month nothing is known of it yet.
    assert days_to_match(chain, "2024-07-12") == ["2024-07-12"]
    assert days_to_match(chain, TODAY, match_actions="always") == [TODAY]


def test_a_run_that_matches_nothing_shows_the_last_figures(chain: Chain) -> None:
    figures = uplift(chain, "first_annual_card", *ENDS)
    rooms = "thresholds_in_force", "path:models/actions", "mart_action_uplift"
    assert days_to_match(chain, TODAY, *rooms) == []
    assert chain.query("select distinct as_of_date from marts.mart_action_uplift") == [
        (date.fromisoformat(TODAY),)
    ]
    assert uplift(chain, "first_annual_card", *ENDS) == figures


def test_of_very_many_a_draw_by_hash_is_compared(chain: Chain) -> None:
    """Last in this file: it builds the module's chain again, at most 20 to be compared."""

    def pool() -> dict[bool, set[tuple[str, UUID, date, str]]]:
        rows = chain.query(
            "select is_taken, action, customer_key, index_date,"
            " concat_ws('/', action, quarter_date, tenure_class, recency_class,"
            " is_consumption_day, spent_month)"
            f" from actions.action_pool where as_of_date = date '{TODAY}'"
        )
        return {side: {tuple(row) for taken, *row in rows if taken is side} for side in SIDES}

    def one_in(count: int) -> int:
        return next(n for n in (1, 2, 4, 8, 16, 32) if count <= n * 20)

    def drawn(key: UUID, count: int) -> bool:
        digest = hashlib.md5(str(key).encode(), usedforsecurity=False).digest()
        return int.from_bytes(digest[8:], "little") % one_in(count) == 0

    again = {"tests": False, "as_of_date": [EARLIER, TODAY], "match_actions": "always"}
    chain.build("--select", "+mart_action_uplift", **again)
    everybody = pool()
    takers = dict(
        chain.query(
            "select action, count(*) from actions.actions_taken"
            f" where as_of_date = date '{TODAY}' group by action"
        )
    )
    ((consumers,),) = chain.query(
        "select count(distinct customer_sk) from measures.consumption_days"
        f" where as_of_date = date '{TODAY}'"
    )
    assert takers["first_annual_card"] > 40 > 20 > takers["first_referral"]
    seed = chain.project_dir / "seeds/policy/thresholds.csv"
    text = seed.read_text(encoding="utf-8")
    usual = "hva_max_customers,chain,*,25000,"
    assert usual in text
    seed.write_text(text.replace(usual, "hva_max_customers,chain,*,20,"), encoding="utf-8")
    chain.build("--select", "+mart_action_uplift", **again)
    found = pool()
    assert found[TAKEN] == {row for row in everybody[TAKEN] if drawn(row[1], takers[row[0]])}
    # Compared are the drawn who are alike one of the takers drawn.
    alike = {row[3] for row in found[TAKEN]}
    assert found[COMPARED] == {
        row for row in everybody[COMPARED] if row[3] in alike and drawn(row[1], consumers)
    }
    assert found[COMPARED]
    assert len(found[COMPARED]) < len(everybody[COMPARED]) / 2
    # Who seldom take an action are all compared; of many one in so many, and said so.
    assert uplift(chain, "first_referral", "takers_one_in") == (1,)
    assert uplift(chain, "first_referral", "candidates_one_in") == (one_in(consumers),)
    assert uplift(chain, "first_annual_card", "customers_taken", "takers_one_in") == (42, 4)
