"""Generates the demo chain: five years of a clinic chain that never was."""

import csv
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import duckdb

from strata.demo.desk import write_desk
from strata.demo.dirt import Planter, Planting
from strata.demo.preflight import check_arguments, clear_directory
from strata.demo.summary import DemoFile, DemoSummary, PlantedDirt
from strata.demo.writer import FileFormat, Writer

# Persons per chunk. Part of the result (referrals stay within a chunk): never derive it
# from threads or memory.
CHUNK_SIZE = 200_000
SETUP = ("01_macros", "02_calendar", "03_products", "04_archetypes")
CHUNK = (
    "10_people",
    "11_steps",
    "12_campaigns",
    "13_orders",
    "14_referrals",
    "15_customers",
    "16_visits",
    "17_voice",
    "18_interactions",
)
# Paid orders per buyer at activity 1, as measured.
BASE_ORDERS = 4.5


def generate(
    directory: Path,
    customers: int = 20_000,
    seed: int = 7,
    end_date: date = date(2025, 12, 31),
    file_format: FileFormat = "csv",
    dirt_share: float = 0.01,
    truth: bool = False,
    progress: Callable[[str], None] | None = None,
    orders_per_customer: float = BASE_ORDERS,
    threads: int | None = None,
) -> DemoSummary:
    """Write the demo delivery to `directory` and say what is in it.

    Same arguments, same bytes, whatever `threads`. `customers` counts persons: about 6 %
    of them have two or three source records. `orders_per_customer` is the mean number of
    paid orders per buyer, approximately. `dirt_share` is the share of extra, faulty rows
    per table (0: none, and neither the corrections file nor the front desk's). Amounts are
    CNY.

    Raises StrataError for impossible arguments and for a directory that holds other files.
    """
    check_arguments(customers, seed, end_date, file_format, dirt_share, orders_per_customer)
    say = progress or (lambda _: None)
    directory = Path(directory)
    clear_directory(directory)
    (directory / "_truth").mkdir(parents=True)
    chunks = -(-customers // CHUNK_SIZE)
    delivered: list[DemoFile] = []
    planted: Counter[tuple[str, str, str]] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        connection = _connect(scratch, threads)
        _set_up(connection, seed, end_date, orders_per_customer, truth)
        for number in range(1, chunks + 1):
            first = (number - 1) * CHUNK_SIZE + 1
            last = min(number * CHUNK_SIZE, customers)
            say(f"customers {first:,} to {last:,} of {customers:,}")
            _compute(connection, first, last, truth)
            planter = Planter(connection, dirt_share, file_format == "csv", number)
            part = f"_{number:03d}" if chunks > 1 else ""
            writer = Writer(connection, directory, file_format, planter, part)
            writer.write_tables(is_global=False)
            if truth:
                writer.write_truth()
            if number == 1 and dirt_share > 0:
                writer.write_corrections(max(1, min(300, customers // 50)))
            if number == chunks:
                writer.part = ""
                _run(connection, "20_costs")
                writer.write_tables(is_global=True)
            delivered += writer.files
            _count(planted, writer.plantings)
        connection.close()
    if dirt_share > 0 and file_format == "csv":
        delivered += write_desk(directory, end_date, customers)
    dirt = sorted(PlantedDirt(*kind, rows) for kind, rows in planted.items())
    _write_plan(directory, dirt)
    say(f"{sum(file.rows for file in delivered):,} rows in {len(delivered)} files")
    return DemoSummary(directory, sorted(delivered, key=lambda file: file.name), dirt)


def _connect(scratch: str, threads: int | None) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | int] = {"temp_directory": scratch}
    if threads is not None:
        config["threads"] = threads
    return duckdb.connect(":memory:", config=config)


def _set_up(
    connection: duckdb.DuckDBPyConnection,
    seed: int,
    end_date: date,
    orders_per_customer: float,
    truth: bool,
) -> None:
    start_date = _years_before(end_date, 5) + timedelta(days=1)
    history_units = (end_date - start_date).days + 1
    activity = _activity(orders_per_customer)
    variables: dict[str, object] = {
        "seed": seed,
        "start_date": start_date,
        "end_date": end_date,
        "history_units": history_units,
        "unit_limit": history_units + (1095 if truth else 0),
        "li_date": _li_date(end_date),
        "activity": activity,
        "step_limit": round(160 * max(1.0, activity)),
    }
    for name, value in variables.items():
        text = f"date '{value}'" if isinstance(value, date) else repr(value)
        connection.execute(f"set variable {name} = {text}")
    connection.execute("create table channel_months (channel varchar, month date, people int)")
    for name in SETUP:
        _run(connection, name)


def _compute(connection: duckdb.DuckDBPyConnection, first: int, last: int, truth: bool) -> None:
    connection.execute(f"set variable first_person = {first}")
    connection.execute(f"set variable last_person = {last}")
    for name in (*CHUNK, "19_truth") if truth else CHUNK:
        _run(connection, name)


def _run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    sql = files("strata.demo").joinpath("sql", f"{name}.sql").read_text("utf-8")
    connection.execute(sql)


def _activity(orders_per_customer: float) -> float:
    """How much faster the process runs than at the base; the exponent was fitted."""
    return (orders_per_customer / BASE_ORDERS) ** 1.8


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _li_date(end_date: date) -> date:
    """Ms Li browses on 11 September, as late as the whole story fits before the end."""
    is_over = (end_date.month, end_date.day) >= (12, 10)
    return date(end_date.year - (1 if is_over else 2), 9, 11)


def _count(planted: Counter[tuple[str, str, str]], plantings: list[Planting]) -> None:
    for planting in plantings:
        planted[planting.table, planting.rule, planting.column] += planting.rows


def _write_plan(directory: Path, dirt: list[PlantedDirt]) -> None:
    path = directory / "_truth" / "dirt.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        plan = csv.writer(file, lineterminator="\n")
        plan.writerow(["table", "rule", "column_name", "rows"])
        plan.writerows([d.table, d.rule, d.column_name, d.rows] for d in dirt)
