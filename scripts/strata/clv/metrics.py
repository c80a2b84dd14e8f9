"""How good a prediction was, with its uncertainty over resampled customers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from strata.clv.likelihoods import Array

RESAMPLES = 200
SEED = 7
EDGES = (0.05, 0.95)  # of the resamples: a 90 % interval
DECILES = 10


@dataclass(frozen=True)
class Outcome:
    """Who was worth what: amounts before the origin, predicted after it, and really after it."""

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


Weighted = Callable[[NDArray], float]


def measure(outcome: Outcome, bands: Mapping[str, float]) -> list[Figure]:
    """All figures of a prediction. `bands` are CLV tiers by their lowest amount.

    CLV is the amount before the origin plus the one after it, predicted or real.
    """
    customers = len(outcome.actual)
    figures: dict[tuple[str, str], Weighted] = {
        ("mae", "all"): _mean(np.abs(outcome.predicted - outcome.actual)),
        ("total_ratio", "all"): _ratio(outcome.predicted, outcome.actual),
        ("spearman", "all"): _spearman(outcome),
        ("top_decile_capture", "all"): _capture(outcome),
        ("tier_accuracy", "all"): _mean(
            (_tiers(outcome.before + outcome.predicted, bands)
             == _tiers(outcome.before + outcome.actual, bands)).astype(float)
        ),
    }  # fmt: skip
    for band, floor in bands.items():
        said = outcome.before + outcome.predicted >= floor
        true = outcome.before + outcome.actual >= floor
        new = outcome.before < floor
        figures[("precision", band)] = _ratio(said & true, said)
        figures[("recall", band)] = _ratio(said & true, true)
        figures[("new_precision", band)] = _ratio(said & true & new, said & new)
        figures[("new_recall", band)] = _ratio(said & true & new, true & new)
    order = np.argsort(-outcome.predicted, kind="stable")
    for decile, members in enumerate(np.array_split(order, DECILES), 1):
        inside = np.zeros(customers)
        inside[members] = 1
        for metric, amounts in (
            ("predicted_mean", outcome.predicted), ("actual_mean", outcome.actual),
        ):  # fmt: skip
            figures[(metric, f"{decile:02}")] = _ratio(amounts * inside, inside)
    return _with_intervals(figures, customers)


def coverage(low: Array, high: Array, actual: Array) -> Figure:
    """The share of customers who ended within their interval."""
    inside = ((actual >= low) & (actual <= high)).astype(float)
    (figure,) = _with_intervals({("interval_coverage", "all"): _mean(inside)}, len(actual))
    return figure


def _with_intervals(
    figures: Mapping[tuple[str, str], Weighted], customers: int
) -> list[Figure]:
    random = np.random.default_rng(SEED)
    samples = np.full((RESAMPLES, len(figures)), np.nan)
    for n in range(RESAMPLES if customers > 1 else 0):
        drawn = random.integers(0, customers, customers)
        weights = np.bincount(drawn, minlength=customers).astype(float)
        samples[n] = [figure(weights) for figure in figures.values()]
    all_once = np.ones(customers)
    return [
        Figure(metric, band, figure(all_once), *_edges(samples[:, n]), customers)
        for n, ((metric, band), figure) in enumerate(figures.items())
    ]


def _edges(sample: Array) -> tuple[float, float]:
    known = sample[np.isfinite(sample)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, EDGES)
    return float(low), float(high)


def _mean(values: Array) -> Weighted:
    return lambda w: _divide(w @ values, w.sum())


def _ratio(part: NDArray, whole: NDArray) -> Weighted:
    part, whole = part.astype(float), whole.astype(float)
    return lambda w: _divide(w @ part, w @ whole)


def _spearman(outcome: Outcome) -> Weighted:
    x, y = rankdata(outcome.predicted), rankdata(outcome.actual)

    def figure(w: NDArray) -> float:
        total = w.sum()
        dx, dy = x - _divide(w @ x, total), y - _divide(w @ y, total)
        return _divide(w @ (dx * dy), float(np.sqrt((w @ dx**2) * (w @ dy**2))))

    return figure


def _capture(outcome: Outcome) -> Weighted:
    """The share of all that was spent which the tenth with the highest predictions spent."""
    order = np.argsort(-outcome.predicted, kind="stable")
    actual = outcome.actual[order]

    def figure(w: NDArray) -> float:
        w = w[order]
        room = w.sum() / DECILES
        taken = np.clip(room - (np.cumsum(w) - w), 0, w)
        return _divide(taken @ actual, w @ actual)

    return figure


def _tiers(amounts: Array, bands: Mapping[str, float]) -> NDArray:
    return np.searchsorted(np.sort(list(bands.values())), amounts, side="right")


def _divide(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
