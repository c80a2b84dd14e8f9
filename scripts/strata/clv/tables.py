"""Between DuckDB relations and the arrays that the models take."""

import hashlib
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from strata.clv.likelihoods import PurchaseHistories, SpendHistories

DAYS_PER_WEEK = 7.0
Columns = dict[str, NDArray]


def stored_rows(
    session: duckdb.DuckDBPyConnection, relation: Any
) -> duckdb.DuckDBPyRelation | None:
    """The rows that an earlier run left in a dbt model's table (`dbt.this`); none: no table."""
    there = session.execute(
        "select 1 from duckdb_tables()"
        " where database_name = ? and schema_name = ? and table_name = ?",
        [relation.database, relation.schema, relation.identifier],
    ).fetchone()
    return session.sql(f"select * from {relation}") if there else None


def columns(relation: duckdb.DuckDBPyRelation) -> Columns:
    """The relation's columns as numpy arrays; decimals as doubles."""
    table = relation.to_arrow_table()
    return {name: _array(table[name]) for name in table.column_names}


def _array(column: pa.ChunkedArray) -> NDArray:
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    return column.to_numpy()


def group(
    relation: duckdb.DuckDBPyRelation,
) -> tuple[PurchaseHistories, SpendHistories]:
    """Purchase and spend histories, equal customers counted once, in a fixed order."""
    purchases = columns(
        relation.aggregate(
            "repeat_days, recency_days, age_days, count(*) as customers",
            "repeat_days, recency_days, age_days",
        ).order("repeat_days, recency_days, age_days")
    )
    spend = columns(
        relation.filter("mean_amount > 0")
        .aggregate(
            "purchase_days, mean_amount, count(*) as customers", "purchase_days, mean_amount"
        )
        .order("purchase_days, mean_amount")
    )
    return (
        histories(purchases, purchases["customers"]),
        SpendHistories(
            *(_doubles(spend[n]) for n in ("purchase_days", "mean_amount", "customers"))
        ),
    )


def histories(table: Columns, customers: NDArray | None = None) -> PurchaseHistories:
    """Purchase histories of a table in days, in weeks as the models want them."""
    repeats = _doubles(table["repeat_days"])
    return PurchaseHistories(
        repeats,
        _doubles(table["recency_days"]) / DAYS_PER_WEEK,
        _doubles(table["age_days"]) / DAYS_PER_WEEK,
        np.ones_like(repeats) if customers is None else _doubles(customers),
    )


def fingerprint(version: str, *arrays: NDArray) -> str:
    """A hash that changes with the data or with the version of the code that reads them."""
    digest = hashlib.md5(version.encode(), usedforsecurity=False)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _doubles(array: NDArray) -> NDArray[np.float64]:
    return np.asarray(array, dtype=np.float64)
