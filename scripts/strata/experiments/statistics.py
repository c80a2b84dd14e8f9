"""Two samples side by side: intervals, tests, and what a sample could have shown."""

import math
from collections.abc import Sequence

from scipy import stats

Interval = tuple[float, float, float]  # difference, lower end, upper end


def wilson(successes: int, size: int, level: float) -> tuple[float, float]:
    """Wilson's score interval of a rate."""
    z = stats.norm.ppf((1 + level) / 2)
    rate = successes / size
    middle = (rate + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * math.sqrt(
        rate * (1 - rate) / size + z * z / (4 * size * size)
    )  # fmt: skip
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe(successes: int, size: int, others: int, other_size: int, level: float) -> Interval:
    """Difference of two rates with Newcombe's hybrid score interval (his method 10)."""
    rate, other = successes / size, others / other_size
    low, high = wilson(successes, size, level)
    other_low, other_high = wilson(others, other_size, level)
    difference = rate - other
    return (
        difference,
        difference - math.hypot(rate - low, other_high - other),
        difference + math.hypot(high - rate, other - other_low),
    )


def rates_p(successes: int, size: int, others: int, other_size: int) -> tuple[float, float]:
    """z and two-sided p of two rates that are the same (pooled); nan, 1 if nothing differs."""
    pooled = (successes + others) / (size + other_size)
    error = math.sqrt(pooled * (1 - pooled) * (1 / size + 1 / other_size))
    if error == 0:
        return math.nan, 1.0
    z = (successes / size - others / other_size) / error
    return z, float(2 * stats.norm.sf(abs(z)))


def welch(
    mean: float, variance: float, size: int,
    other: float, other_variance: float, other_size: int, level: float,
) -> tuple[Interval, float] | None:  # fmt: skip
    """Difference of two means with Welch's interval and its p; None where nothing varies."""
    if size < 2 or other_size < 2:
        return None
    share, other_share = variance / size, other_variance / other_size
    error = math.sqrt(share + other_share)
    if error == 0:
        return None
    freedom = (share + other_share) ** 2 / (
        share**2 / (size - 1) + other_share**2 / (other_size - 1)
    )
    difference = mean - other
    half = stats.t.ppf((1 + level) / 2, freedom) * error
    p = float(2 * stats.t.sf(abs(difference) / error, freedom))
    return (difference, difference - half, difference + half), p


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted


def sample_ratio_p(sizes: Sequence[int]) -> float:
    """Chi-square p of arms that were dealt out evenly."""
    return float(stats.chisquare(sizes).pvalue) if len(sizes) > 1 and sum(sizes) else 1.0


def smallest_effect(
    rate: float, size: int, other_size: int, level: float, power: float
) -> float:
    """The difference of rates that such samples show with that power."""
    z = stats.norm.ppf((1 + level) / 2) + stats.norm.ppf(power)
    return float(z * math.sqrt(rate * (1 - rate) * (1 / size + 1 / other_size)))
