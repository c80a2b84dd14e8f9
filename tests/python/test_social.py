"""Referral trees, social value, NPS and LTV : CAC, computed by hand.

One chain on two days: each figure that changes between them says why.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from builder import Chain

SPRING, SUMMER = "2025-03-31", "2025-06-30"
MARTS = ("+mart_social_value", "+mart_nps", "+mart_ltv_cac")
MODELS = (*MARTS, "+customer_measures")


def tree(chain: Chain) -> None:
    """root → b1, b2, b3; b1 → c0 (before she was brought herself), c1, c2; b2 → c3."""
    for name in ("root", "b1", "b2", "b3", "c0", "c1", "c2", "c3"):
        chain.customer(name)
    for referrer, referee, day in (
        ("b1", "c0", "2025-01-05"), ("root", "b1", "2025-01-10"), ("root", "b2", "2025-01-20"),
        ("root", "b3", "2025-02-01"), ("b1", "c1", "2025-02-10"), ("b1", "c2", "2025-02-20"),
        ("b2", "c3", "2025-04-05"),
    ):  # fmt: skip
        chain.referral(referrer, referee, day)
    # Bought after; only the day before; on the referral's own day.
    chain.refund(chain.order("b1", "2025-01-15", 1000), "2025-04-15", 400)
    chain.refund(chain.order("b2", "2025-01-19", 800), "2025-05-05", 100)
    chain.order("b3", "2025-02-01", 500)
    chain.refund(chain.order("c1", "2025-03-01", 2000), "2025-05-01", 2000)
    chain.order("c2", "2025-04-10", 700)
    chain.order("c3", "2025-04-10", 300)
    for customer, day, score in (
        ("root", "2025-03-01", 8), ("root", "2025-06-01", 10), ("b1", "2025-02-01", 6),
    ):  # fmt: skip
        answer(chain, customer, day, score)


def answer(chain: Chain, customer: str, day: str, score: int) -> None:
    chain.add(
        "surveys", survey_id=chain._next("s"), customer_id=customer, survey_date=day,
        nps_score=score,
    )  # fmt: skip


def not_counted(chain: Chain) -> None:
    for name in (
        "x", "y", "w", "v", "p", "q", "r", "s", "t", "m", "n", "k", "m2", "n2", "k2",
        "twin_1", "twin_2",
    ):  # fmt: skip
        chain.customer(name, wechat_unionid="same" if name.startswith("twin") else None)
    for referrer, referee, day in (
        ("twin_1", "twin_2", "2025-01-01"),  # two records of one person
        ("x", "y", "2025-01-01"), ("y", "x", "2025-02-01"),  # a circle of two
        ("p", "q", "2025-01-01"), ("q", "r", "2025-01-02"), ("r", "p", "2025-01-03"),  # three
        ("s", "t", "2025-01-01"), ("t", "s", "2025-01-01"),  # one day: the later id closes
        ("w", "v", "2024-12-01"), ("y", "w", "2025-03-01"),  # hangs on a circle, stands in none
        ("m", "n", "2025-01-01"), ("k", "n", "2025-01-02"), ("m", "n", "2025-01-03"),
        ("m2", "n2", "2025-01-01"), ("k2", "n2", "2025-01-01"),  # the same day: the first id
    ):  # fmt: skip
        chain.referral(referrer, referee, day)


def voices(chain: Chain) -> None:
    chain.customer("south", home_clinic_id="south")
    for score in (9, 9, 9, 10, 10, 10, 8, 7, 6, 0):
        answer(chain, "south", "2025-05-10", score)
    chain.customer("nowhere", home_clinic_id=None)
    answer(chain, "nowhere", "2025-06-30", 10)
    answer(chain, "nowhere", "2025-07-01", 0)  # tomorrow


def channels(chain: Chain) -> None:
    for name, day in (("d1", "2025-01-05"), ("d2", "2025-01-31"), ("d3", "2025-02-01")):
        chain.customer(name, acquisition_channel="douyin", registered_date=day)
    chain.order("d1", "2025-02-10", 5000)
    chain.customer("walked_in", acquisition_channel="walk_in", registered_date="2025-01-05")
    for month, cost in (("2025-01-01", 1000), ("2025-02-01", 400), ("2025-07-01", 9000)):
        chain.add("acquisition_costs", channel="douyin", month=month, cost_amount=cost)
    chain.add("acquisition_costs", channel="search", month="2025-01-01", cost_amount=70)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    built = Chain(tmp_path_factory.mktemp("social"))
    built.product("facial")
    for cases in (tree, not_counted, voices, channels):
        cases(built)
    built.load()
    built.build("--select", *MODELS, tests=False, as_of_date=[SPRING, SUMMER])
    return built


def social(chain: Chain, customer: str, day: str, *columns: str) -> tuple[Any, ...]:
    (row,) = chain.query(
        f"select {', '.join(columns)} from marts.mart_social_value"
        " join customers.customer_bridge using (customer_key)"
        f" where customer_id = '{customer}' and as_of_date = date '{day}'"
    )
    return row


def values_of(chain: Chain, day: str, customers: tuple[str, ...]) -> list[Decimal]:
    """The customers' lifetime values, whatever model fills them."""
    return [
        value
        for (value,) in chain.query(
            "select clv_amount from measures.measures_value"
            " join customers.customer_bridge using (customer_sk)"
            f" where customer_id in {customers} and as_of_date = date '{day}'"
        )
    ]


# --- the tree ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customer", "day", "counts"),
    [
        ("root", SPRING, (3, 2, 2, 1)),  # b1 and b3 bought; c1, c2; c1 bought
        ("root", SUMMER, (3, 2, 3, 2)),  # c3 came; c1 took her money back, c2 and c3 bought
        ("b1", SPRING, (3, 1, 0, 0)),
        ("b1", SUMMER, (3, 1, 0, 0)),  # c2 instead of c1
        ("b2", SPRING, (0, 0, 0, 0)),
        ("b2", SUMMER, (1, 1, 0, 0)),
        ("x", SUMMER, (1, 0, 1, 0)),  # y, and w through y; not herself
        ("y", SUMMER, (1, 0, 0, 0)),  # w; w brought v before
        ("p", SUMMER, (1, 0, 1, 0)),
        ("r", SUMMER, (0, 0, 0, 0)),
        ("m", SUMMER, (1, 0, 0, 0)),  # the same pair twice is one
        ("k", SUMMER, (0, 0, 0, 0)),
        ("twin_1", SUMMER, (0, 0, 0, 0)),
    ],
)
def test_both_levels_made_and_converted(
    chain: Chain, customer: str, day: str, counts: tuple[int, ...]
) -> None:
    columns = ("referees", "converted")
    assert counts == social(
        chain, customer, day,
        *(f"{level}_{column}" for level in ("direct", "second_level") for column in columns),
    )  # fmt: skip


def test_what_does_not_count_says_why(chain: Chain) -> None:
    found = chain.query(
        "select referrals.referrer_customer_id, referrals.referee_customer_id, reason"
        " from measures.referral_claims join entities.referrals using (source, referral_id)"
        " where reason is not null order by all"
    )
    assert found == [
        ("k", "n", "has_a_referrer"),
        ("k2", "n2", "has_a_referrer"),
        ("m", "n", "same_pair_again"),
        ("r", "p", "closes_a_circle"),
        ("t", "s", "closes_a_circle"),
        ("twin_1", "twin_2", "self_referral"),
        ("y", "x", "closes_a_circle"),
    ]


def test_every_referral_counts_or_says_why_not(chain: Chain) -> None:
    ((all_of_them, counted, aside),) = chain.query(
        "select (select count(*) from entities.referrals),"
        " (select count(*) from measures.referral_claims where reason is null),"
        " (select count(*) from measures.referral_claims where reason is not null)"
    )
    assert (counted, aside) == (all_of_them - 7, 7)


def test_the_measures_that_tiers_read_count_the_same_tree(chain: Chain) -> None:
    assert chain.query(
        "select referrals_made_lifetime, referrals_converted_lifetime, referrals_made_90"
        " from measures.customer_measures join customers.customer_bridge using (customer_key)"
        f" where customer_id = 'root' and as_of_date = date '{SPRING}'"
    ) == [(3, 2, 3)]


# --- the value ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customer", "day", "willingness", "impact", "value"),
    [
        ("root", SPRING, "0.8", "1.3333", "3.2"),  # 8 of 10; (3 + 1) / 3; 0.8 × 3 × 4/3
        ("root", SUMMER, "1.0", "1.6667", "5.0"),  # 10 since June; (3 + 2) / 3
        ("b1", SPRING, "0.6", "1.0", "1.8"),
        ("x", SPRING, "0.7", "1.0", "0.7"),  # mean of 8 and 6
        ("k", SPRING, "0.7", None, "0"),
    ],
)
def test_social_value(
    chain: Chain, customer: str, day: str, willingness: str, impact: str | None, value: str
) -> None:
    assert social(
        chain, customer, day, "willingness", "impact_per_referral", "social_value"
    ) == (Decimal(willingness), impact and Decimal(impact), Decimal(value))


def test_in_money_it_is_times_the_mean_value_of_converted_referees(chain: Chain) -> None:
    converted = values_of(chain, SPRING, ("b1", "b3", "c1"))
    assert len(converted) == 3
    amount, clv, whole = social(
        chain, "root", SPRING, "social_value_amount", "clv_amount", "customer_value_amount"
    )
    assert amount == pytest.approx(Decimal("3.2") * sum(converted) / 3, abs=Decimal("0.02"))
    assert whole == clv + amount
    (own,) = values_of(chain, SPRING, ("b1", "b1"))
    assert social(chain, "b1", SPRING, "clv_amount") == (own,)


@pytest.mark.parametrize(
    ("customer", "day", "base", "least", "most"),
    [
        # b1 1,000 and b3 500; b2 bought before she was brought.
        ("root", SPRING, "1500", "45", "75"),
        # 400 back in April; the 100 of b2 belong to an order that earned nothing.
        ("root", SUMMER, "1100", "33", "55"),
        ("b1", SPRING, "2000", "60", "100"),
        # c1 took all back in May, c2 paid 700.
        ("b1", SUMMER, "700", "21", "35"),
        ("c1", SUMMER, "0", "0", "0"),
    ],
)
def test_rewards_follow_refunds(
    chain: Chain, customer: str, day: str, base: str, least: str, most: str
) -> None:
    assert social(
        chain, customer, day, "reward_base_amount", "reward_min_amount", "reward_max_amount"
    ) == (Decimal(base), Decimal(least), Decimal(most))


def test_a_refund_is_taken_back_on_its_own_day(chain: Chain) -> None:
    rows = chain.query(
        "select movement_date, amount from measures.referral_claims as claims"
        " join measures.money_movements as movements on referee_sk = movements.customer_sk"
        " join customers.customer_bridge as bridge on referrer_sk = bridge.customer_sk"
        " where customer_id = 'root' and reason is null and referral_date <= order_date"
        " order by all"
    )
    assert [(str(day), int(amount)) for day, amount in rows] == [
        ("2025-01-15", 1000),
        ("2025-02-01", 500),
        ("2025-04-15", -400),
    ]


# --- NPS ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "clinic", "month", "expected"),
    [
        # n' = 13, p' = 6.75/13, d' = 2.75/13: 30.769 ± 196 · √((9.5/13 − (4/13)²)/13) = 43.356
        (SUMMER, "south", None, (10, 6, 2, "40", "-12.59", "74.12")),
        (SUMMER, "south", "2025-05-01", (10, 6, 2, "40", "-12.59", "74.12")),
        # n' = 4, p' = 1.75/4, d' = 0.75/4: 25 ± 196 · √(0.5625/4) = 73.5
        (SUMMER, "unknown", None, (1, 1, 0, "100", "-48.5", "98.5")),
        # 8 and 6: n' = 5, p' = 0.15, d' = 0.35: −20 ± 196 · √((0.5 − 0.04)/5) = 59.449
        (SPRING, "*", None, (2, 0, 1, "-50", "-79.45", "39.45")),
        (SPRING, "north", None, (2, 0, 1, "-50", "-79.45", "39.45")),
    ],
)
def test_nps_by_hand(
    chain: Chain, day: str, clinic: str, month: str | None, expected: tuple[Any, ...]
) -> None:
    ((*counts, nps, low, high),) = chain.query(
        "select answers, promoters, detractors, nps, nps_low, nps_high from marts.mart_nps"
        f" where as_of_date = date '{day}' and clinic_id = '{clinic}' and month_date"
        + (f" = date '{month}'" if month else " is null")
    )
    assert (*counts, nps, low, high) == (*expected[:3], *map(Decimal, expected[3:]))


# --- LTV : CAC ---------------------------------------------------------------------------


def test_ltv_cac_by_hand(chain: Chain) -> None:
    (value,) = values_of(chain, SUMMER, ("d1", "d1"))
    columns = (
        "cost_amount", "customers_acquired", "first_time_buyers", "cac_amount",
        "cost_per_buyer_amount", "mean_ltv_amount", "ltv_cac_ratio", "is_healthy",
    )  # fmt: skip
    found = {
        (channel, str(month)): row
        for channel, month, *row in chain.query(
            f"select channel, month_date, {', '.join(columns)} from marts.mart_ltv_cac"
            f" where as_of_date = date '{SUMMER}'"
        )
    }
    # July's cost lies ahead; who walked in cost nothing; d2 came on the month's last day.
    assert set(found) == {
        ("douyin", "2025-01-01"), ("douyin", "2025-02-01"), ("douyin", "None"),
        ("search", "2025-01-01"), ("search", "None"),
    }  # fmt: skip
    cents = Decimal("0.01")
    assert found["douyin", "2025-01-01"] == [
        1000, 2, 1, 500, 1000, (value / 2).quantize(cents), value / 1000, value >= 3000,
    ]  # fmt: skip
    assert found["douyin", "2025-02-01"] == [400, 1, 0, 400, None, 0, 0, False]
    assert found["douyin", "None"][:5] == [1400, 3, 1, Decimal("466.67"), 1400]
    assert found["search", "2025-01-01"] == [70, 0, 0, None, None, None, 0, False]


# --- without the feeds -------------------------------------------------------------------


def test_without_the_feeds_nothing_is_guessed(tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    chain.product("facial")
    chain.customer("a")
    chain.order("a", SPRING, 900)
    chain.load()
    chain.build("--select", *MODELS, tests=False, as_of_date=SUMMER)
    row = social(
        chain, "a", SUMMER, "direct_referees", "willingness", "social_value",
        "social_value_amount", "reward_max_amount", "customer_value_amount",
    )  # fmt: skip
    assert row == (None,) * 6
    assert social(chain, "a", SUMMER, "clv_amount") != (0,)
    for mart in ("mart_nps", "mart_ltv_cac"):
        assert chain.query(f"select count(*) from marts.{mart}") == [(0,)]
