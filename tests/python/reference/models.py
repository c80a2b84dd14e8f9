"""The tier models of section 3, one function a model; the medical ones last."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reference.measures import Measured, Population, last_day_reached
from reference.rulebook import Numbers

# What the fitted models say of a customer (section 5): taken as given.
Value = dict[str, Any]
Answers = dict[str, str | None]
Model = Callable[[Measured, Population, Numbers, Value, Answers], str | None]


def rfm_recency(one, all_, n, value, so_far):
    if one.recency is None:
        return "never"
    if one.recency <= n("rfm_active_within_days"):
        return "active"
    if one.recency < n("rfm_lapsed_from_days"):
        return "cooling"
    return "lapsed" if one.recency <= n("rfm_churned_after_days") else "churned"


def rfm_frequency(one, all_, n, value, so_far):
    bought = one.frequency(n("rfm_frequency_window"))
    for tier, floor in (("fan", "fan"), ("repeat", "repeat"), ("one_off", "one_off")):
        if bought >= n(f"rfm_{floor}_min_purchases"):
            return tier
    return "none"


def rfm_monetary(one, all_, n, value, so_far):
    amount = one.money(n("rfm_monetary_window"))
    if amount >= n("rfm_high_min_amount"):
        return "high"
    return "mid" if amount >= n("rfm_mid_min_amount") else "low"


def rfm_depth(one, all_, n, value, so_far):
    categories = len(one.categories())
    if categories >= n("rfm_multi_min_categories"):
        return "multi"
    if categories >= n("rfm_dual_min_categories"):
        return "dual"
    return "single" if categories else "none"


SEGMENTS = {
    (True, True, True): "champions", (True, False, True): "important_develop",
    (False, True, True): "important_retain", (False, False, True): "important_winback",
    (True, True, False): "general_value", (True, False, False): "general_develop",
    (False, True, False): "general_retain", (False, False, False): "general_winback",
}  # fmt: skip


def _segment(one, all_, names):
    if one.recency is None:
        return "no_purchase"
    return SEGMENTS[
        tuple(all_.scores[name][one.customer.key] > all_.cuts[name] for name in names)
    ]


def rfm_segment(one, all_, n, value, so_far):
    return _segment(one, all_, ("R", "F", "M"))


# The ten segments as they are published: R and F of each, from 1 to 5 (DECISIONS).
TEN = {
    "hibernating": ("12", "12"), "at_risk": ("12", "34"), "cannot_lose": ("12", "5"),
    "about_to_sleep": ("3", "12"), "need_attention": ("3", "3"), "loyal": ("34", "45"),
    "promising": ("4", "1"), "new": ("5", "1"), "potential_loyalist": ("45", "23"),
    "champions": ("5", "45"),
}  # fmt: skip


def rfm_ten(one, all_, n, value, so_far):
    if one.recency is None:
        return "no_purchase"
    recency, frequency = (str(all_.scores[name][one.customer.key]) for name in ("R", "F"))
    (tier,) = [name for name, (r, f) in TEN.items() if recency in r and frequency in f]
    return tier


def rfm2(one, all_, n, value, so_far):
    if "interactions" not in one.world.feeds:
        return None
    return _segment(one, all_, ("cycle", "interaction", "breadth"))


def lifecycle(one, all_, n, value, so_far):
    recency = one.consumption_recency
    if recency is None:
        return "potential"
    for tier in ("loyal", "active", "effective"):
        within = n(f"lifecycle_{tier}_within_days")
        days = sum(one.within(on, within) for on in one.consumption_days)
        if recency <= within and days >= n(f"lifecycle_{tier}_min_days"):
            return tier
    limit = n("lifecycle_newbie_within_days", one.department)
    if len(one.consumption_days) <= n("lifecycle_newbie_max_days") and recency <= limit:
        return "newbie"
    if recency < n("lifecycle_dormant_from_days"):
        return "lapsing"
    if recency < n("lifecycle_dead_from_days"):
        return "dormant"
    return "dead" if recency < n("lifecycle_lost_from_days") else "lost"


def four_stage(one, all_, n, value, so_far):
    if "outreach" not in one.world.feeds:
        return None
    if not one.purchases:
        return "potential"
    silence = n("four_stage_silence_window")
    if not one.visits(silence) and not one.responses(silence) and not one.frequency(silence):
        return "churned"
    came_back = one.most_in_one_category >= n("four_stage_repeat_min_purchases") or len(
        one.categories()
    ) >= n("four_stage_repeat_min_categories")
    amount = one.money(n("four_stage_amount_window"))
    if came_back and amount >= n("four_stage_repeat_min_amount"):
        return "repeat"
    late = one.days_to_second is None or one.days_to_second > n("four_stage_trial_within_days")
    if late and one.frequency() < n("four_stage_trial_below_purchases"):
        return "trial"
    return "developing"


def four_level(one, all_, n, value, so_far):
    window = n("four_level_window")
    referred = len(all_.referrals(one, window))
    worth = value["clv_amount"] or 0
    if (
        "referrals" in one.world.feeds
        and worth >= n("four_level_super_min_clv")
        and referred >= n("four_level_super_min_referrals")
    ):
        return "super"
    if one.frequency(window) >= n("four_level_repeat_min_purchases") and len(
        one.categories()
    ) >= n("four_level_repeat_min_categories"):
        return "repeat"
    if one.purchases:
        small = one.largest_order <= n("four_level_trial_max_order_amount")
        return "trial" if small else "developing"
    tested = any(row["test_date"] <= one.day for row in one.customer.skin_tests)
    return "potential" if tested else "lead"


def dual_value(one, all_, n, value, so_far):
    window = n("dual_value_window")
    conversion = all_.conversion(one, window)
    if (
        one.money(window) >= n("dual_a_min_amount")
        and conversion is not None
        and conversion >= Fraction(n("dual_a_min_conversion"))
    ):
        return "a"
    if one.frequency(window) >= n("dual_b_min_purchases") and one.aov >= n(
        "dual_b_min_order_value"
    ):
        return "b"
    return "c" if one.frequency() == 1 else "general"


def dual_stage(one, all_, n, value, so_far):
    recency = one.consumption_recency
    if recency is None:
        return "never"
    if recency <= n("dual_active_within_days"):
        return "active"
    if recency < n("dual_silent_from_days"):
        return "cooling"
    return "silent" if recency <= n("dual_churned_after_days") else "churned"


def clv_level(one, all_, n, value, so_far):
    worth = value["clv_amount"] or 0
    if worth >= n("clv_level_high_min_amount"):
        return "high"
    return "mid" if worth >= n("clv_level_mid_min_amount") else "low"


def price_sensitivity(one, all_, n, value, so_far):
    priced, share, discount = one.discounts()
    if priced < n("sensitivity_min_purchases"):
        return "unknown"
    often = share >= Fraction(n("sensitivity_high_min_share"))
    much = discount >= Fraction(n("sensitivity_high_min_discount"))
    return "high" if often or much else "low"


def clv_tier(one, all_, n, value, so_far):
    worth = value["clv_amount"] or 0
    if worth >= n("clv_strategic_min_amount"):
        return "strategic"
    return "core" if worth >= n("clv_core_min_amount") else "standard"


def clv_growth(one, all_, n, value, so_far):
    spent, expected = one.money(365), value["predicted_12m_amount"]
    if expected is None or spent < n("clv_growth_min_amount") or spent <= 0:
        return "unknown"
    if one.ago(one.purchases[0].day) < 365:
        return "unknown"  # twelve months on both sides, or nothing is compared (DECISIONS)
    grows = Fraction(expected) / Fraction(spent) - 1 >= Fraction(n("clv_high_growth_min_rate"))
    return "high_growth" if grows else "steady"


def social(one, all_, n, value, so_far):
    if "referrals" not in one.world.feeds:
        return None
    made = len(all_.referrals(one, n("social_window")))
    for tier, name in (
        ("super_spreader", "spreader"), ("advocate", "advocate"), ("referrer", "referrer"),
    ):  # fmt: skip
        if made >= n(f"social_{name}_min_referrals"):
            return tier
    return "none"


def motivation(one, all_, n, value, so_far):
    said = one.customer.motivation
    return said if said in ("efficacy", "experience") else "unknown"


def pyramid(one, all_, n, value, so_far):
    profit = all_.profit.get(one.customer.key)
    if profit is None:
        return "none"
    if profit < 0:
        return "negative"
    before = all_.share_before[one.customer.key]
    if before is not None and before < Fraction(n("pyramid_top_profit_share")):
        return "top"
    middle = before is not None and before < Fraction(n("pyramid_middle_profit_share"))
    return "middle" if middle else "bottom"


def rule(one, all_, n, value, so_far):
    if one.recency is None:
        return "prospect"
    bought, amount, recency = one.frequency(), one.money(), one.recency
    often = bought > n("rule_high_value_above_purchases")
    much = amount > n("rule_high_value_above_amount")
    recent, grown = n("rule_high_value_within_days"), n("rule_growth_within_days")
    if recency <= recent and often and much:
        return "high_value"
    if (
        recent < recency <= grown
        and n("rule_growth_min_purchases") <= bought <= n("rule_growth_max_purchases")
        and n("rule_growth_min_amount") <= amount < n("rule_growth_below_amount")
    ):
        return "growth"
    return "win_back" if recency > grown and (often or much) else "general"


LEVELS = ("diamond", "platinum", "gold", "silver")


def member(one, all_, n, value, so_far):
    """From the top: a level is held for the grace after the last day on which it was earned,
    or on which the level above was held."""
    movements, held_until = one.movements(standing=True), None
    grace = timedelta(days=int(n("membership_grace_days")))
    for level in LEVELS:
        floor, window = n(f"membership_{level}_min_amount"), int(n("membership_window"))
        earned = last_day_reached(movements, floor, window, one.day)
        ends = [last + grace for last in (earned, held_until) if last is not None]
        held_until = max(ends, default=None)
        if held_until is not None and held_until >= one.day:
            return level
    return "bronze"


def private_domain(one, all_, n, value, so_far):
    """The nearest cluster (its centres are taken as given), by its dominant behaviour."""
    if "interactions" not in one.world.feeds:
        return None
    did = Counter(kind for on, kind in one.customer.interactions if one.within(on, 365))
    if one.frequency(n("private_domain_silence_window")) or not did:
        return "not_silent"
    total = sum(did.values())
    mix = {kind: did[kind] / total for kind in BEHAVIOURS}

    def distance(center: dict[str, float]) -> float:
        return sum((mix[kind] - center[kind]) ** 2 for kind in BEHAVIOURS)

    nearest = min(value["centers"], key=distance)
    kind = max(BEHAVIOURS, key=lambda name: nearest[name])
    enough = nearest[kind] >= n("private_domain_dominant_min_share")
    return BEHAVIOURS[kind] if enough else "mixed"


BEHAVIOURS = {
    "page_view": "browser", "live_watch": "silent_viewer", "live_chat": "live_talker",
    "community_post": "community_only", "coupon_claimed": "coupon_collector",
    "coupon_used": "coupon_user",
}  # fmt: skip


def final(one, all_, n, value, so_far):
    if so_far["four_level"] == "super":
        return "super"
    if so_far["lifecycle"] == "lost":
        return "churned"
    if so_far["lifecycle"] in ("dormant", "dead"):
        return "dormant"
    if so_far["four_level"] == "repeat":
        led_by = "rfm2" if so_far["rfm2"] is not None else "rfm_segment"
        enough = one.money(n("final_core_window")) >= n("final_core_min_amount")
        if (
            (so_far[led_by] == "champions" and enough)
            or so_far["clv_tier"] in ("strategic", "core")
            or so_far["member"] in ("platinum", "diamond")
        ):
            return "core"
    if so_far["four_level"] in ("repeat", "developing", "trial"):
        return so_far["four_level"]
    return "potential"


def medical_need(one, all_, n, value, so_far):
    if "skin_tests" not in one.world.feeds:
        return None
    tests = one.customer.skin_tests

    def indicator(name: str) -> Decimal | None:
        return one.latest(tests, name, "test_date", "skin_test_id")[0]

    collagen, uv = indicator("collagen_density_pct"), indicator("uv_damage_index")
    spots, problems = indicator("pigmentation_pct"), indicator("skin_problem_index")
    if (
        (collagen is not None and collagen < n("need_risk_below_collagen_pct"))
        or (uv is not None and uv >= n("need_risk_min_uv_index"))
        or (spots is not None and spots > n("need_risk_above_pigmentation_pct"))
    ):
        return "high_risk"
    asks = problems is not None and problems >= n("need_lead_min_problem_index")
    if asks and not one.purchases:
        return "high_potential_lead"
    return "normal" if any(row["test_date"] <= one.day for row in tests) else "untested"


def care_risk(one, all_, n, value, so_far):
    """All of it within the window: answers, complications and records by their day, overdue
    follow-ups by the day on which they were due."""
    window = n("care_window")

    def answer(name: str) -> int | None:
        said, on = one.latest(one.customer.surveys, name, "survey_date", "survey_id")
        return said if on is not None and one.within(on, window) else None

    noted = [row for row in one.customer.outcomes if row["outcome_date"] <= one.day]
    recent = [row for row in noted if one.within(row["outcome_date"], window)]
    overdue = [
        row
        for row in noted
        if row["follow_up_due_date"] is not None
        and row["follow_up_due_date"] < one.day
        and one.within(row["follow_up_due_date"], window)
        and not row["is_follow_up_kept"]
    ]
    satisfied, would_tell = answer("postop_satisfaction_score"), answer("nps_score")
    unhappy = satisfied is not None and satisfied <= n("care_intervene_max_satisfaction")
    if unhappy or overdue or any(row["has_complication"] for row in recent):
        return "intervene"
    if would_tell is not None and would_tell <= n("care_watch_max_nps"):
        return "watch"
    nothing = satisfied is None and would_tell is None and not recent
    return "unknown" if nothing else "ok"


EVERYBODY: dict[str, Model] = {
    model.__name__: model
    for model in (
        rfm_recency, rfm_frequency, rfm_monetary, rfm_depth, rfm_segment, rfm_ten, rfm2,
        lifecycle, four_stage, four_level, dual_value, dual_stage, clv_level, price_sensitivity,
        clv_tier, clv_growth, social, motivation, pyramid, rule, member, private_domain, final,
    )
}  # fmt: skip
MEDICAL: dict[str, Model] = {model.__name__: model for model in (medical_need, care_risk)}
