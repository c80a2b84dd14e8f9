"""The backtest: rolling origins, every model side by side, on data of any kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import numpy as np

from strata.clv.likelihoods import Array
from strata.clv.metrics import Figure, Outcome, coverage, measure
from strata.clv.origins import Forecast, actual_amounts, forecast
from strata.errors import StrataError

MODELS = ("naive", "mbg_gg", "xgboost", "blend")
MONTHS_BETWEEN = 6
TOP_SHARES = {"top_1_percent": 0.99, "top_10_percent": 0.90}


@dataclass(frozen=True)
class Row:
    """One row of audit.clv_backtest."""

    dataset: str
    origin_date: date
    horizon_days: int
    model: str
    figure: Figure
    note: str

    def values(self) -> tuple[object, ...]:
        """In the order of the table's columns; null for what is not known."""
        f = self.figure
        numbers = (
            None if not np.isfinite(n) else round(n, 6) for n in (f.value, f.low, f.high)
        )
        return (
            self.dataset, self.origin_date, self.horizon_days, self.model, f.metric, f.band,
            *numbers, f.customers, self.note,
        )  # fmt: skip


@dataclass(frozen=True)
class Dataset:
    """Data to test on: a connection with the table `movements`, and its CLV tiers.

    `bands` are tiers by their lowest amount; without any, the best 1 and 10 % by what they
    turned out to be worth take their place.
    """

    name: str
    connection: duckdb.DuckDBPyConnection
    last_day: date
    bands: Mapping[str, float] = field(default_factory=dict)


def rolling_origins(dataset: Dataset, horizon_days: int, wanted: int) -> list[date]:
    """Month ends half a year apart whose horizon has passed, the oldest first.

    Raises:
        StrataError: the history is shorter than two horizons, one to learn and one to judge.
    """
    (first,) = dataset.connection.execute("select min(movement_date) from movements").fetchone()
    if first is None:
        raise StrataError(
            f"{dataset.name} holds no purchases.", "Load a source with orders, then: strata run"
        )
    origins: list[date] = []
    day = _month_end(dataset.last_day - timedelta(days=horizon_days))
    while len(origins) < wanted and day - timedelta(days=horizon_days) >= first:
        origins.insert(0, day)
        for _ in range(MONTHS_BETWEEN):
            day = day.replace(day=1) - timedelta(days=1)
    if not origins:
        raise StrataError(
            f"{dataset.name} reaches from {first} to {dataset.last_day}: too short to look"
            f" back {horizon_days} days and judge the next {horizon_days}.",
            "Choose a shorter --horizon-days, or name the day to predict from with --origin.",
        )
    return origins


def backtest(
    dataset: Dataset,
    origins: Sequence[date],
    horizon_days: int,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Every figure of every model at every origin."""
    rows = []
    for origin in origins:
        progress(f"{dataset.name}: {horizon_days} days from {origin}")
        said = forecast(dataset.connection, origin, horizon_days)
        actual = actual_amounts(dataset.connection, origin, horizon_days, said.keys)
        rows.extend(judge(dataset, origin, horizon_days, said, actual))
    return rows


def judge(
    dataset: Dataset, origin: date, horizon_days: int, said: Forecast, actual: Array
) -> list[Row]:
    """The figures of one origin's forecasts against what came."""
    if not said.keys:
        return []
    worth = said.before + actual
    bands = dataset.bands or {
        name: float(np.quantile(worth, share)) for name, share in TOP_SHARES.items()
    }

    def row(model: str, figure: Figure) -> Row:
        return Row(dataset.name, origin, horizon_days, model, figure, said.notes.get(model, ""))

    rows = []
    for model in MODELS:
        if model in said.expected:
            outcome = Outcome(said.before, said.expected[model], actual)
            rows += [row(model, figure) for figure in measure(outcome, bands)]
        elif model in said.notes:
            nothing = float("nan")
            rows.append(
                row(model, Figure("mae", "all", nothing, nothing, nothing, len(said.keys)))
            )
    if said.low is not None and said.high is not None:
        rows.append(row("mbg_gg", coverage(said.low, said.high, actual)))
    best = measure(Outcome(said.before, actual, actual), {})
    rows += [row("perfect", f) for f in best if f.metric == "top_decile_capture"]
    return rows


def _month_end(day: date) -> date:
    """The last month end on or before a day."""
    tomorrow = day + timedelta(days=1)
    return tomorrow.replace(day=1) - timedelta(days=1)
