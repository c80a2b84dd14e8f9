"""Log-likelihoods and their gradients, on grouped sufficient statistics.

Both are sums over groups of equal customers, so their cost follows the number of different
purchase histories, not of customers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, gammaln

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PurchaseHistories:
    """Groups of customers with the same purchase history.

    `repeats` purchases after the first, the last of them `recency` weeks after the first; the
    first purchase lies `age` weeks back; `customers` share this history.
    """

    repeats: Array
    recency: Array
    age: Array
    customers: Array

    @property
    def total(self) -> float:
        """All customers."""
        return float(self.customers.sum())


@dataclass(frozen=True)
class SpendHistories:
    """Groups of customers with `purchases` of the same mean `amount`."""

    purchases: Array
    amount: Array
    customers: Array

    @property
    def total(self) -> float:
        """All customers."""
        return float(self.customers.sum())


class PurchaseLikelihood:
    """BG/NBD or MBG/NBD over the parameters (r, alpha, a, b).

    Under MBG/NBD a customer may drop out right after the first purchase already; under BG/NBD
    after a repeat purchase only.
    """

    def __init__(self, histories: PurchaseHistories, first_may_be_last: bool) -> None:
        self._h = histories
        self._shift = 1 if first_may_be_last else 0
        # Gamma functions depend on the count alone, of which there are few.
        self._counts, self._of = np.unique(histories.repeats, return_inverse=True)
        self._may_be_gone = histories.repeats + self._shift > 0

    def __call__(self, parameters: Array) -> tuple[float, Array]:
        """Log-likelihood and its gradient at (r, alpha, a, b)."""
        r, alpha, a, b = parameters
        h, counts, of = self._h, self._counts, self._of
        tries = np.maximum(b + counts + self._shift, 1e-300)
        log_age, log_recency = np.log(alpha + h.age), np.log(alpha + h.recency)
        shape = r + h.repeats

        alive = betaln(a, tries)[of] - shape * log_age
        gone_trials = np.where(counts + self._shift > 0, tries - 1, 1.0)
        gone = betaln(a + 1, gone_trials)[of] - shape * log_recency
        gone = np.where(self._may_be_gone, gone, -np.inf)
        either = np.logaddexp(alive, gone)
        common = (gammaln(r + counts) - gammaln(r))[of] + r * np.log(alpha) - betaln(a, b)
        value = float(h.customers @ (common + either))

        w = np.exp(alive - either)
        v = 1 - w
        psi_total = digamma(a + tries)[of]
        psi_ab = digamma(a + b)
        gradient = np.array(
            [
                h.customers
                @ (
                    (digamma(r + counts) - digamma(r))[of]
                    + np.log(alpha)
                    - w * log_age
                    - v * log_recency
                ),
                h.customers
                @ (r / alpha - shape * (w / (alpha + h.age) + v / (alpha + h.recency))),
                h.customers
                @ (psi_ab - digamma(a) + w * digamma(a) + v * digamma(a + 1) - psi_total),
                h.customers
                @ (
                    psi_ab
                    - digamma(b)
                    + w * digamma(tries)[of]
                    + v * digamma(gone_trials)[of]
                    - psi_total
                ),
            ]
        )
        return value, gradient


class SpendLikelihood:
    """Gamma-Gamma over the parameters (p, q, v); amounts are above zero."""

    def __init__(self, histories: SpendHistories) -> None:
        self._h = histories
        self._counts, self._of = np.unique(histories.purchases, return_inverse=True)
        self._log_amount = np.log(histories.amount)
        self._spent = histories.purchases * histories.amount

    def __call__(self, parameters: Array) -> tuple[float, Array]:
        """Log-likelihood and its gradient at (p, q, v)."""
        p, q, v = parameters
        h, n, of = self._h, self._counts, self._of
        log_sum = np.log(v + self._spent)
        shape = p * h.purchases + q
        per_count = gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + p * n * np.log(n)
        value = float(
            h.customers
            @ (
                per_count[of]
                + q * np.log(v)
                + (p * h.purchases - 1) * self._log_amount
                - shape * log_sum
            )
        )
        psi = digamma(p * n + q)
        slope = (n * (psi - digamma(p * n) + np.log(n)))[of]
        gradient = np.array(
            [
                h.customers @ (slope + h.purchases * (self._log_amount - log_sum)),
                h.customers @ ((psi - digamma(q))[of] + np.log(v) - log_sum),
                h.customers @ (q / v - shape / (v + self._spent)),
            ]
        )
        return value, gradient
