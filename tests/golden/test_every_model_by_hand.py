"""Every tier model of rulebook §3.3 to §3.16 by hand, on both sides of its thresholds.

One chain with every optional feed, described on one day; each customer stands for one case and
is named after it.
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


def sale(chain: Chain, name: str, days: int, listed: Any, paid: Any) -> None:
    """A purchase whose list price differs from what was paid."""
    order_id = f"{name}_{days}"
    chain.add(
        "orders", order_id=order_id, customer_id=name, order_date=ago(days),
        clinic_id="north", status="paid",
    )  # fmt: skip
    chain.add(
        "order_items", order_id=order_id, line_number=1, product_id="facial", quantity=1,
        list_amount=listed, net_amount=paid,
    )  # fmt: skip


def numbered(chain: Chain, table: str, key: str, **values: Any) -> None:
    """A row of an optional feed with the next id."""
    chain.add(table, **{key: chain._next(key[0])}, **values)


def touch(chain: Chain, name: str, kind: str, days: int, times: int = 1) -> None:
    for _ in range(times):
        numbered(
            chain, "interactions", "interaction_id", customer_id=name,
            interaction_date=ago(days), interaction_type=kind,
        )  # fmt: skip


def friends(chain: Chain, name: str, count: int, days: int, buying: int = 0) -> None:
    """Referrals so many days ago; the first of the friends buy on the day after."""
    for n in range(count):
        chain.customer(f"{name}_friend_{n}")
        chain.referral(name, f"{name}_friend_{n}", ago(days))
        if n < buying:
            chain.order(f"{name}_friend_{n}", ago(days - 1))


def four_stage_cases(chain: Chain) -> None:
    for name, visit in {"fs_visit_90": 90, "fs_visit_91": 91}.items():
        chain.customer(name)
        chain.order(name, ago(200))
        chain.visit(name, ago(visit), "follow_up")
    for name, day in {"fs_response_90": 90, "fs_response_91": 91}.items():
        chain.customer(name)
        chain.order(name, ago(200))
        numbered(
            chain, "outreach", "outreach_id", customer_id=name, contact_date=ago(day + 2),
            campaign="spring", contact_channel="sms", cost_amount=1, has_responded="true",
            response_date=ago(day),
        )  # fmt: skip
    for name, day in {"fs_bought_90": 90, "fs_bought_91": 91}.items():
        chain.customer(name)
        chain.order(name, ago(day))
    # Days and amounts of the purchases; all of them came yesterday.
    for name, orders in {
        "fs_repeat": [(40, "10000"), (10, "10000")],
        "fs_repeat_poor": [(40, "10000"), (10, "9999.99")],
        "fs_second_on_day_31": [(41, "100"), (10, "100")],
        "fs_third_after_that": [(41, "100"), (10, "100"), (9, "100")],
        "fs_first": [(10, "50000")],
    }.items():
        chain.customer(name)
        chain.visit(name, ago(1), "follow_up")
        for days, amount in orders:
            chain.order(name, ago(days), amount)
    chain.customer("fs_nobody")


def dual_cases(chain: Chain) -> None:
    for name, amount, count in (
        ("dv_a", "300000", 20), ("dv_a_poor", "299999.99", 20), ("dv_a_21", "300000", 21),
    ):  # fmt: skip
        chain.customer(name)
        chain.order(name, ago(365), amount)
        chain.order(name, ago(366), "1000000")
        friends(chain, name, count, 300, buying=3)
    for name, amount in {"dv_b": "20000", "dv_b_poor": "19999.99"}.items():
        chain.customer(name)
        for days in (365, 100, 10):
            chain.order(name, ago(days), amount)
    chain.customer("dv_b_two_this_year")
    for days in (366, 100, 10):
        chain.order("dv_b_two_this_year", ago(days), "20000")
    chain.customer("dv_c")
    chain.order("dv_c", ago(800), 500)
    for days in (90, 91, 179, 180, 365, 366):
        chain.customer(f"ds_{days}")
        chain.visit(f"ds_{days}", ago(days))
    chain.customer("ds_never")


def value_cases(chain: Chain) -> None:
    for name, amount in {
        "clv_strategic": "1000000", "clv_core": "999999.99", "clv_high": "200000",
        "clv_mid": "199999.99", "clv_mid_floor": "20000", "clv_low": "19999.99",
    }.items():  # fmt: skip
        chain.customer(name)
        chain.order(name, ago(20), amount)
    # Two purchases in a year: the formula promises both again, one lies 366 days back.
    for name, (before, lately) in {
        "growth_half": ("5000", "10000"), "growth_less": ("4999.90", "10000"),
        "growth_base": ("2500", "5000"), "growth_no_base": ("2500", "4999.99"),
    }.items():  # fmt: skip
        chain.customer(name)
        chain.order(name, ago(366), before)
        chain.order(name, ago(10), lately)
    chain.customer("growth_unknown")
    chain.order("growth_unknown", ago(366), "500")
    for name, paid in {
        "sens_share": [999, 999, 1000, 1000], "sens_share_less": [999, 1000, 1000],
        "sens_discount": [400, 1000, 1000], "sens_discount_less": [401, 1000, 1000],
        "sens_one": [100],
    }.items():  # fmt: skip
        chain.customer(name)
        for n, amount in enumerate(paid):
            sale(chain, name, 10 + n, 1000, amount)
    for count in (10, 9, 5, 4, 1):
        chain.customer(f"social_{count}")
        friends(chain, f"social_{count}", count, 365)
    chain.customer("social_out")
    friends(chain, "social_out", 10, 366)
    chain.customer("wants_effect", motivation="efficacy")


def rule_cases(chain: Chain) -> None:
    # Days ago of the last purchase, number of purchases, amount of all of them.
    for name, (days, count, amount) in {
        "rule_high": (30, 6, "10000.02"), "rule_high_at_10000": (30, 8, "10000"),
        "rule_high_five": (30, 5, "20000"), "rule_day_31": (31, 6, "10000.02"),
        "rule_growth": (31, 2, "2000"), "rule_growth_90": (90, 4, "9999.96"),
        "rule_growth_30": (30, 2, "2000"), "rule_growth_poor": (31, 2, "1999.98"),
        "rule_growth_rich": (31, 4, "10000"), "rule_growth_five": (31, 5, "5000"),
        "rule_growth_one": (31, 1, "5000"),
        "rule_back_often": (91, 6, "600"), "rule_back_rich": (91, 1, "10000.01"),
        "rule_back_neither": (91, 5, "10000"), "rule_back_90": (90, 6, "600"),
    }.items():  # fmt: skip
        chain.customer(name)
        for n in range(count):
            chain.order(name, ago(days + n), Decimal(amount) / count)
    chain.customer("rule_nobody")


def member_cases(chain: Chain) -> None:
    for name, amount in {
        "member_diamond": "500000", "member_platinum": "499999.99", "member_gold": "50000",
        "member_silver": "49999.99", "member_silver_floor": "20000",
        "member_bronze": "19999.99",
    }.items():  # fmt: skip
        chain.customer(name)
        chain.order(name, ago(365), amount)
    # Earned for the last time 365 days after the only purchase; grace is 90 days a level.
    for name, (days, amount) in {
        "grace_gold_90": (365 + 90, "50000"), "grace_gold_91": (365 + 91, "50000"),
        "grace_gold_180": (365 + 180, "50000"), "grace_gold_181": (365 + 181, "50000"),
        "grace_diamond_91": (365 + 91, "500000"), "grace_diamond_181": (365 + 181, "500000"),
        "grace_diamond_360": (365 + 360, "500000"),
        "grace_diamond_361": (365 + 361, "500000"),
    }.items():  # fmt: skip
        chain.customer(name)
        chain.order(name, ago(days), amount)
    for days in (89, 90):
        name = f"grace_refund_{days}"
        chain.customer(name)
        chain.refund(chain.order(name, ago(200), 60000), ago(days), 20000)
    # Grace is for time that passes: what was refunded in full never earned gold.
    chain.customer("grace_undone")
    chain.refund(chain.order("grace_undone", ago(200), 60000), ago(10), 60000)
    # Lost gold long ago, earned it again today: upgraded at once.
    chain.customer("member_again")
    chain.order("member_again", ago(900), "50000")
    chain.order("member_again", ago(0), "50000")


def medical_cases(chain: Chain) -> None:
    for name, values in {
        "need_collagen": {"collagen_density_pct": "29.99"},
        "need_collagen_30": {"collagen_density_pct": "30"},
        "need_uv": {"uv_damage_index": "7"}, "need_uv_less": {"uv_damage_index": "6.99"},
        "need_spots": {"pigmentation_pct": "15.01"}, "need_spots_15": {"pigmentation_pct": 15},
        "need_lead": {"skin_problem_index": "7"},
        "need_lead_less": {"skin_problem_index": "6.99"},
        "need_lead_bought": {"skin_problem_index": "7"},
    }.items():  # fmt: skip
        chain.customer(name)
        numbered(
            chain, "skin_tests", "skin_test_id", customer_id=name, test_date=ago(9), **values
        )
    chain.order("need_lead_bought", ago(3))
    chain.customer("need_better_now")
    for days, density in ((90, 20), (9, 50)):
        numbered(
            chain, "skin_tests", "skin_test_id", customer_id="need_better_now",
            test_date=ago(days), collagen_density_pct=density,
        )  # fmt: skip
    chain.customer("care_nothing")
    for name, answers in {
        "care_satisfied_6": [{"postop_satisfaction_score": 6}],
        "care_satisfied_7": [{"postop_satisfaction_score": 7}],
        "care_nps_6": [{"nps_score": 6}], "care_nps_7": [{"nps_score": 7}],
        "care_better_now": [{"postop_satisfaction_score": 2}, {"postop_satisfaction_score": 9}],
    }.items():  # fmt: skip
        chain.customer(name)
        for n, answer in enumerate(answers):
            numbered(
                chain, "surveys", "survey_id", customer_id=name, survey_date=ago(9 - n),
                **answer,
            )  # fmt: skip
    # An answer counts for a year.
    for name, days, answer in (
        ("care_satisfied_365", 365, {"postop_satisfaction_score": 6}),
        ("care_satisfied_366", 366, {"postop_satisfaction_score": 6}),
        ("care_nps_365", 365, {"nps_score": 6}), ("care_nps_366", 366, {"nps_score": 6}),
    ):  # fmt: skip
        chain.customer(name)
        numbered(
            chain, "surveys", "survey_id", customer_id=name, survey_date=ago(days), **answer
        )
    for name, (days, complication, due, kept) in {
        "care_complication_365": (365, "true", None, None),
        "care_complication_366": (366, "true", None, None),
        "care_overdue": (20, "false", 1, "false"), "care_due_today": (20, "false", 0, "false"),
        "care_kept": (20, "false", 1, "true"),
        # By the day on which it was due, however old the record.
        "care_due_365": (500, "false", 365, "false"),
        "care_due_366": (500, "false", 366, "false"),
    }.items():  # fmt: skip
        chain.customer(name)
        chain.visit(name, ago(days), visit_id=f"treated_{name}")
        numbered(
            chain, "treatment_outcomes", "outcome_id", customer_id=name,
            visit_id=f"treated_{name}", outcome_date=ago(days), has_complication=complication,
            follow_up_due_date="" if due is None else ago(due), is_follow_up_kept=kept or "",
        )  # fmt: skip


def rfm2_cases(chain: Chain) -> None:
    # Everything at its best: 100 points.
    chain.customer("rfm2_full")
    for product in ("facial", "filler", "laser"):
        chain.order("rfm2_full", ago(5), product_id=product)
    touch(chain, "rfm2_full", "live_watch", 365, 12)
    friends(chain, "rfm2_full", 1, 100, buying=1)
    # Skin care is due again after 30 days; she bought once.
    for days in (30, 37, 38, 45, 46, 60, 61):
        chain.customer(f"rfm2_cycle_{days}")
        chain.order(f"rfm2_cycle_{days}", ago(days))
    # Her own gaps, 40 days, go before the item's cycle: 40 days are within it, 41 are not.
    for days in (40, 41):
        chain.customer(f"rfm2_gaps_{days}")
        for n in range(3):
            chain.order(f"rfm2_gaps_{days}", ago(days + 40 * n))
    for count in (12, 11, 6, 5, 3, 2, 1):
        name = f"rfm2_touches_{count}"
        chain.customer(name)
        chain.order(name, ago(800))
        touch(chain, name, "community_post", 200, count)
        touch(chain, name, "page_view", 20, 20)  # looking is not speaking
    for name, kind in {
        "quiet_collector": "coupon_claimed", "quiet_viewer": "live_watch",
        "quiet_reader": "page_view", "quiet_member": "community_post",
    }.items():  # fmt: skip
        for n in range(5):
            chain.customer(f"{name}_{n}")
            touch(chain, f"{name}_{n}", kind, 30, 3 + n)


def profit_cases(chain: Chain) -> None:
    chain.customer("profit_by_margin")
    chain.order("profit_by_margin", ago(10), 1000)  # skin care leaves 65 %
    chain.customer("profit_by_cost")
    order = chain.order("profit_by_cost", ago(10), 1000, "costly")
    # Presents with costs of their own, which go before the product's: 2 × 100, and 50 in all.
    for line, costs in ((2, {}), (3, {"cost_amount": 50})):
        chain.add(
            "order_items", order_id=order, line_number=line, product_id="costly", quantity=2,
            list_amount=0, net_amount=0, unit_cost=100, **costs,
        )  # fmt: skip
    chain.customer("profit_loss")
    chain.order("profit_loss", ago(10), 299, "costly")
    chain.customer("profit_partial_refund")
    chain.refund(
        chain.order("profit_partial_refund", ago(10), 1000, "costly"), ago(5), 200
    )  # fmt: skip
    chain.customer("profit_full_refund")
    order = chain.order("profit_full_refund", ago(10), 1000, "costly")
    chain.refund(order, ago(6), 400)
    chain.refund(order, ago(5), 600)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    chain = Chain(Path(tmp_path_factory.mktemp("every_model")))
    chain.product("facial")
    chain.product("filler", "injection", "injection")
    chain.product("laser", "energy_based")
    chain.add(
        "products", product_id="costly", category="injection", department="injection",
        unit_cost=300,
    )  # fmt: skip
    for cases in (
        four_stage_cases, dual_cases, value_cases, rule_cases, member_cases, medical_cases,
        rfm2_cases, profit_cases,
    ):  # fmt: skip
        cases(chain)
    chain.load()
    chain.build(
        "--select", "+mart_customer_tiers", "+mart_medical_tiers", "+fct_rfm2",
        tests=False, as_of_date=TODAY.isoformat(),
    )  # fmt: skip
    return chain


@pytest.fixture(scope="module")
def rows(chain: Chain) -> dict[str, dict[str, Any]]:
    """Each customer's row of the wide, the medical and the RFM² mart, by her name."""
    found: dict[str, dict[str, Any]] = {}
    for mart in (
        "marts.mart_customer_tiers",
        "medical.mart_medical_tiers",
        "marts.fct_rfm2",
    ):
        for name, row in chain.query(
            f"select bridge.customer_id, to_json(mart) from {mart} as mart"
            " join customers.customer_bridge as bridge using (customer_key)"
        ):
            found.setdefault(name, {}).update(json.loads(row, parse_float=Decimal))
    return found


CASES = {
    "four_stage_tier": {
        "fs_visit_90": "trial", "fs_visit_91": "churned", "fs_response_90": "trial",
        "fs_response_91": "churned", "fs_repeat": "repeat", "fs_repeat_poor": "developing",
        "fs_second_on_day_31": "trial", "fs_third_after_that": "developing",
        "fs_bought_90": "trial", "fs_bought_91": "churned", "fs_first": "trial",
        "fs_nobody": "potential",
    },
    "dual_value_tier": {
        "dv_a": "a", "dv_a_poor": "general", "dv_a_21": "general", "dv_b": "b",
        "dv_b_poor": "general", "dv_b_two_this_year": "general", "dv_c": "c",
        "ds_never": "general",
    },
    "dual_stage_tier": {
        "ds_90": "active", "ds_91": "cooling", "ds_179": "cooling", "ds_180": "silent",
        "ds_365": "silent", "ds_366": "churned", "ds_never": "never",
    },
    "clv_level_tier": {
        "clv_high": "high", "clv_mid": "mid", "clv_mid_floor": "mid", "clv_low": "low",
        "ds_never": "low",
    },
    "clv_tier_tier": {
        "clv_strategic": "strategic", "clv_core": "core", "clv_high": "core",
        "clv_mid": "standard", "ds_never": "standard",
    },
    "clv_growth_tier": {
        "growth_half": "high_growth", "growth_less": "steady", "growth_base": "high_growth",
        "growth_no_base": "unknown", "growth_unknown": "unknown",
        "ds_never": "unknown",
    },
    "price_sensitivity_tier": {
        "sens_share": "high", "sens_share_less": "low", "sens_discount": "high",
        "sens_discount_less": "low", "sens_one": "unknown", "ds_never": "unknown",
    },
    "social_tier": {
        "social_10": "super_spreader", "social_9": "advocate", "social_5": "advocate",
        "social_4": "referrer", "social_1": "referrer", "social_out": "none",
    },
    "motivation_tier": {"wants_effect": "efficacy", "dv_c": "unknown"},
    "rule_tier": {
        "rule_high": "high_value", "rule_high_at_10000": "general", "rule_high_five": "general",
        "rule_day_31": "general", "rule_growth": "growth", "rule_growth_90": "growth",
        "rule_growth_30": "general", "rule_growth_poor": "general",
        "rule_growth_rich": "general", "rule_growth_five": "general",
        "rule_growth_one": "general", "rule_back_often": "win_back",
        "rule_back_rich": "win_back", "rule_back_neither": "general",
        "rule_back_90": "general", "rule_nobody": "prospect",
    },
    "member_tier": {
        "member_diamond": "diamond", "member_platinum": "platinum", "member_gold": "gold",
        "member_silver": "silver", "member_silver_floor": "silver", "member_bronze": "bronze",
        "grace_gold_90": "gold", "grace_gold_91": "silver", "grace_gold_180": "silver",
        "grace_gold_181": "bronze", "grace_diamond_91": "platinum",
        "grace_diamond_181": "gold", "grace_diamond_360": "silver",
        "grace_diamond_361": "bronze", "grace_refund_89": "gold", "grace_refund_90": "silver",
        "grace_undone": "bronze",
        "member_again": "gold", "rule_nobody": "bronze",
    },
    "medical_need_tier": {
        "need_collagen": "high_risk", "need_collagen_30": "normal", "need_uv": "high_risk",
        "need_uv_less": "normal", "need_spots": "high_risk", "need_spots_15": "normal",
        "need_lead": "high_potential_lead", "need_lead_less": "normal",
        "need_lead_bought": "normal", "need_better_now": "normal", "care_nothing": "untested",
    },
    "care_risk_tier": {
        "care_satisfied_6": "intervene", "care_satisfied_7": "ok", "care_nps_6": "watch",
        "care_nps_7": "ok", "care_better_now": "ok", "care_complication_365": "intervene",
        "care_complication_366": "unknown", "care_satisfied_365": "intervene",
        "care_satisfied_366": "unknown", "care_nps_365": "watch", "care_nps_366": "unknown",
        "care_due_365": "intervene", "care_due_366": "unknown", "care_overdue": "intervene",
        "care_due_today": "ok",
        "care_kept": "ok", "care_nothing": "unknown",
    },
    "private_domain_tier": {
        "quiet_collector_0": "coupon_collector", "quiet_collector_4": "coupon_collector",
        "quiet_viewer_2": "silent_viewer", "quiet_reader_3": "browser",
        "quiet_member_1": "community_only", "rfm2_full": "not_silent",
        "dv_c": "not_silent",
    },
    "pyramid_tier": {
        "profit_loss": "negative", "ds_never": "none", "profit_full_refund": "none",
        "clv_strategic": "top",
    },
    "cycle_score": {
        "rfm2_cycle_30": 5, "rfm2_cycle_37": 4, "rfm2_cycle_38": 3, "rfm2_cycle_45": 3,
        "rfm2_cycle_46": 2, "rfm2_cycle_60": 2, "rfm2_cycle_61": 1, "rfm2_gaps_40": 5,
        "rfm2_gaps_41": 4, "fs_nobody": None,
    },
    "interaction_score": {
        "rfm2_touches_12": 5, "rfm2_touches_11": 4, "rfm2_touches_6": 4, "rfm2_touches_5": 3,
        "rfm2_touches_3": 3, "rfm2_touches_2": 2, "rfm2_touches_1": 2, "rfm2_cycle_30": 1,
    },
    # 30 × (5 − 1) / 4 for touches, 30 × (2 − 1) / 4 for one category, out of cycle, no friend.
    "weighted_score": {"rfm2_full": 100, "rfm2_touches_12": Decimal("37.5")},
    "gross_profit_365": {
        "profit_by_margin": 650, "profit_by_cost": 450, "profit_loss": -1,
        "profit_partial_refund": 500, "profit_full_refund": 0,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "name", "expected"),
    [(column, name, tier) for column, cases in CASES.items() for name, tier in cases.items()],
)
def test_by_hand(
    rows: dict[str, dict[str, Any]], column: str, name: str, expected: str | int | None
) -> None:
    assert rows[name][column] == expected


def test_the_pyramid_follows_from_the_profits(rows: dict[str, dict[str, Any]]) -> None:
    """The first 80 % of profit, up to 95 %, the rest; equals together (rulebook 3.12)."""
    earners = [
        row
        for row in rows.values()
        if row["purchases_365"] > 0 or row["gross_profit_365"] not in (0, None)
    ]
    total = sum(max(row["gross_profit_365"], 0) for row in earners)
    seen = set()
    for row in earners:
        profit = row["gross_profit_365"]
        before = sum(
            other["gross_profit_365"]
            for other in earners
            if other["gross_profit_365"] > max(profit, 0)
        )
        share = Decimal(before) / Decimal(total)
        if profit < 0:
            expected = "negative"
        elif share < Decimal("0.8"):
            expected = "top"
        else:
            expected = "middle" if share < Decimal("0.95") else "bottom"
        assert row["pyramid_tier"] == expected, row["customer_key"]
        seen.add(expected)
    assert seen == {"negative", "top", "middle", "bottom"}
