"""Maximum likelihood fits, and whether a fit may be used."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from strata.clv.likelihoods import (
    Array,
    PurchaseHistories,
    PurchaseLikelihood,
    SpendHistories,
    SpendLikelihood,
)

PURCHASE_PARAMETERS = ("r", "alpha", "a", "b")
SPEND_PARAMETERS = ("p", "q", "v")
LOWEST, HIGHEST = 1e-5, 1e5  # a parameter out there says that the data do not fix it
STARTS = (1.0, 0.2, 5.0)  # the search starts here, and elsewhere only if it gets stuck


@dataclass(frozen=True)
class Fit:
    """A fitted model. `converged` is false if no usable optimum was found; `note` says why."""

    model: str
    parameters: dict[str, float]
    log_likelihood: float
    customers: int
    converged: bool
    note: str


def fit_purchases(histories: PurchaseHistories, model: str = "mbg_nbd") -> Fit:
    """BG/NBD (`bg_nbd`) or MBG/NBD (`mbg_nbd`); time in weeks."""
    if histories.total == 0:
        return _no_fit(model, PURCHASE_PARAMETERS, histories.total, "no_customers")
    if not (histories.repeats > 0).any():
        return _no_fit(model, PURCHASE_PARAMETERS, histories.total, "no_repeat_purchases")
    scale = float(np.average(histories.age, weights=histories.customers)) or 1.0
    scaled = PurchaseHistories(
        histories.repeats, histories.recency / scale, histories.age / scale, histories.customers
    )
    likelihood = PurchaseLikelihood(scaled, first_may_be_last=model == "mbg_nbd")
    best, ok = _climb(likelihood, len(PURCHASE_PARAMETERS), histories.total)
    if not ok:
        return _no_fit(model, PURCHASE_PARAMETERS, histories.total, "not_converged")
    best[1] *= scale
    # Back in weeks: each purchase has a density, so the likelihood changes with the unit.
    value, _ = PurchaseLikelihood(histories, model == "mbg_nbd")(best)
    named = dict(zip(PURCHASE_PARAMETERS, map(float, best), strict=True))
    return Fit(model, named, value, int(histories.total), True, _edge(named))


def fit_spend(histories: SpendHistories) -> Fit:
    """Gamma-Gamma. Without q > 1 the mean spend of a new customer is infinite: not usable."""
    if histories.total == 0:
        return _no_fit("gamma_gamma", SPEND_PARAMETERS, histories.total, "no_customers")
    if len(np.unique(histories.amount)) == 1:
        return _no_fit("gamma_gamma", SPEND_PARAMETERS, histories.total, "equal_amounts")
    scale = float(np.average(histories.amount, weights=histories.customers))
    scaled = SpendHistories(histories.purchases, histories.amount / scale, histories.customers)
    best, ok = _climb(SpendLikelihood(scaled), len(SPEND_PARAMETERS), histories.total)
    if not ok:
        return _no_fit("gamma_gamma", SPEND_PARAMETERS, histories.total, "not_converged")
    best[2] *= scale
    value, _ = SpendLikelihood(histories)(best)
    named = dict(zip(SPEND_PARAMETERS, map(float, best), strict=True))
    if named["q"] <= 1:
        return Fit("gamma_gamma", named, value, int(histories.total), False, "infinite_mean")
    return Fit("gamma_gamma", named, value, int(histories.total), True, _edge(named))


def _climb(
    likelihood: Callable[[Array], tuple[float, Array]], size: int, customers: float
) -> tuple[Array, bool]:
    """The best point over log-parameters, and whether the search ended well."""

    def descent(logs: Array) -> tuple[float, Array]:
        point = np.exp(logs)
        value, gradient = likelihood(point)
        if not np.isfinite(value) or not np.isfinite(gradient).all():
            return 1e10, np.zeros(size)
        return -value / customers, -gradient * point / customers

    bounds = [(np.log(LOWEST), np.log(HIGHEST))] * size
    for start in STARTS:
        found = minimize(
            descent,
            np.full(size, np.log(start)),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 2000, "maxls": 50},
        )
        # At machine precision the line search gives up next to the optimum: it is one.
        slope = np.abs(found.jac[np.abs(found.x) < np.log(HIGHEST) - 1e-9])
        if found.fun < 1e9 and (found.success or slope.max(initial=0) < 1e-4):
            return np.exp(found.x), True
    return np.exp(found.x), False


def _edge(parameters: dict[str, float]) -> str:
    """Parameters that ran to the edge of the search: the data do not fix them."""
    out = [n for n, value in parameters.items() if not LOWEST * 2 < value < HIGHEST / 2]
    return f"loose: {', '.join(out)}" if out else ""


def _no_fit(model: str, names: tuple[str, ...], customers: float, note: str) -> Fit:
    nothing = dict.fromkeys(names, float("nan"))
    return Fit(model, nothing, float("nan"), int(customers), False, note)
