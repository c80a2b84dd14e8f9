"""What fitted models expect of a customer: alive or not, purchases to come, spend."""

from collections.abc import Mapping

import numpy as np
from scipy.special import betainc, expit, hyp2f1

from strata.clv.likelihoods import Array, PurchaseHistories

Parameters = Mapping[str, float]
NEAR_ONE = 1e-6  # the closed form divides by a - 1; the limit is smooth
MOST_PURCHASES = 2000  # counts beyond this are not told apart
NOTHING = 1e-12


def alive_probability(
    parameters: Parameters, histories: PurchaseHistories, model: str = "mbg_nbd"
) -> Array:
    """The probability that the customer has not dropped out. Under BG/NBD one-time buyers
    are alive with certainty."""
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    x = histories.repeats
    shift = 1 if model == "mbg_nbd" else 0
    may_be_gone = x + shift > 0
    trials = np.where(may_be_gone, b + x + shift - 1, 1.0)
    odds = (r + x) * np.log((alpha + histories.age) / (alpha + histories.recency))
    return np.where(may_be_gone, expit(-np.log(a / trials) - odds), 1.0)


def purchases_if_alive(
    parameters: Parameters, x: Array, age: Array, weeks: float, model: str = "mbg_nbd"
) -> Array:
    """Expected purchases in the next `weeks` of a customer who is alive now.

    The Gaussian hypergeometric function is taken after Euler's transform, which keeps its
    terms small where the horizon is long. Where parameters are so large that it overflows,
    the chances of one purchase, two, three … are added up.
    """
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    if abs(a - 1) < NEAR_ONE:
        a = 1 + NEAR_ONE
    shift = 1 if model == "mbg_nbd" else 0
    trials = a + b + x + shift - 1
    z = weeks / (alpha + age + weeks)
    # 2F1(r+x, b+x+s; c; z) = (1-z)^(a-1-r-x) · 2F1(a+b-r+s-1, a-1; c; z), and (1-z)^(r+x) is
    # the factor that follows it in the formula.
    with np.errstate(over="ignore", invalid="ignore"):
        left = (1 - z) ** (a - 1) * hyp2f1(trials - r - x, a - 1, trials, z)
        expected = trials / (a - 1) * (1 - left)
    most = (r + x) / (alpha + age) * weeks
    wrong = ~(np.isfinite(expected) & (expected >= 0) & (expected <= most * (1 + 1e-6)))
    if wrong.any():
        expected[wrong] = _added_up(r + x[wrong], a, b + x[wrong] + shift, z[wrong])
    return expected


def _added_up(shape: Array, a: float, b: Array, z: Array) -> Array:
    """Σ P(at least n purchases | alive), until nothing is added."""
    total, stays = np.zeros_like(z), np.ones_like(z)
    for n in range(1, MOST_PURCHASES):
        chance = stays * betainc(n, shape, z)
        total += chance
        if chance.max(initial=0) < NOTHING:
            break
        stays = stays * (b + n - 1) / (a + b + n - 1)
    return total


def expected_purchases(
    parameters: Parameters, histories: PurchaseHistories, weeks: float, model: str = "mbg_nbd"
) -> Array:
    """Expected purchases in the next `weeks`, alive or not."""
    if_alive = purchases_if_alive(parameters, histories.repeats, histories.age, weeks, model)
    return if_alive * alive_probability(parameters, histories, model)


def purchase_quantiles(
    parameters: Parameters,
    histories: PurchaseHistories,
    weeks: float,
    shares: tuple[float, float],
) -> tuple[Array, Array]:
    """The counts of future purchases under MBG/NBD between which the customer will end.

    `shares` are probabilities such as (0.1, 0.9). The chance of at least n purchases of a
    customer alive is B(a, b+x+n) / B(a, b+x+1) · P(NegBin(r+x, …) ≥ n).
    """
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    x, age = histories.repeats, histories.age
    alive = alive_probability(parameters, histories)
    shape, z = r + x, weeks / (alpha + age + weeks)
    low, high = np.zeros_like(x), np.zeros_like(x)
    open_ones = np.arange(len(x))
    stays = np.ones_like(x)
    for n in range(1, MOST_PURCHASES):
        here = open_ones
        chance = alive[here] * stays[here] * betainc(n, shape[here], z[here])
        low[here] += chance > 1 - shares[0]
        above = chance > 1 - shares[1]
        high[here] += above
        open_ones = here[above]
        if not len(open_ones):
            break
        stays[open_ones] *= (b + x[open_ones] + n) / (a + b + x[open_ones] + n)
    return low, high


def expected_spend(parameters: Parameters, purchases: Array, amount: Array) -> Array:
    """Expected spend per purchase after `purchases` of the mean `amount` (Gamma-Gamma)."""
    p, q, v = (parameters[name] for name in ("p", "q", "v"))
    return p * (v + purchases * amount) / (p * purchases + q - 1)
