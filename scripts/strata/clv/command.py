"""`strata backtest`: run it, store it, say what it means."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
from rich.table import Table

from strata.clv.backtest import MODELS, Dataset, Row, backtest, judge, rolling_origins
from strata.clv.datasets import TRUTH, FileColumns, from_file, from_warehouse, true_amounts
from strata.clv.origins import forecast
from strata.clv.sql import render
from strata.console import console, note
from strata.lock import require_closed
from strata.settings import Settings

SMALL = 100  # amounts below it are shown with two digits
NAMES = {
    "naive": "naive formula", "mbg_gg": "MBG/NBD", "xgboost": "XGBoost",
    "blend": "blend of both",
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What to test, and on what. Without a file: the warehouse's own customers."""

    horizon_days: int = 365
    origins: int = 3
    at: Sequence[date] = ()
    file: Path | None = None
    name: str | None = None
    columns: FileColumns = FileColumns()
    truth: Path | None = None


def run_backtest(settings: Settings, request: Request) -> list[Row]:
    """Test, and replace what the warehouse holds of the same data. The caller holds the lock.

    Raises:
        StrataError: nothing is built, the file cannot be read, or the history is too short.
    """
    require_closed(settings)  # its figures are stored at the end
    if request.file:
        name = request.name or request.file.stem
        dataset = from_file(request.file, request.columns, name, settings.threads)
    else:
        dataset = from_warehouse(settings)
    rows = []
    if request.truth is None:
        origins = list(request.at) or rolling_origins(
            dataset, request.horizon_days, request.origins
        )
        rows = backtest(dataset, sorted(origins), request.horizon_days, note)
    else:
        dataset = replace(dataset, name=TRUTH)
        rows = _against_truth(settings, dataset, request.truth)
    _store(settings, dataset.name, rows)
    return rows


def _against_truth(settings: Settings, dataset: Dataset, directory: Path) -> list[Row]:
    rows = []
    for days in (365, 1095):
        note(f"{dataset.name}: {days} days from {dataset.last_day}")
        said = forecast(dataset.connection, dataset.last_day, days)
        actual = true_amounts(settings, directory, said.keys)[days]
        rows += judge(dataset, dataset.last_day, days, said, actual)
    return rows


def _store(settings: Settings, dataset: str, rows: Sequence[Row]) -> None:
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute("create schema if not exists audit")
        connection.execute(render("clv_backtest_table"))
        connection.execute("begin")
        connection.execute("delete from audit.clv_backtest where dataset = $1", [dataset])
        if rows:
            connection.executemany(
                "insert into audit.clv_backtest values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [row.values() for row in rows],
            )
        connection.execute("commit")


def show_backtest(rows: Sequence[Row]) -> None:
    """The figures by origin and model, and in words what they mean."""
    if not rows:
        console.print("  Nobody had bought anything by then: there is nothing to judge.")
    found = {
        (row.origin_date, row.horizon_days, row.model, row.figure.metric, row.figure.band): row
        for row in rows
    }
    if rows:
        console.print("  Below each figure its 90 % interval.")
    for origin, days in dict.fromkeys((row.origin_date, row.horizon_days) for row in rows):
        customers = next(r.figure.customers for r in rows if r.origin_date == origin)
        table = Table(
            title=f"{days} days from {origin}, {customers:,} customers", title_justify="left"
        )
        for heading in (
            "model", "average error", "rank order", "spend of top 10 %", "predicted / actual",
            "right CLV tier",
        ):  # fmt: skip
            table.add_column(
                heading, justify="left" if heading == "model" else "right", overflow="fold"
            )
        for model in MODELS:
            cells = []
            for metric, form in (
                ("mae", ",.0f"), ("spearman", ".2f"), ("top_decile_capture", ".0%"),
                ("total_ratio", ".2f"), ("tier_accuracy", ".0%"),
            ):  # fmt: skip
                row = found.get((origin, days, model, metric, "all"))
                cells.append(_cell(row, form))
            said = next(
                (r.note for r in rows if r.model == model and r.origin_date == origin), ""
            )
            table.add_row(
                NAMES[model] + (f" ({said.replace('_', ' ')})" if said else ""), *cells
            )
        console.print(table)
        _words(found, origin, days)


def _words(found: dict[tuple, Row], origin: date, days: int) -> None:
    def value(model: str, metric: str, band: str = "all") -> float | None:
        row = found.get((origin, days, model, metric, band))
        return row.figure.value if row and row.figure.value == row.figure.value else None

    perfect = value("perfect", "top_decile_capture")
    captured = value("mbg_gg", "top_decile_capture")
    if perfect is not None and captured is not None:
        console.print(
            f"  The tenth with the highest predictions spent {captured:.0%} of everything;"
            f" the best possible tenth spent {perfect:.0%}."
        )
    covered = value("mbg_gg", "interval_coverage")
    if covered is not None:
        console.print(f"  {covered:.0%} of customers ended within their interval (80 % meant).")
    bands = sorted({key[4] for key in found if key[3] == "precision"})
    for band in bands:
        naive, model = (value(m, "new_precision", band) for m in ("naive", "mbg_gg"))
        recall = value("mbg_gg", "new_recall", band)
        if model is not None:
            console.print(
                f"  Of customers predicted to become {band}, {model:.0%} did"
                + (f" (naive formula: {naive:.0%})" if naive is not None else "")
                + (
                    f"; of those who did, {recall:.0%} had been named."
                    if recall is not None
                    else "."
                )
            )


def _cell(row: Row | None, form: str) -> str:
    if row is None or row.figure.value != row.figure.value:
        return "—"
    figure = row.figure
    if form == ",.0f" and abs(figure.value) < SMALL:
        form = ",.2f"
    if figure.low != figure.low:
        return format(figure.value, form)
    return f"{figure.value:{form}}\n[dim]{figure.low:{form}}–{figure.high:{form}}[/dim]"
