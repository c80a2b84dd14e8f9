"""How good a prediction was, with its uncertainty over resampled customers.

Every figure is a function of sums over customers, so resampling costs as much for a million of
them as for a thousand: they are dealt at random into blocks, and blocks are drawn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from strata.clv.likelihoods import Array

RESAMPLES = 200
BLOCKS = 1000  # with fewer customers each is a block of their own
SEED = 7
EDGES = (0.05, 0.95)  # of the resamples: a 90 % interval
DECILES = 10


@dataclass(frozen=True)
class Outcome:
    """Who was worth what: before the origin, after it as predicted, and after it in truth."""

    before: Array
    predicted: Array
    actual: Array


@dataclass(frozen=True)
class Figure:
    """One figure; nan where there is nothing to divide by."""

    metric: str
    band: str
    value: float
    low: float
    high: float
    customers: int


@dataclass(frozen=True)
class _Sums:
    """A figure as a function of sums: `terms` are summed over customers, one array each."""

    metric: str
    band: str
    terms: tuple[Array, ...]
    of: Callable[..., Array]


def measure(outcome: Outcome, bands: Mapping[str, float]) -> list[Figure]:
    """All figures of a prediction. `bands` are CLV tiers by their lowest amount.

    CLV is the amount before the origin plus the one after it, predicted or real.
    """
    before, predicted, actual = outcome.before, outcome.predicted, outcome.actual
    each = np.ones(len(actual))
    said_tier = _tiers(before + predicted, bands)
    true_tier = _tiers(before + actual, bands)
    order = np.argsort(-predicted, kind="stable")
    decile = np.empty(len(actual), dtype=int)
    for n, members in enumerate(np.array_split(order, DECILES), 1):
        decile[members] = n
    figures = [
        _ratio("mae", "all", np.abs(predicted - actual), each),
        _ratio("total_ratio", "all", predicted, actual),
        _spearman(predicted, actual),
        # The share of all that was spent which the tenth predicted highest spent.
        _ratio("top_decile_capture", "all", actual * (decile == 1), actual),
        _ratio("tier_accuracy", "all", said_tier == true_tier, each),
    ]
    for band, floor in bands.items():
        said, true = before + predicted >= floor, before + actual >= floor
        new = before < floor
        figures += [
            _ratio("precision", band, said & true, said),
            _ratio("recall", band, said & true, true),
            _ratio("new_precision", band, said & true & new, said & new),
            _ratio("new_recall", band, said & true & new, true & new),
        ]
    for n in range(1, DECILES + 1):
        inside = decile == n
        figures += [
            _ratio("predicted_mean", f"{n:02}", predicted * inside, inside),
            _ratio("actual_mean", f"{n:02}", actual * inside, inside),
        ]
    return _with_intervals(figures, len(actual))


def coverage(low: Array, high: Array, actual: Array) -> Figure:
    """The share of customers who ended within their interval."""
    inside = (actual >= low) & (actual <= high)
    figure = _ratio("interval_coverage", "all", inside, np.ones(len(actual)))
    return _with_intervals([figure], len(actual))[0]


def _with_intervals(figures: list[_Sums], customers: int) -> list[Figure]:
    random = np.random.default_rng(SEED)
    blocks = min(BLOCKS, customers)
    block_of = random.permutation(customers) % max(blocks, 1)
    drawn = random.multinomial(blocks, [1 / blocks] * blocks, RESAMPLES) if blocks > 1 else None
    found = []
    for figure in figures:
        value = float(figure.of(*(np.array([term.sum()]) for term in figure.terms))[0])
        low = high = float("nan")
        if drawn is not None:
            sums = (
                np.einsum(
                    "ij,j->i",
                    drawn.astype(float),
                    np.bincount(block_of, weights=term, minlength=blocks),
                )
                for term in figure.terms
            )
            low, high = _edges(figure.of(*sums))
        found.append(Figure(figure.metric, figure.band, value, low, high, customers))
    return found


def _edges(sample: Array) -> tuple[float, float]:
    known = sample[np.isfinite(sample)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, EDGES)
    return float(low), float(high)


def _ratio(metric: str, band: str, part: NDArray, whole: NDArray) -> _Sums:
    return _Sums(metric, band, (part.astype(float), whole.astype(float)), _divide)


def _spearman(predicted: Array, actual: Array) -> _Sums:
    """Correlation of ranks, which are those among all customers in every resample."""
    x, y = (rankdata(values) for values in (predicted, actual))
    if len(x):
        x, y = (ranks - ranks.mean() for ranks in (x, y))

    def of(n: Array, sx: Array, sy: Array, sxx: Array, syy: Array, sxy: Array) -> Array:
        spread = np.sqrt(np.maximum(sxx - sx**2 / n, 0) * np.maximum(syy - sy**2 / n, 0))
        return _divide(sxy - sx * sy / n, spread)

    return _Sums("spearman", "all", (np.ones(len(x)), x, y, x * x, y * y, x * y), of)


def _tiers(amounts: Array, bands: Mapping[str, float]) -> NDArray:
    return np.searchsorted(np.sort(list(bands.values())), amounts, side="right")


def _divide(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole != 0)
