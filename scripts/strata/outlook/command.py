"""`strata backtest --of churn` and `--of revenue`: the same contest on data of any kind."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
from rich.table import Table

from strata.clv.backtest import Dataset
from strata.clv.datasets import FileColumns, from_file, from_warehouse
from strata.clv.sql import render
from strata.console import console
from strata.outlook.churn import fit_churn
from strata.outlook.revenue import Policy, forecast_revenue
from strata.settings import PROJECT_DIR, Settings, project_variables

THRESHOLDS = PROJECT_DIR / "seeds" / "policy" / "thresholds.csv"
SHOWN = {
    "revenue": ("mase", "missed_share", "interval_coverage"),
    "churn": ("auc", "brier", "actual_share", "windows"),
}
Row = dict[str, Any]


def backtest_outlook(
    settings: Settings, of: str, file: Path | None, columns: FileColumns
) -> list[Row]:
    """The figures of a subject's models on the warehouse's customers, or on a file's.

    Raises:
        StrataError: nothing is built, or the file cannot be read.
    """
    dataset = (
        from_file(file, columns, file.stem, settings.threads)
        if file
        else from_warehouse(settings)
    )
    policy = _policy()
    return _revenue(dataset, policy) if of == "revenue" else _churn(dataset, policy)


def show_outlook(rows: list[Row], of: str) -> None:
    """The figures model by model; the one in use is marked."""
    if not rows:
        console.print("  The history is too short: there is nothing to judge.")
        return
    table = Table(title=f"Backtest of {of}", title_justify="left")
    models = list(dict.fromkeys(row["model"] for row in rows))
    used = {row["model"] for row in rows if row["is_used"]}
    for heading in ("figure", *(f"{m} (used)" if m in used else m for m in models), "cases"):
        table.add_column(heading)
    found = {(row["metric"], row["band"], row["model"]): row for row in rows}
    for metric, band in dict.fromkeys((row["metric"], row["band"]) for row in rows):
        if band != "all" or metric not in SHOWN[of]:
            continue
        of_models = [found.get((metric, band, model), {}) for model in models]
        told = [f"{r['figure']:.4f}" if r.get("figure") is not None else "-" for r in of_models]
        table.add_row(metric, *told, f"{max(r.get('cases', 0) for r in of_models):,}")
    console.print(table)
    if of == "churn":
        _show_tenths(rows, used)


def _show_tenths(rows: list[Row], used: set[str]) -> None:
    table = Table(title="Said and came, by tenth (01: highest)", title_justify="left")
    for heading in ("tenth", "said", "came"):
        table.add_column(heading)
    shares = {
        (row["band"], row["metric"]): row["figure"]
        for row in rows
        if row["model"] in used and row["band"] != "all"
    }
    for band in sorted({band for band, _ in shares}):
        said, came = shares[band, "predicted_share"], shares[band, "actual_share"]
        table.add_row(band, f"{said:.3f}", f"{came:.3f}")
    console.print(table)


def _policy() -> dict[str, float]:
    """The project's rule set: its first values of what the outlooks ask for."""
    ruleset = project_variables()["ruleset"]
    return dict(
        duckdb.sql(
            "select threshold, arg_min(value, valid_from)"
            f" from read_csv('{THRESHOLDS}') where ruleset = '{ruleset}'"
            " and scope_type = 'chain' and regexp_matches(threshold, '^(forecast|churn)_')"
            " group by threshold"
        ).fetchall()
    )


def _revenue(dataset: Dataset, policy: dict[str, float]) -> list[Row]:
    after = dataset.last_day + timedelta(days=1)
    months = dataset.connection.execute(
        "select '*' as clinic_id, cast(date_trunc('month', movement_date) as date) as"
        " month_date, sum(amount) as amount from movements"
        " where movement_date < date_trunc('month', cast($after as date)) group by all",
        {"after": after},
    ).df()
    told = forecast_revenue(
        months,
        Policy(
            int(policy["forecast_horizon_months"]), float(policy["forecast_interval_share"]),
            int(policy["forecast_min_months"]), int(policy["forecast_origins"]),
        ),
    )  # fmt: skip
    return [row for row in told.to_pylist() if row["kind"] == "figure"]


def _churn(dataset: Dataset, policy: dict[str, float]) -> list[Row]:
    window, active = int(policy["churn_window_days"]), int(policy["churn_active_days"])
    places = ", ".join(
        f"({place}, date '{dataset.last_day - timedelta(days=place * window)}')"
        for place in range(project_variables()["churn_windows"] + 1)
    )
    connection = dataset.connection
    connection.execute(f"create temp table places as from (values {places}) t(place, day)")
    connection.execute(
        f"create temp table histories as select *, days_since_last <= {active} as is_active"
        f" from ({render('churn_histories', 'movements', 'places', str(window))})"
    )
    rows = fit_churn(connection.table("histories"), float(window))
    return [row for row in rows if row["metric"] != "model"]
