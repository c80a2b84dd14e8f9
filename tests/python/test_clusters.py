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
            "threshold": ["private_domain_clusters", "private_domain_dominant_min_share"],
            "scope_id": "*/*", "as_of_date": DAY, "ruleset": "medical_aesthetics",
            "value": [clusters, 0.4],
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
    weights = np.where(np.arange(6) == habit[:, None], 4.8, 0.24) + [0.9, 0, 0, 0, 0, 0]
    touches = draw.poisson(weights) + (np.arange(6) == 0)
    return touches / touches.sum(axis=1, keepdims=True)


def test_each_habit_has_a_cluster_of_its_own(habits: np.ndarray) -> None:
    """One may have none: what is left over is mixed."""
    centers = mix_centers(mixes(habits), thresholds(6))
    assert set(centers["behaviour"]) - {"mixed"} == set(KINDS)
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


@pytest.mark.parametrize(("most", "name"), [(0.4, "coupon_used"), (0.399, "mixed")])
def test_a_cluster_without_a_dominant_kind_is_mixed(most: float, name: str) -> None:
    """The largest share names it, and only if it is two fifths at least."""
    shares = [[(1 - most) / 2, (1 - most) / 2, 0, 0, 0, most]]
    centers = mix_centers(mixes(np.repeat(shares, 20, axis=0)), thresholds(6))
    assert list(centers["behaviour"]) == [name]


def test_nobody_silent_makes_no_cluster(habits: np.ndarray) -> None:
    assert mix_centers(mixes(habits).iloc[:0], thresholds(6)).empty
