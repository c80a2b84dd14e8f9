"""Tiers and measures of customers computed by hand, on both sides of every threshold.

One chain, described on one day; each customer stands for one case and is named after it.
"""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from builder import Chain

TODAY = date(2025, 6, 30)


def ago(days: int) -> str:
    """The day so many days before the as-of date."""
    return (TODAY - timedelta(days)).isoformat()


def recency_cases(chain: Chain) -> None:
    for days in (0, 90, 91, 179, 180, 365, 366):
        chain.customer(f"recency_{days}")
        chain.order(f"recency_{days}", ago(days))
    chain.customer("recency_never")
    chain.customer("recency_pending")
    chain.order("recency_pending", ago(5), status="pending")
    chain.customer("recency_cancelled")
    chain.order("recency_cancelled", ago(5), status="cancelled")


def frequency_cases(chain: Chain) -> None:
    for count in (4, 3, 2, 1):
        chain.customer(f"frequency_{count}")
        for n in range(count):
            chain.order(f"frequency_{count}", ago(365 - n))
    chain.customer("frequency_year_and_a_day")
    chain.order("frequency_year_and_a_day", ago(366))
    chain.customer("frequency_same_day")
    for _ in range(2):
        chain.order("frequency_same_day", ago(10))


def monetary_cases(chain: Chain) -> None:
    for name, amount in {
        "high": "200000", "below_high": "199999.99", "mid": "50000", "below_mid": "49999.99",
    }.items():  # fmt: skip
        chain.customer(f"monetary_{name}")
        chain.order(f"monetary_{name}", ago(10), amount)
    # A refund lowers the amount on its own date: the order is older than a year.
    chain.customer("monetary_late_refund")
    old = chain.order("monetary_late_refund", ago(400), 1000)
    chain.order("monetary_late_refund", ago(10), 50000)
    chain.refund(old, ago(20), "0.01")


def depth_cases(chain: Chain) -> None:
    for count in (1, 2, 3):
        chain.customer(f"depth_{count}")
        for product in ("facial", "filler", "laser")[:count]:
            chain.order(f"depth_{count}", ago(500), product_id=product)


def returned_cases(chain: Chain) -> None:
    """Two lines, and what was given back for the second of them, which cost 400."""
    for name, back in {"returned": 400, "returned_partly": "399.99"}.items():
        chain.customer(name)
        order = chain.order(name, ago(50), 800)
        chain.add(
            "order_items", order_id=order, line_number=2, product_id="filler", quantity=1,
            list_amount=400, net_amount=400,
        )  # fmt: skip
        chain.add(
            "refunds", refund_id=f"back_{name}", order_id=order, line_number=2,
            refund_date=ago(40), refund_amount=back,
        )  # fmt: skip


def refund_cases(chain: Chain) -> None:
    chain.customer("refund_full")
    chain.refund(chain.order("refund_full", ago(50), 800), ago(40), 800)
    chain.customer("refund_partial")
    chain.refund(chain.order("refund_partial", ago(50), 800), ago(40), 300)
    chain.customer("refund_tomorrow")
    chain.refund(chain.order("refund_tomorrow", ago(50), 800), ago(-1), 800)


def lifecycle_cases(chain: Chain) -> None:
    # Name: the days ago of her consumption days, every one a treatment visit.
    for name, days in {
        "loyal": [0, 40, 80, 120, 180], "loyal_day_out": [0, 40, 80, 120, 181],
        "loyal_last": [176, 177, 178, 179, 180],
        "active": [0, 60, 120], "active_day_out": [0, 60, 121],
        "effective": [0, 90], "effective_day_out": [0, 91],
        "newbie_30": [30], "newbie_31": [31], "newbie_89": [89],
        "dormant_90": [90], "dormant_179": [179, 400], "dead_180": [180], "dead_359": [359],
        "lost_360": [360],
    }.items():  # fmt: skip
        chain.customer(f"lifecycle_{name}")
        for day in days:
            chain.visit(f"lifecycle_{name}", ago(day))
    for department, limit in {"injection": 60, "surgery": 90}.items():
        for day in (limit, limit + 1):
            chain.customer(f"lifecycle_{department}_{day}")
            chain.visit(f"lifecycle_{department}_{day}", ago(day), department=department)
    chain.customer("lifecycle_consulted")
    chain.visit("lifecycle_consulted", ago(10), "consultation")
    chain.customer("lifecycle_booked")
    chain.visit("lifecycle_booked", ago(10), status="no_show")


def four_level_cases(chain: Chain) -> None:
    for referrals in (5, 4):
        name = f"four_super_{referrals}"
        chain.customer(name)
        chain.order(name, ago(30), 500000)
        for n in range(referrals):
            chain.customer(f"{name}_friend_{n}")
            chain.referral(name, f"{name}_friend_{n}", ago(365))
    chain.customer("four_super_poor")
    chain.order("four_super_poor", ago(30), "499999.99")
    for n in range(5):
        chain.customer(f"four_super_poor_friend_{n}")
        chain.referral("four_super_poor", f"four_super_poor_friend_{n}", ago(30))
    chain.customer("four_repeat")
    chain.customer("four_repeat_one_category")
    chain.customer("final_core")
    chain.customer("four_repeat_two_orders")
    for n, product in enumerate(("facial", "filler", "facial")):
        chain.order("four_repeat", ago(365 - n), 20000, product)
        chain.order("four_repeat_one_category", ago(365 - n), 20000)
        chain.order("final_core", ago(10 + n), 90000, product)
        if n:
            chain.order("four_repeat_two_orders", ago(30), 20000, product)
    for name, amount in {"four_trial": "10000", "four_developing": "10000.01"}.items():
        chain.customer(name)
        chain.order(name, ago(30), amount)
    chain.customer("four_potential")
    chain.add("skin_tests", skin_test_id="s1", customer_id="four_potential", test_date=ago(3))
    chain.customer("four_lead")


def core_cases(chain: Chain) -> None:
    """Champions of RFM by what they spent long ago; this year just enough, or not."""
    for name, amount in {"final_rich": "3333.34", "final_poor": "3333.33"}.items():
        chain.customer(name)
        chain.order(name, ago(500), 90000)
        for n, product in enumerate(("facial", "filler", "facial")):
            chain.order(name, ago(10 + n), amount, product)


def formula_case(chain: Chain) -> None:
    # 小红, article 002: 8,000 a time, three times a year, for three years: 72,000.
    chain.customer("xiaohong")
    for year in range(3):
        for third in range(3):
            chain.order("xiaohong", ago(1095 - year * 365 - third * 120), 8000)


@pytest.fixture(scope="module")
def tiers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The wide mart's row of each customer, by their name, with their tags."""
    chain = Chain(Path(tmp_path_factory.mktemp("by_hand")))
    chain.product("facial")
    chain.product("filler", "injection", "injection")
    chain.product("laser", "energy_based")
    for cases in (
        recency_cases, frequency_cases, monetary_cases, depth_cases, returned_cases,
        refund_cases,
        lifecycle_cases, four_level_cases, core_cases, formula_case,
    ):  # fmt: skip
        cases(chain)
    chain.load()
    chain.build(
        "--select", "+mart_customer_tiers", "+mart_customer_tags",
        tests=False, as_of_date=TODAY.isoformat(),
    )  # fmt: skip
    rows = chain.query(
        "select bridge.customer_id, to_json(tiers) from marts.mart_customer_tiers as tiers"
        " join customers.customer_bridge as bridge using (customer_key)"
    )
    found = {name: json.loads(row, parse_float=Decimal) for name, row in rows}
    for row in found.values():
        row["tags"] = {}
    for name, tag, value, until in chain.query(
        "select bridge.customer_id, tags.tag, tags.value, tags.until_date"
        " from marts.mart_customer_tags as tags"
        " join customers.customer_bridge as bridge using (customer_key)"
    ):
        found[name]["tags"][tag] = (value, until)
    return found


CASES = {
    "rfm_recency_tier": {
        "recency_0": "active", "recency_90": "active", "recency_91": "cooling",
        "recency_179": "cooling", "recency_180": "lapsed", "recency_365": "lapsed",
        "recency_366": "churned", "recency_never": "never", "recency_pending": "never",
        "recency_cancelled": "never", "refund_full": "never", "refund_partial": "active",
        "refund_tomorrow": "active",
    },
    "rfm_frequency_tier": {
        "frequency_4": "fan", "frequency_3": "repeat", "frequency_2": "repeat",
        "frequency_1": "one_off", "frequency_year_and_a_day": "none",
        "frequency_same_day": "repeat", "recency_never": "none",
    },
    "rfm_monetary_tier": {
        "monetary_high": "high", "monetary_below_high": "mid", "monetary_mid": "mid",
        "monetary_below_mid": "low", "monetary_late_refund": "low", "recency_never": "low",
    },
    "rfm_depth_tier": {
        "depth_1": "single", "depth_2": "dual", "depth_3": "multi", "recency_never": "none",
        "returned": "single", "returned_partly": "dual",
    },
    "lifecycle_tier": {
        "lifecycle_loyal": "loyal", "lifecycle_loyal_day_out": "active",
        "lifecycle_loyal_last": "loyal", "lifecycle_active": "active",
        "lifecycle_active_day_out": "effective", "lifecycle_effective": "effective",
        "lifecycle_effective_day_out": "lapsing", "lifecycle_newbie_30": "newbie",
        "lifecycle_newbie_31": "lapsing", "lifecycle_newbie_89": "lapsing",
        "lifecycle_dormant_90": "dormant", "lifecycle_dormant_179": "dormant",
        "lifecycle_dead_180": "dead", "lifecycle_dead_359": "dead",
        "lifecycle_lost_360": "lost",
        "lifecycle_injection_60": "newbie", "lifecycle_injection_61": "lapsing",
        "lifecycle_surgery_90": "newbie", "lifecycle_surgery_91": "dormant",
        "lifecycle_consulted": "potential", "lifecycle_booked": "potential",
    },
    "four_level_tier": {
        "four_super_5": "super", "four_super_4": "developing", "four_super_poor": "developing",
        "four_repeat": "repeat", "four_repeat_one_category": "developing",
        "four_repeat_two_orders": "developing", "four_trial": "trial",
        "four_developing": "developing", "four_potential": "potential", "four_lead": "lead",
    },
    "final_tier": {
        "four_super_5": "super", "final_core": "core", "final_rich": "core",
        "final_poor": "repeat", "four_repeat": "churned",
        "four_trial": "trial", "four_developing": "developing", "four_lead": "potential",
        "lifecycle_lost_360": "churned",
        "recency_366": "churned", "lifecycle_dead_180": "dormant", "recency_91": "dormant",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "name", "expected"),
    [(column, name, tier) for column, cases in CASES.items() for name, tier in cases.items()],
)
def test_tier(tiers: dict[str, dict[str, Any]], column: str, name: str, expected: str) -> None:
    assert tiers[name][column] == expected


# Name, tag, what it found (None: they do not have it), the last day if nothing happens.
TAGS = [
    # Of a tier, with the day before it lapses; time alone does not end the last stage.
    ("monetary_high", "high_spender", "high", ago(-355)),
    ("monetary_below_high", "high_spender", None, None),
    ("monetary_below_high", "middle_spender", "mid", ago(-355)),
    ("monetary_below_mid", "middle_spender", None, None),
    ("frequency_4", "fan", "fan", ago(0)),
    ("frequency_3", "fan", None, None),
    ("lifecycle_newbie_30", "stage_newbie", "newbie", ago(0)),
    ("lifecycle_newbie_31", "stage_newbie", None, None),
    ("lifecycle_dormant_90", "stage_dormant", "dormant", ago(-89)),
    ("lifecycle_lost_360", "stage_lost", "lost", None),
    # Of a number: above 10,000, not at it.
    ("four_developing", "big_ticket", "10000.01", None),
    ("four_trial", "big_ticket", None, None),
    # Of two conditions, one of which asks for nothing to be there.
    ("frequency_1", "once_only", "1", None),
    ("frequency_2", "once_only", None, None),
    ("refund_full", "once_only", None, None),
    ("frequency_2", "quick_repeat", "1", None),
    ("xiaohong", "quick_repeat", None, None),
    # Of a code.
    ("lifecycle_injection_60", "likes_injection", "injection", None),
    ("lifecycle_injection_60", "likes_dermatology", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "tag", "value", "until"), TAGS)
def test_tag(tiers, name: str, tag: str, value: str | None, until: str | None) -> None:
    found = tiers[name]["tags"].get(tag, (None, None))
    assert (found[0], found[1] and found[1].isoformat()) == (value, until)


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("xiaohong", "clv_amount", 72000),
        ("xiaohong", "average_order_value", 8000),
        ("refund_partial", "net_amount_365", 500),
        ("refund_full", "net_amount_365", 0),
        ("refund_full", "purchases_365", 0),
        ("refund_tomorrow", "net_amount_365", 800),
        ("refund_partial", "days_since_purchase", 50),
        ("recency_never", "days_since_purchase", None),
        ("monetary_late_refund", "net_amount_365", Decimal("49999.99")),
        ("monetary_late_refund", "net_amount_lifetime", Decimal("50999.99")),
        ("frequency_same_day", "purchases_365", 2),
        ("four_super_5", "referrals_made_365", 5),
    ],
)
def test_measure(
    tiers: dict[str, dict[str, Any]], name: str, column: str, expected: Decimal | None
) -> None:
    assert tiers[name][column] == expected
