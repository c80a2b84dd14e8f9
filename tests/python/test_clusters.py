"""Clusters of silent customers: named once each, and no draw of lots."""

import numpy as np
import pandas as pd
import pytest

from strata.clusters import mix_centers

KINDS = ("page_view", "live_watch", "live_chat", "community_post", "coupon_claimed",
         "coupon_used")  # fmt: skip
SHARES = [f"{kind}_share" for kind in KINDS]
DAY = pd.Timestamp("2024-06-30")


def thresholds(clusters: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "threshold": ["private_domain_clusters"], "scope_id": ["*/*"],
            "as_of_date": [DAY], "ruleset": ["medical_aesthetics"], "value": [clusters],
        }
    )  # fmt: skip


def mixes(shares: np.ndarray) -> pd.DataFrame:
    """Rows of private_domain_mix."""
    places = np.random.default_rng(2).permutation(len(shares)) + 1
    return pd.DataFrame(shares, columns=SHARES).assign(
        place=places, as_of_date=DAY, ruleset="medical_aesthetics"
    )


@pytest.fixture(scope="module")
def habits() -> np.ndarray:
    """Customers of six habits and of none in particular; everybody looks at pages, too."""
    draw = np.random.default_rng(1)
    habit = draw.integers(0, 7, 5_000)
    weights = np.where(np.arange(6) == habit[:, None], 2.4, 0.24) + [0.9, 0, 0, 0, 0, 0]
    touches = draw.poisson(weights) + (np.arange(6) == 0)
    return touches / touches.sum(axis=1, keepdims=True)


def test_each_habit_has_a_cluster_of_its_own(habits: np.ndarray) -> None:
    centers = mix_centers(mixes(habits), thresholds(6))
    assert sorted(centers["behaviour"]) == sorted(KINDS)
    assert centers["members"].sum() == len(habits)


def test_a_few_customers_more_move_no_cluster(habits: np.ndarray) -> None:
    known = mixes(habits)
    before = mix_centers(known.iloc[:-25], thresholds(6)).set_index("behaviour")[SHARES]
    after = mix_centers(known, thresholds(6)).set_index("behaviour")[SHARES]
    assert set(before.index) == set(after.index)
    assert (before - after.loc[before.index]).abs().to_numpy().max() < 0.01


def test_the_order_of_rows_does_not_matter(habits: np.ndarray) -> None:
    known = mixes(habits)
    pd.testing.assert_frame_equal(
        mix_centers(known, thresholds(6)),
        mix_centers(known.sample(frac=1, random_state=3), thresholds(6)),
    )


@pytest.mark.parametrize("clusters", [1, 2, 6])
def test_no_more_clusters_than_asked_for_or_than_there_are_habits(clusters: int) -> None:
    two_habits = np.repeat([[1.0, 0, 0, 0, 0, 0], [0.2, 0.8, 0, 0, 0, 0]], [30, 10], axis=0)
    centers = mix_centers(mixes(two_habits), thresholds(clusters))
    names = {1: ["page_view"]}.get(clusters, ["live_watch", "page_view"])
    assert sorted(centers["behaviour"]) == names


def test_nobody_silent_makes_no_cluster(habits: np.ndarray) -> None:
    assert mix_centers(mixes(habits).iloc[:0], thresholds(6)).empty
