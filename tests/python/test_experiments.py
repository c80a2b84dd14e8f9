"""Experiments: figures from the literature, and how often an interval holds the truth."""

import math

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from strata.experiments import compare_experiments
from strata.experiments.statistics import (
    holm,
    newcombe,
    rates_p,
    sample_ratio_p,
    smallest_effect,
    welch,
)
from strata.settings import PROJECT_DIR

COOKIE_CATS = PROJECT_DIR.parent / "shared" / "data" / "cookie_cats_ab.parquet"
POLICY = {
    "confidence_level": 0.95, "power": 0.8, "max_ratio_p": 0.01, "min_tier_gap": 0.15,
}  # fmt: skip


def arm(experiment, tier, name, customers, conversions, assigned=None, amount=0, squares=0):
    return POLICY | {
        "experiment_id": experiment, "tier": tier, "arm": name,
        "assigned": assigned or customers, "customers": customers,
        "conversions": conversions, "net_amount": amount, "net_squares": squares,
    }  # fmt: skip


def test_newcombe_as_in_his_paper():
    """Newcombe (1998), table II, method 10: 56/70 − 48/80 and 9/10 − 3/10."""
    assert newcombe(56, 70, 48, 80, 0.95) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert newcombe(9, 10, 3, 10, 0.95) == pytest.approx((0.6, 0.1705, 0.8090), abs=5e-5)
    assert newcombe(0, 10, 0, 20, 0.95) == pytest.approx((0, -0.1611, 0.2775), abs=5e-5)


def test_welch_by_hand():
    """Means 10 and 7, variances 9 and 4, 9 and 16 customers: error √1.25, 12.3 degrees."""
    interval, p = welch(10, 9, 9, 7, 4, 16, 0.95)
    freedom = 1.25**2 / (1 / 8 + 0.25**2 / 15)
    assert freedom == pytest.approx(12.097, abs=1e-3)
    # t(12.097; 97.5 %) = 2.1768, from tables 2.1788 (12) and 2.1604 (13).
    assert interval == pytest.approx(
        (3, 3 - 2.1768 * 1.25**0.5, 3 + 2.1768 * 1.25**0.5), abs=1e-3
    )
    assert 0.01 < p < 0.02
    assert welch(5, 0, 10, 5, 0, 10, 0.95) is None
    assert welch(5, 1, 1, 4, 1, 10, 0.95) is None


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.5]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_a_sample_shows_its_smallest_effect_as_often_as_asked():
    size, effect = 800, smallest_effect(0.2, 800, 800, 0.95, 0.8)
    draw = np.random.default_rng(5)
    found = [
        rates_p(draw.binomial(size, 0.2 + effect), size, draw.binomial(size, 0.2), size)[1]
        for _ in range(1000)
    ]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.8, abs=0.05)


@pytest.mark.skipif(not COOKIE_CATS.exists(), reason="cookie_cats_ab.parquet is not there")
def test_cookie_cats_to_the_digits():
    counts = {
        version: (players, retained)
        for version, players, retained in duckdb.sql(
            "select version, count(*), count(*) filter (where cast(retention_7 as boolean))"
            f" from '{COOKIE_CATS}' group by version"
        ).fetchall()
    }
    arms = pd.DataFrame(
        [arm("gate", "*", name, size, kept) for name, (size, kept) in counts.items()]
    )
    arms["arm"] = arms["arm"].replace({"gate_40": "control"})
    (row,) = compare_experiments(arms).to_dict("records")
    assert round(row["rate"], 5) == 0.19020
    assert round(row["control_rate"], 5) == 0.18200
    assert round(row["rate_difference"], 5) == 0.00820
    assert (round(row["rate_low"], 5), round(row["rate_high"], 5)) == (0.00312, 0.01328)
    assert round(row["rate_p"], 5) == 0.00155
    z, _ = rates_p(
        row["conversions"],
        row["customers"],
        row["control_conversions"],
        row["control_customers"],
    )
    assert round(z, 3) == 3.164
    assert round(row["sample_ratio_p"], 4) == 0.0086
    assert row["is_ratio_off"]
    assert row["verdict"] == "ratio_off"


def test_hidden_effects_lie_inside_as_often_as_the_level_says():
    """200 draws of the demo's two hidden effects and of its tiers without one."""
    truths = {"*": (0.28, 0.01), "dormant": (0.15, 0.01), "trial": (0.015, 0.015)}
    held = dict.fromkeys(truths, 0)
    for seed in range(200):
        draw = np.random.default_rng(seed)
        for tier, (treated, control) in truths.items():
            _, low, high = newcombe(
                draw.binomial(180, treated), 180, draw.binomial(175, control), 175, 0.95
            )
            held[tier] += low <= treated - control <= high
    # 95 % of 200 are 190; three standard errors are 9.2.
    assert all(181 <= count <= 200 for count in held.values()), held


def test_tiers_are_compared_one_by_one_and_the_gap_between_them_is_told():
    arms = pd.DataFrame([
        arm("e", "*", "control", 400, 40), arm("e", "*", "offer", 400, 120),
        arm("e", "repeat", "control", 200, 20), arm("e", "repeat", "offer", 200, 100),
        arm("e", "trial", "control", 200, 20), arm("e", "trial", "offer", 200, 20),
    ])  # fmt: skip
    rows = {row["tier"]: row for row in compare_experiments(arms).to_dict("records")}
    assert rows["repeat"]["verdict"] == "better"
    assert rows["trial"]["verdict"] == "no_clear_difference"
    assert rows["repeat"]["tier_gap"] == pytest.approx(0.4)
    assert rows["repeat"]["is_tier_gap"]
    assert rows["trial"]["is_tier_gap"]
    assert math.isnan(rows["*"]["tier_gap"])
    assert rows["repeat"]["rate_holm_p"] == pytest.approx(2 * rows["repeat"]["rate_p"])
    assert not rows["*"]["is_ratio_off"]


def test_what_customers_paid_is_compared_with_welch_s_interval():
    """Of sums and squares, as scipy says it of the amounts themselves."""
    offered, control = [0, 0, 90, 120, 250, 40], [0, 10, 20, 30, 0, 60, 0, 15]
    rows = [
        arm("e", "*", name, len(paid), 1, amount=sum(paid), squares=sum(x * x for x in paid))
        for name, paid in (("control", control), ("offer", offered))
    ]
    (found,) = compare_experiments(pd.DataFrame(rows)).to_dict("records")
    told = ttest_ind(offered, control, equal_var=False)
    low, high = told.confidence_interval(0.95)
    assert found["amount_difference"] == pytest.approx(np.mean(offered) - np.mean(control))
    assert (found["amount_low"], found["amount_high"]) == pytest.approx((low, high))
    assert found["amount_p"] == pytest.approx(told.pvalue)


@pytest.mark.parametrize(("converted", "is_gap"), [(130, False), (140, True)])
def test_a_gap_of_fifteen_points_is_no_gap_yet(converted, is_gap):
    """100 of 400 in the other tier: 130/400 is 7.5 points above, 140/400 (35 %) 10 points."""
    arms = pd.DataFrame([
        arm("e", "*", "control", 800, 80), arm("e", "*", "offer", 800, converted + 100),
        arm("e", "a", "control", 400, 40), arm("e", "a", "offer", 400, converted),
    ])  # fmt: skip
    arms["min_tier_gap"] = 0.0999
    rows = {row["tier"]: row for row in compare_experiments(arms).to_dict("records")}
    assert rows["a"]["is_tier_gap"] == is_gap


def test_arms_without_a_control_and_empty_experiments():
    arms = pd.DataFrame([arm("e", "*", "b", 10, 1), arm("e", "*", "a", 10, 2)])
    (row,) = compare_experiments(arms).to_dict("records")
    assert (row["arm"], row["control_arm"]) == ("b", "a")
    assert compare_experiments(arms.head(0)).empty
    assert sample_ratio_p([0, 0]) == 1.0
    nobody = pd.DataFrame([arm("e", "*", "b", 0, 0, 5), arm("e", "*", "control", 0, 0, 5)])
    assert compare_experiments(nobody).empty
