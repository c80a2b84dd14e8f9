"""The statistics of a proposal of weights: importance, rounding, and the test out of time.

All of it works on the combinations of scores that occur (`Buyers.cells`), with how many
buyers are in each: to a squared error that is the same as every buyer alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from strata.weights.data import DIMENSIONS, Buyers

Numbers = NDArray[np.float64]

SEED = 7
RESAMPLES = 100
INTERVAL = (2.5, 97.5)  # percentiles of the resamples
TOP_SHARE = 0.1  # of the buyers, by score
GROUPS = 5
ROUNDS = 100
# Shallow trees that never fall where a score rises: a weight cannot be negative.
PARAMETERS = {
    "objective": "reg:squarederror", "tree_method": "exact", "max_depth": 3, "eta": 0.1,
    "min_child_weight": 20, "monotone_constraints": "(1,1,1,1)", "nthread": 1, "seed": SEED,
}  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """A figure with the interval of its resamples."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, resampled: Numbers) -> "Estimate":
        """The figure, and the percentiles of what came of the resamples."""
        low, high = np.percentile(resampled, INTERVAL)
        return cls(float(value), float(low), float(high))


@dataclass(frozen=True)
class Importance:
    """How much of the explained revenue each score accounts for; shares sum to 1.

    `frequency_and_money` is interaction and breadth together: between them, as between F
    and M, the shares may flip. `linear` are the weights of a straight line, as a
    cross-check.
    """

    shares: dict[str, Estimate]
    frequency_and_money: Estimate
    linear: dict[str, float]


@dataclass(frozen=True)
class Gain:
    """A figure under the present and under the proposed weights, and the difference."""

    current: float
    proposed: float
    difference: Estimate

    @property
    def verdict(self) -> str:
        """`better` or `worse` where the interval of the difference excludes 0."""
        if self.difference.low > 0:
            return "better"
        return "worse" if self.difference.high < 0 else "no_clear_difference"


def importance(buyers: Buyers) -> Importance | None:
    """What the scores tell of the revenue to come; None if they tell nothing."""
    labels = np.log1p(np.maximum(buyers.amounts, 0))
    whole = _shares(buyers, labels, np.ones(len(buyers)))
    if whole is None:
        return None
    resampled = [_shares(buyers, labels, times) for times in resamples(len(buyers))]
    drawn = np.array([shares for shares in resampled if shares is not None])
    both = [DIMENSIONS.index("interaction"), DIMENSIONS.index("breadth")]
    return Importance(
        {
            dimension: Estimate.of(whole[place], drawn[:, place])
            for place, dimension in enumerate(DIMENSIONS)
        },
        Estimate.of(whole[both].sum(), drawn[:, both].sum(axis=1)),
        dict(zip(DIMENSIONS, _linear(buyers, labels), strict=True)),
    )


def resamples(buyers: int) -> Iterator[Numbers]:
    """How often each buyer is drawn, when as many are drawn as there are, many times."""
    random = np.random.default_rng(SEED)
    for _ in range(RESAMPLES):
        drawn = random.integers(0, buyers, buyers)
        yield np.bincount(drawn, minlength=buyers).astype(float)


def _cell_means(
    buyers: Buyers, labels: Numbers, times: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Scores, number of buyers and mean label of each combination that was drawn."""
    counts = np.bincount(buyers.cell, times, len(buyers.cells))
    sums = np.bincount(buyers.cell, times * labels, len(buyers.cells))
    there = counts > 0
    return buyers.cells[there].astype(float), counts[there], sums[there] / counts[there]


def _shares(buyers: Buyers, labels: Numbers, times: Numbers) -> Numbers | None:
    """Mean absolute SHAP value of each score, as shares; None if all are 0."""
    import xgboost

    cells, counts, means = _cell_means(buyers, labels, times)
    data = xgboost.DMatrix(cells, label=means, weight=counts, nthread=1)
    base = float(np.average(means, weights=counts))
    parameters: dict[str, Any] = PARAMETERS | {"base_score": base}
    trees = xgboost.train(parameters, data, ROUNDS)
    contributions = np.abs(trees.predict(data, pred_contribs=True)[:, :-1].astype(float))
    means = np.average(contributions, axis=0, weights=counts)
    return means / means.sum() if means.sum() > 0 else None


def _linear(buyers: Buyers, labels: Numbers) -> list[float]:
    """Shares of the coefficients of a straight line that may only rise."""
    cells, counts, means = _cell_means(buyers, labels, np.ones(len(buyers)))
    root = np.sqrt(counts)
    line = np.column_stack([cells - 1, np.ones(len(cells))])
    slopes = nnls(line * root[:, None], means * root)[0][:-1]
    total = slopes.sum()
    return [float(slope / total) if total > 0 else 0.0 for slope in slopes]


def whole_percents(shares: Mapping[str, float]) -> dict[str, int]:
    """Shares as whole percents that sum to 100: those with the largest remainder go up."""
    total = sum(shares.values())
    exact = {name: 100 * share / total for name, share in shares.items()}
    percents = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: percents[name] - exact[name])
    for name in by_remainder[: 100 - sum(percents.values())]:
        percents[name] += 1
    return percents


def weighted_scores(buyers: Buyers, weights: Mapping[str, Decimal]) -> NDArray[np.int64]:
    """The weighted score of each combination, as a whole number: equal is equal."""
    units = np.array([int(weights[dimension] * 10_000) for dimension in DIMENSIONS])
    return (buyers.cells - 1) @ units


def gains(
    buyers: Buyers, current: Mapping[str, Decimal], proposed: Mapping[str, Decimal]
) -> dict[str, Gain]:
    """How well either score orders the buyers by the revenue that came of them."""
    amounts, by_amount = np.unique(buyers.amounts, return_inverse=True)
    scores = [
        np.unique(weighted_scores(buyers, weights), return_inverse=True)[1]
        for weights in (current, proposed)
    ]

    def measured(times: Numbers) -> Numbers:
        return np.array(
            [
                [
                    _rank_correlation(score[buyers.cell], by_amount, times),
                    _top_capture(score[buyers.cell], amounts[by_amount], times),
                ]
                for score in scores
            ]
        )

    now, then = measured(np.ones(len(buyers)))
    drawn = np.array([measured(times) for times in resamples(len(buyers))])
    differences = drawn[:, 1] - drawn[:, 0]
    return {
        name: Gain(
            float(now[place]),
            float(then[place]),
            Estimate.of(then[place] - now[place], differences[:, place]),
        )
        for place, name in enumerate(("rank_correlation", "top_tenth_capture"))
    }


def _rank_correlation(
    one: NDArray[np.int64], other: NDArray[np.int64], times: Numbers
) -> float:
    """Spearman's: the correlation of mean ranks, each buyer counted so many times."""
    centre = (times.sum() + 1) / 2
    first, second = (_mean_ranks(codes, times) - centre for codes in (one, other))
    spread = (times * first**2).sum() * (times * second**2).sum()
    return float((times * first * second).sum() / np.sqrt(spread)) if spread > 0 else 0.0


def _mean_ranks(codes: NDArray[np.int64], times: Numbers) -> Numbers:
    """The rank of each code 0, 1, … among all; the mean of its ranks where it is tied."""
    counts = np.bincount(codes, times)
    return (np.cumsum(counts) - (counts - 1) / 2)[codes]


def _top_capture(score: NDArray[np.int64], amounts: Numbers, times: Numbers) -> float:
    """Share of the revenue that the top tenth by score made; ties at the cut in part."""
    counts = np.bincount(score, times)[::-1]
    revenue = np.bincount(score, times * np.maximum(amounts, 0))[::-1]
    room = TOP_SHARE * counts.sum() - (np.cumsum(counts) - counts)
    taken = np.clip(np.divide(room, counts, out=np.zeros_like(room), where=counts > 0), 0, 1)
    total = revenue.sum()
    return float((taken * revenue).sum() / total) if total > 0 else 0.0


def fifths(buyers: Buyers, weights: Mapping[str, Decimal]) -> NDArray[np.int64]:
    """The fifth of each buyer by weighted score; equal scores are in equal fifths."""
    scores = weighted_scores(buyers, weights)[buyers.cell]
    values, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    passed = GROUPS * (np.cumsum(counts) - counts)  # those below, in fifths of a buyer
    cuts = len(buyers) * np.arange(1, GROUPS)
    return 1 + (passed[:, None] >= cuts).sum(axis=1)[place]


def moved_share(
    buyers: Buyers, current: Mapping[str, Decimal], proposed: Mapping[str, Decimal]
) -> float:
    """The share of the buyers who would come into another fifth."""
    return float(np.mean(fifths(buyers, current) != fifths(buyers, proposed)))
