"""Monthly revenue ahead: a contest between the seasonal naive forecast and the Theta method.

Both forecast from days in the past (rolling origins) and are judged by what came; the better
one, by MASE, forecasts what is to come. Intervals come from the errors of these forecasts.
"""

import warnings
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import t as student

from strata.clv.likelihoods import Array

YEAR = 12
NAIVE, SEASONAL_NAIVE, THETA = "naive", "seasonal_naive", "theta"
FEWEST_ERRORS = 5  # for an interval, and for a contest
SMALLEST_ALPHA = 1e-4  # statsmodels' own bound: the drift is divided by it
SCHEMA = pa.schema(
    [
        ("kind", pa.string()),  # forecast or figure
        ("clinic_id", pa.string()),
        ("origin_date", pa.date32()),
        ("month_date", pa.date32()),
        ("model", pa.string()),
        ("is_used", pa.bool_()),
        ("metric", pa.string()),
        ("band", pa.string()),
        ("figure", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("cases", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Policy:
    """How far, how sure, from how many days of the past."""

    horizon_months: int
    interval_share: float
    min_months: int
    origins: int


def forecast_revenue(
    months: pd.DataFrame, policy: Policy, origin: date | None = None
) -> pa.Table:
    """Forecasts of each clinic's months ahead, and how such forecasts did in the past.

    `months` has clinic_id, month_date and amount of complete months, the last of which ends on
    `origin` (else with the last row). A month without a row brought nothing.
    """
    rows: list[dict[str, Any]] = []
    if len(months):
        last = pd.Timestamp(origin or months["month_date"].max()).replace(day=1)
        for clinic_id, known in months.groupby("clinic_id", sort=True):
            days = pd.date_range(known["month_date"].min(), last, freq="MS")
            amounts = pd.Series(
                known["amount"].astype(float).to_numpy(),
                index=pd.to_datetime(known["month_date"]),
            ).reindex(days, fill_value=0.0)
            rows += _series(str(clinic_id), amounts, policy)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _series(clinic_id: str, amounts: pd.Series, policy: Policy) -> list[dict[str, Any]]:
    values = amounts.to_numpy()
    trials = {
        model: Trials.of(model, values, policy)
        for model in (
            (SEASONAL_NAIVE, THETA) if len(values) > max(policy.min_months, YEAR + 1) else ()
        )
    }
    used = choose({model: trial.mase() for model, trial in trials.items()}, len(values))
    origin = amounts.index[-1] + pd.offsets.MonthEnd(0)
    here = {"clinic_id": clinic_id, "origin_date": origin.date()}
    rows: list[dict[str, Any]] = [
        here | {"kind": "figure", "model": model, "is_used": model == used, **figure}
        for model, trial in trials.items()
        for figure in trial.figures(policy.interval_share)
    ]
    ahead = predict(used, values, policy.horizon_months)
    trial = trials.get(used)
    reach = trial.reach(len(values), policy.interval_share) if trial else None
    for step, amount in enumerate(ahead):
        half = reach[step] * level(values) if reach is not None else np.nan
        known = {"low": amount - half, "high": amount + half} if np.isfinite(half) else {}
        month = amounts.index[-1] + pd.DateOffset(months=step + 1)
        rows.append(
            here
            | {"kind": "forecast", "model": used, "is_used": True, "figure": amount}
            | {"month_date": month.date(), "cases": len(values), **known}
        )
    return rows


def choose(mase: dict[str, float], months: int) -> str:
    """The model with the smallest error; the naive one where it is as good, or alone."""
    known = {model: error for model, error in mase.items() if np.isfinite(error)}
    if not known:
        return SEASONAL_NAIVE if months >= YEAR else NAIVE
    best = min(known, key=lambda model: (known[model], model != SEASONAL_NAIVE))
    return best


def predict(model: str, values: Array, steps: int) -> Array:
    """The next months, knowing these."""
    if model == NAIVE:
        return np.full(steps, values[-1])
    if model == SEASONAL_NAIVE:
        return np.array([values[len(values) - YEAR + step % YEAR] for step in range(steps)])
    if np.ptp(values) == 0:
        return np.full(steps, values[-1])
    has_season = len(values) >= 2 * YEAR
    # Shares of the year's mean where all months brought something, else amounts.
    method = "multiplicative" if (values > 0).all() else "additive"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of series that hardly move
        fitted = _theta()(
            values, period=YEAR if has_season else 1, deseasonalize=has_season,
            use_test=False, method=method,
        ).fit()  # fmt: skip
        ahead = np.asarray(fitted.forecast(steps))
    return ahead if np.isfinite(ahead).all() else predict(SEASONAL_NAIVE, values, steps)


@cache
def _theta() -> type:
    """statsmodels' Theta method, but for how the level is smoothed: by least squares too, but
    without a state space, which took two thirds of the time (forecasts agree to 0.01 %)."""
    from statsmodels.tsa.forecasting.theta import ThetaModel, ThetaModelResults
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    class Theta(ThetaModel):
        def fit(self) -> ThetaModelResults:
            known, seasonal = self._deseasonalize_data()
            slope = np.polyfit(np.arange(len(known)), known, 1)[0]
            smoothed = SimpleExpSmoothing(
                known, initialization_method="known", initial_level=known[0]
            ).fit()
            alpha = max(smoothed.params["smoothing_level"], SMALLEST_ALPHA)
            ahead = smoothed.forecast(1)
            return ThetaModelResults(slope, alpha, None, ahead, seasonal, False, self)

    return Theta


def level(values: Array) -> float:
    """What a month of the last year brought: the unit of errors."""
    return float(np.abs(values[-YEAR:]).mean()) or 1.0


@dataclass(frozen=True)
class Trials:
    """Forecasts from days in the past: rows are origins, columns months ahead.

    `months` are those known at each origin. What had not come by the end is nan.
    """

    months: list[int]
    errors: Array  # actual less forecast
    actual: Array
    scales: Array  # mean error of the seasonal naive forecast until the origin
    levels: Array

    @classmethod
    def of(cls, model: str, values: Array, policy: Policy) -> "Trials":
        # A year and a month: that much the unit of the error asks for.
        first = max(policy.min_months, YEAR + 1, len(values) - policy.origins)
        months = list(range(first, len(values)))
        steps = policy.horizon_months
        actual = np.array([_padded(values[n : n + steps], steps) for n in months])
        said = np.array([predict(model, values[:n], steps) for n in months])
        scales = np.array([_naive_error(values[:n]) for n in months])
        levels = np.array([level(values[:n]) for n in months])
        return cls(months, actual - said, actual, scales, levels)

    def mase(self, step: int | None = None) -> float:
        errors = np.abs(self.errors) / self.scales[:, None]
        some = errors if step is None else errors[:, step]
        return float(np.nanmean(some)) if np.isfinite(some).sum() >= FEWEST_ERRORS else np.nan

    def reach(self, now: int, share: float) -> Array:
        """Half the interval of each month ahead, in units of the level, by the errors that
        were known when `now` months were; nan where they are too few."""
        steps = self.errors.shape[1]
        found = np.full(steps, np.nan)
        for step in range(steps):
            known = [row for row, n in enumerate(self.months) if n + step < now]
            errors = self.errors[known, step] / self.levels[known]
            if len(errors) >= FEWEST_ERRORS:
                spread = np.sqrt(np.mean(errors**2))
                found[step] = student.ppf((1 + share) / 2, len(errors)) * spread
        return found

    def covered(self, share: float) -> Array:
        """Whether each month came within the interval that its origin would have shown."""
        inside = []
        for row, n in enumerate(self.months):
            half = self.reach(n, share) * self.levels[row]
            known = np.isfinite(half) & np.isfinite(self.errors[row])
            inside += list(np.abs(self.errors[row])[known] <= half[known])
        return np.array(inside, dtype=float)

    def figures(self, share: float) -> list[dict[str, Any]]:
        """MASE in all and by months ahead, the share of the amount missed, coverage."""
        known = np.isfinite(self.errors)
        covered = self.covered(share)
        came = np.abs(self.actual[known]).sum()
        missed = np.abs(self.errors[known]).sum() / came if came else np.nan
        told = [
            ("mase", "all", self.mase(), known.sum()),
            ("missed_share", "all", missed, known.sum()),
            (
                "interval_coverage", "all",
                covered.mean() if len(covered) else np.nan, len(covered),
            ),
            *(
                ("mase", f"{step + 1:02}", self.mase(step), known[:, step].sum())
                for step in range(known.shape[1])
            ),
        ]  # fmt: skip
        return [
            {"metric": metric, "band": band, "cases": int(cases)}
            | ({"figure": float(value)} if np.isfinite(value) else {})
            for metric, band, value, cases in told
        ]


def _padded(values: Array, steps: int) -> Array:
    return np.concatenate([values, np.full(steps - len(values), np.nan)])


def _naive_error(values: Array) -> float:
    return float(np.abs(values[YEAR:] - values[:-YEAR]).mean()) or np.nan
