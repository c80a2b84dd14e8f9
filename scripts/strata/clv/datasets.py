"""What a backtest can be run on: the warehouse, a file of transactions, the hidden truth."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from strata.clv.backtest import Dataset
from strata.clv.likelihoods import Array
from strata.errors import WRONG_USE, StrataError
from strata.landing.sql import identifier, literal
from strata.settings import Settings

CHAIN, TRUTH = "chain", "chain_truth"
BANDS = {
    "super": "four_level_super_min_clv",
    "strategic": "clv_strategic_min_amount",
    "core": "clv_core_min_amount",
}
GUESSES = {
    "customer": ("customer_id", "customer", "customer_key", "client"),
    "date": ("order_date", "date", "invoice_date", "day"),
    "amount": ("amount", "net_amount", "total"),
}


@dataclass(frozen=True)
class FileColumns:
    """Columns of a file of transactions, or SQL over them; None is guessed by name."""

    customer: str | None = None
    date: str | None = None
    amount: str | None = None
    where: str | None = None


def from_warehouse(settings: Settings, name: str = CHAIN) -> Dataset:
    """The chain's own customers, as the last build left them.

    Raises:
        StrataError: nothing is built.
    """
    connection = duckdb.connect()
    connection.execute(f"set threads to {settings.threads}")
    try:
        connection.execute(f"attach {literal(str(settings.database))} as strata (read_only)")
        connection.execute(
            "create table movements as"
            " select cast(customer_key as varchar) as customer_key, order_sk as order_key,"
            " movement_date, amount"
            " from strata.measures.money_movements"
            " join strata.customers.customer_profiles using (customer_sk) order by all"
        )
        (last_day,) = connection.execute(
            "select max(as_of_date) from strata.measures.as_of_dates"
        ).fetchone()
        bands = dict(
            connection.execute(
                "select threshold, cast(max(value) as double)"
                " from strata.policy.thresholds_in_force"
                " where scope_id = '*/*' and as_of_date = $day group by threshold",
                {"day": last_day},
            ).fetchall()
        )
        connection.execute("detach strata")
    except duckdb.Error as error:
        raise StrataError(
            f"The warehouse holds no built measures to test on: {error}",
            "Run `strata run` (or dbt build) first, or give --file.",
        ) from error
    return Dataset(
        name,
        connection,
        last_day or date.min,
        {band: bands[threshold] for band, threshold in BANDS.items() if threshold in bands},
    )


def from_file(file: Path, columns: FileColumns, name: str, threads: int = 2) -> Dataset:
    """Transactions of a CSV or Parquet file; a customer's day counts as one order.

    Raises:
        StrataError: the file or a column is not there, or does not convert.
    """
    if not file.is_file():
        raise StrataError(f"There is no file {file}.", "Give --file a CSV or Parquet file.", 2)
    connection = duckdb.connect()
    connection.execute(f"set threads to {threads}")
    try:
        source = connection.from_query(f"select * from {literal(str(file))}")
        customer, day, amount = (
            getattr(columns, what) or _guess(what, source.columns, file) for what in GUESSES
        )
        connection.execute(
            "create table movements as"
            f" select cast({customer} as varchar) as customer_key,"
            f" cast({customer} as varchar) || '/' || cast(cast({day} as date) as varchar)"
            " as order_key,"
            f" cast({day} as date) as movement_date,"
            f" cast({amount} as decimal(18, 2)) as amount"
            f" from {literal(str(file))}"
            f" where {customer} is not null and {day} is not null and {amount} is not null"
            f" and ({columns.where or 'true'}) order by all"
        )
    except duckdb.Error as error:
        raise StrataError(
            f"{file.name} cannot be read as transactions: {error}",
            "Name its columns: --customer, --date, --amount (a column, or SQL over columns).",
            WRONG_USE,
        ) from error
    (last_day,) = connection.execute("select max(movement_date) from movements").fetchone()
    return Dataset(name, connection, last_day or date.min)


def _guess(what: str, there: list[str], file: Path) -> str:
    found = [name for guess in GUESSES[what] for name in there if name.lower() == guess]
    if not found:
        raise StrataError(
            f"{file.name} has no column that looks like the {what}: {', '.join(there)}.",
            f"Name it with --{what}.",
            WRONG_USE,
        )
    return identifier(found[0])


def true_amounts(settings: Settings, directory: Path, keys: list[str]) -> dict[int, Array]:
    """What the demo's hidden truth holds for these customers, by horizon in days.

    Raises:
        StrataError: the folder has no truth, or not of these customers.
    """
    files = sorted(directory.glob("**/customers_truth*"))
    if not files:
        raise StrataError(
            f"There is no customers_truth file in {directory}.",
            "Make the demo chain with its truth: strata demo DIR --truth",
            WRONG_USE,
        )
    names = ", ".join(literal(str(file)) for file in files)
    reader = "read_parquet" if files[0].suffix == ".parquet" else "read_csv"
    with duckdb.connect(str(settings.database), read_only=True) as build:
        rows = build.execute(
            "select cast(bridge.customer_key as varchar), max(true_value_12_months),"
            " max(true_value_36_months)"
            f" from {reader}([{names}]) as truth"
            " join customers.customer_bridge as bridge using (customer_id)"
            " group by bridge.customer_key"
        ).fetchall()
    known = {key: (float(year), float(three)) for key, year, three in rows}
    if not set(keys) & set(known):
        raise StrataError(
            f"The truth in {directory} is not of the customers in this warehouse.",
            "Load the same demo folder into it: strata load --source demo DIR, strata run.",
        )
    nothing = (0.0, 0.0)
    return {
        days: np.array([known.get(key, nothing)[n] for key in keys])
        for n, days in enumerate((365, 1095))
    }
