"""The machine-learned challenger: gradient-boosted trees over a customer's purchase days.

Nested in time: trained on features of a year before the fit date and on what was spent since,
so that nothing is known to it that was not known on the fit date.
"""

from typing import Any
from uuid import UUID

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from strata.clv.tables import Columns, columns, fingerprint

VERSION = "1"  # of features and settings: another one trains anew
MOST_ROWS = 100_000  # customers to learn from; of more, the first by key (a hash)
TREES = 200
SETTINGS = {
    # Many zeros and a long tail, and predictions that add up to the total.
    "objective": "reg:tweedie",
    "tweedie_variance_power": 1.5,
    "eta": 0.05,
    "max_depth": 4,
    "min_child_weight": 20,
    "lambda": 1.0,
    "tree_method": "hist",
    "nthread": 1,  # with more, or in another order of rows, single predictions differ
    "seed": 7,
}
NOT_FEATURES = ("customer_key", "feature_date", "as_of_date", "label_amount", "origin_date")
FIT_SCHEMA = pa.schema(
    [
        ("fit_date", pa.date32()),
        ("trained_on", pa.int64()),
        ("fingerprint", pa.string()),
        ("trees", pa.string()),
    ]
)
PREDICTION_SCHEMA = pa.schema(
    [
        ("as_of_date", pa.date32()),
        ("customer_key", pa.uuid()),
        ("predicted_amount", pa.float64()),
    ]
)


def train(table: Columns, labels: NDArray) -> str:
    """The trained model as text. Rows must come in a fixed order."""
    import xgboost

    data = xgboost.DMatrix(_matrix(table), label=labels, nthread=1)
    # Amounts of any size: the trees see the label in units of its mean.
    mean = float(labels.mean()) or 1.0
    data.set_label(labels / mean)
    booster = xgboost.train(SETTINGS, data, num_boost_round=TREES)
    booster.set_attr(unit=repr(mean))
    return booster.save_raw("json").decode()


def expect(trees: str, table: Columns) -> NDArray[np.float64]:
    """What the model expects of each row, in the unit of the labels."""
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(trees.encode()))
    unit = float(booster.attr("unit"))
    data = xgboost.DMatrix(_matrix(table), nthread=1)
    return np.round(booster.predict(data).astype(np.float64) * unit, 2)


def train_due(
    dates: duckdb.DuckDBPyRelation,
    features: duckdb.DuckDBPyRelation,
    labels: duckdb.DuckDBPyRelation,
    stored: duckdb.DuckDBPyRelation | None = None,
) -> pa.Table:
    """One trained model per fit date that is due; of those in `stored` all others, and the ones
    whose data are the same, are kept.
    """
    held = {row["fit_date"]: row for row in _rows(stored)} if stored is not None else {}
    due = dates.project("fit_date, training_date").distinct().order("fit_date").fetchall()
    for fit_date, training_date in due:
        known = features.filter(f"feature_date = date '{training_date}'").set_alias("known")
        answers = labels.filter(f"fit_date = date '{fit_date}'").set_alias("answers")
        sample = known.order("customer_key").limit(MOST_ROWS)
        table = columns(
            sample.set_alias("sample")
            .join(
                answers.project("customer_key as answer_key, amount as label_amount"),
                "sample.customer_key = answer_key",
                how="left",
            )
            .order("customer_key")
            .project(
                "* exclude (answer_key) replace (coalesce(label_amount, 0) as label_amount)"
            )
        )
        if not len(table["customer_key"]):
            held.pop(fit_date, None)
            continue
        spent = table["label_amount"]
        mark = fingerprint(VERSION, *(table[name] for name in _names(table)), spent)
        if fit_date not in held or held[fit_date]["fingerprint"] != mark:
            held[fit_date] = {
                "fit_date": fit_date,
                "trained_on": len(spent),
                "fingerprint": mark,
                "trees": train(table, spent),
            }
    return pa.Table.from_pylist([held[day] for day in sorted(held)], schema=FIT_SCHEMA)


def predict(
    dates: duckdb.DuckDBPyRelation,
    fits: duckdb.DuckDBPyRelation,
    features: duckdb.DuckDBPyRelation,
) -> pa.Table:
    """What each customer is expected to spend in the year after the as-of date."""
    trained = {row["fit_date"]: row["trees"] for row in _rows(fits)}
    tables = [PREDICTION_SCHEMA.empty_table()]
    due = dates.project("as_of_date, fit_date").order("as_of_date").fetchall()
    for as_of_date, fit_date in due:
        table = columns(
            features.filter(f"feature_date = date '{as_of_date}'").order("customer_key")
        )
        if fit_date not in trained or not len(table["customer_key"]):
            continue
        expected = expect(trained[fit_date], table)
        tables.append(
            pa.table(
                {
                    "as_of_date": [as_of_date] * len(expected),
                    "customer_key": [UUID(key).bytes for key in table["customer_key"]],
                    "predicted_amount": expected,
                },
                schema=PREDICTION_SCHEMA,
            )
        )
    return pa.concat_tables(tables)


def _rows(relation: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    return relation.order("fit_date").to_arrow_table().to_pylist()


def _names(table: Columns) -> list[str]:
    return sorted(name for name in table if name not in NOT_FEATURES)


def _matrix(table: Columns) -> NDArray[np.float32]:
    return np.column_stack([table[name].astype(np.float32) for name in _names(table)])
