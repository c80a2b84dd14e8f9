"""What fitted models expect of a customer: alive or not, purchases to come, spend."""

from collections.abc import Mapping

import numpy as np
from scipy.special import hyp2f1

from strata.clv.likelihoods import Array, PurchaseHistories

Parameters = Mapping[str, float]
NEAR_ONE = 1e-6  # the closed form divides by a - 1; the limit is smooth
MOST_PURCHASES = 2000  # counts beyond this are not told apart


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
    gone = np.where(may_be_gone, np.exp(np.log(a / trials) + odds), 0.0)
    return 1 / (1 + gone)


def purchases_if_alive(
    parameters: Parameters, x: Array, age: Array, weeks: float, model: str = "mbg_nbd"
) -> Array:
    """Expected purchases in the next `weeks` of a customer who is alive now.

    The Gaussian hypergeometric function is taken after Euler's transform, which keeps its
    terms small where the horizon is long.
    """
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    if abs(a - 1) < NEAR_ONE:
        a = 1 + NEAR_ONE
    shift = 1 if model == "mbg_nbd" else 0
    trials = a + b + x + shift - 1
    z = weeks / (alpha + age + weeks)
    # 2F1(r+x, b+x+s; c; z) = (1-z)^(a-1-r-x) · 2F1(a+b-r+s-1, a-1; c; z), and (1-z)^(r+x) is
    # the factor that follows it in the formula.
    left = (1 - z) ** (a - 1) * hyp2f1(trials - r - x, a - 1, trials, z)
    return trials / (a - 1) * (1 - left)


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
    log_stop = np.log((alpha + age) / (alpha + age + weeks))
    z = weeks / (alpha + age + weeks)
    pmf = np.exp((r + x) * log_stop)
    at_least = 1 - pmf
    stays = np.ones_like(x)
    low, high = np.zeros_like(x), np.zeros_like(x)
    for n in range(1, MOST_PURCHASES):
        chance = alive * stays * at_least
        low += chance > 1 - shares[0]
        above = chance > 1 - shares[1]
        high += above
        if not above.any():
            break
        stays = stays * (b + x + n) / (a + b + x + n)
        pmf = pmf * z * (r + x + n - 1) / n
        at_least = np.maximum(at_least - pmf, 0.0)
    return low, high


def expected_spend(parameters: Parameters, purchases: Array, amount: Array) -> Array:
    """Expected spend per purchase after `purchases` of the mean `amount` (Gamma-Gamma)."""
    p, q, v = (parameters[name] for name in ("p", "q", "v"))
    return p * (v + purchases * amount) / (p * purchases + q - 1)
