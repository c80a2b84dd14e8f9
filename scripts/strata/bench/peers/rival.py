"""One peer, one task, once. Runs under any Python that has the peer; knows nothing of Strata.

    python rival.py PEER TASK FIRST AS_OF THREADS OUTPUT

Peers: openretailscience, polars, pandas, and duckdb by hand in one query. Tasks: `floor`, the
grouping of the benchmark's floor; `rfm`, scores 1 to 5 of recency, frequency and amount by
population quintiles, and the eight segments by the mean score in one decimal. Both read the
Parquet files of the first load. A purchase is a paid order that is worth more than nothing
after its refunds.
The seconds go from the first file opened to the result in memory; imports are not in them.
Exit code 3: the peer is not installed; 4: the peer has no way to do the task.
"""

import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

NOT_INSTALLED, CANNOT = 3, 4
SEGMENTS = {
    (True, True, True): "champions",
    (True, False, True): "important_develop",
    (False, True, True): "important_retain",
    (False, False, True): "important_winback",
    (True, True, False): "general_value",
    (True, False, False): "general_develop",
    (False, True, False): "general_retain",
    (False, False, False): "general_winback",
}
FIFTHS = (1, 2, 3, 4)


def files(first: Path, feed: str) -> list[str]:
    """The feed's files, in one piece or in numbered chunks."""
    return [
        str(path)
        for path in sorted(first.glob(f"{feed}*.parquet"))
        if path.stem == feed or path.stem.removeprefix(f"{feed}_").isdigit()
    ]


# --- polars ----------------------------------------------------------------------------------


def _polars_orders(first: Path, as_of: date) -> Any:
    import polars as pl

    return pl.scan_parquet(files(first, "orders")).filter(
        (pl.col("status") == "paid") & (pl.col("order_date") <= as_of)
    )


def polars_floor(first: Path, as_of: date) -> Any:
    """The floor's grouping, lazily, by the streaming engine."""
    import polars as pl

    products = pl.scan_parquet(files(first, "products")).select("product_id", "category")
    items = pl.scan_parquet(files(first, "order_items")).select(
        "order_id", "line_number", "product_id", "net_amount"
    )
    is_order = pl.col("line_number") == 1
    is_recent = (pl.lit(as_of) - pl.col("order_date")).dt.total_days() < 365
    return (
        _polars_orders(first, as_of)
        .join(items, on="order_id")
        .join(products, on="product_id", how="left")
        .group_by("customer_id")
        .agg(
            pl.col("order_date").max().alias("last_date"),
            pl.col("order_date").min().alias("first_date"),
            is_order.sum().alias("orders"),
            pl.col("net_amount").sum().alias("amount"),
            (is_order & is_recent).sum().alias("orders_365"),
            pl.col("net_amount").filter(is_recent).sum().alias("amount_365"),
            pl.col("category").drop_nulls().n_unique().alias("categories"),
        )
        .collect(engine="streaming")
    )


def polars_rfm(first: Path, as_of: date) -> Any:
    """Scores and segments by hand."""
    import polars as pl

    paid = (
        pl.scan_parquet(files(first, "order_items"))
        .group_by("order_id")
        .agg(pl.col("net_amount").sum().alias("paid"))
    )
    refunds = (
        pl.scan_parquet(files(first, "refunds"))
        .filter(pl.col("refund_date") <= as_of)
        .group_by("order_id")
        .agg(pl.col("refund_amount").sum().alias("refunded"))
    )
    net = pl.col("paid") - pl.col("refunded").fill_null(0)
    buyers = (
        _polars_orders(first, as_of)
        .join(paid, on="order_id")
        .join(refunds, on="order_id", how="left")
        .with_columns(net.alias("net"))
        .group_by("customer_id")
        .agg(
            pl.col("order_date").filter(pl.col("net") > 0).max().alias("last_date"),
            (pl.col("net") > 0).sum().alias("frequency"),
            pl.col("net").sum().alias("amount"),
        )
        .filter(pl.col("frequency") > 0)
        .with_columns((pl.lit(as_of) - pl.col("last_date")).dt.total_days().alias("recency"))
        .collect(engine="streaming")
    )

    def score(name: str, is_better: str) -> Any:
        column = buyers[name]
        # The smallest value that so many fifths of all customers do not exceed.
        ordered = column.sort()
        cuts = [ordered[-(-fifths * len(ordered) // 5) - 1] for fifths in FIFTHS]
        passed = [pl.col(name) <= c if is_better == "<=" else pl.col(name) > c for c in cuts]
        return pl.lit(1) + sum(condition.cast(pl.Int32) for condition in passed)

    scored = buyers.with_columns(
        score("recency", "<=").alias("r"),
        score("frequency", ">").alias("f"),
        score("amount", ">").alias("m"),
    )
    high = [pl.col(name) > pl.col(name).mean().round(1) for name in "rfm"]
    segment = pl.lit(None, dtype=pl.String)
    for sides, name in SEGMENTS.items():
        fits = pl.lit(True)
        for is_high, wanted in zip(high, sides, strict=True):
            fits = fits & (is_high if wanted else ~is_high)
        segment = pl.when(fits).then(pl.lit(name)).otherwise(segment)
    return scored.select("customer_id", "r", "f", "m", segment.alias("segment"))


# --- pandas ----------------------------------------------------------------------------------


def _pandas_read(first: Path, feed: str, columns: list[str]) -> Any:
    import pandas as pd

    frames = [pd.read_parquet(file, columns=columns) for file in files(first, feed)]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    for column in columns:
        if column.endswith("_amount"):  # decimals are slow objects here
            frame[column] = frame[column].astype("float64")
        if column.endswith("_date"):
            frame[column] = pd.to_datetime(frame[column])
    return frame


def _pandas_orders(first: Path, as_of: date) -> Any:
    import pandas as pd

    orders = _pandas_read(first, "orders", ["order_id", "customer_id", "order_date", "status"])
    is_paid = (orders["status"] == "paid") & (orders["order_date"] <= pd.Timestamp(as_of))
    return orders[is_paid].drop(columns="status")


def pandas_floor(first: Path, as_of: date) -> Any:
    """The floor's grouping by hand."""
    import pandas as pd

    columns = ["order_id", "line_number", "product_id", "net_amount"]
    lines = (
        _pandas_orders(first, as_of)
        .merge(_pandas_read(first, "order_items", columns), on="order_id")
        .merge(_pandas_read(first, "products", ["product_id", "category"]), on="product_id",
               how="left")
    )  # fmt: skip
    is_recent = lines["order_date"] > pd.Timestamp(as_of) - pd.Timedelta(days=365)
    is_order = lines["line_number"] == 1
    lines = lines.assign(
        is_order=is_order,
        is_recent_order=is_order & is_recent,
        recent_amount=lines["net_amount"].where(is_recent, 0.0),
    )
    return lines.groupby("customer_id").agg(
        last_date=("order_date", "max"),
        first_date=("order_date", "min"),
        orders=("is_order", "sum"),
        amount=("net_amount", "sum"),
        orders_365=("is_recent_order", "sum"),
        amount_365=("recent_amount", "sum"),
        categories=("category", "nunique"),
    )


def pandas_rfm(first: Path, as_of: date) -> Any:
    """Scores and segments by hand."""
    import numpy as np
    import pandas as pd

    paid = _pandas_read(first, "order_items", ["order_id", "net_amount"])
    paid = paid.groupby("order_id", as_index=False)["net_amount"].sum()
    refunds = _pandas_read(first, "refunds", ["order_id", "refund_date", "refund_amount"])
    refunds = refunds[refunds["refund_date"] <= pd.Timestamp(as_of)]
    refunds = refunds.groupby("order_id", as_index=False)["refund_amount"].sum()
    orders = _pandas_orders(first, as_of).merge(paid, on="order_id")
    orders = orders.merge(refunds, on="order_id", how="left")
    # Whole fen: sums of doubles would tell equal amounts apart.
    net = orders["net_amount"] - orders["refund_amount"].fillna(0)
    orders["net"] = (net * 100).round().astype("int64")
    orders["last_date"] = orders["order_date"].where(orders["net"] > 0)
    orders["is_purchase"] = orders["net"] > 0
    buyers = orders.groupby("customer_id").agg(
        last_date=("last_date", "max"),
        frequency=("is_purchase", "sum"),
        amount=("net", "sum"),
    )
    buyers = buyers[buyers["frequency"] > 0]
    values = {
        "r": -(pd.Timestamp(as_of) - buyers["last_date"]).dt.days.to_numpy(),
        "f": buyers["frequency"].to_numpy(),
        "m": buyers["amount"].to_numpy(),
    }
    scores = {}
    for name, column in values.items():
        ordered = np.sort(-column if name == "r" else column)
        cuts = [ordered[-(-fifths * len(ordered) // 5) - 1] for fifths in FIFTHS]
        passed = [(-column <= cut) if name == "r" else (column > cut) for cut in cuts]
        scores[name] = 1 + sum(condition.astype("int64") for condition in passed)
    result = pd.DataFrame({"customer_id": buyers.index, **scores})
    high = [scores[name] > round(scores[name].mean(), 1) for name in "rfm"]
    conditions = [
        np.logical_and.reduce(
            [is_high == wanted for is_high, wanted in zip(high, sides, strict=True)]
        )
        for sides in SEGMENTS
    ]
    return result.assign(segment=np.select(conditions, list(SEGMENTS.values()), default=""))


# --- duckdb ----------------------------------------------------------------------------------


def duckdb_rfm(first: Path, as_of: date) -> Any:
    """Scores and segments by hand, in one query: how near the models come to it."""
    import duckdb

    def score(name: str, column: str, passes: str) -> str:
        passed = (f"cast({column} {passes} {name}[{fifths}] as int)" for fifths in FIFTHS)
        return f"1 + {' + '.join(passed)} as {name}"

    scores = ", ".join(
        [score("r", "recency", "<="), score("f", "frequency", ">"), score("m", "amount", ">")]
    )
    segments = " ".join(
        "when "
        + " and ".join(
            f"{name} {'>' if is_high else '<='} mean_{name}"
            for name, is_high in zip("rfm", sides, strict=True)
        )
        + f" then '{segment}'"
        for sides, segment in SEGMENTS.items()
    )
    connection = duckdb.connect(config={"threads": int(os.environ["STRATA_THREADS"])})
    connection.execute(
        f"""
        create table scored as
        with paid as (
            select order_id, sum(net_amount) as amount
            from read_parquet({files(first, "order_items")}) group by order_id
        ),
        refunded as (
            select order_id, sum(refund_amount) as amount
            from read_parquet({files(first, "refunds")})
            where refund_date <= date '{as_of}' group by order_id
        ),
        orders as (
            select customer_id, order_date, paid.amount - coalesce(refunded.amount, 0) as net
            from read_parquet({files(first, "orders")}) as orders
            inner join paid using (order_id) left join refunded using (order_id)
            where status = 'paid' and order_date <= date '{as_of}'
        ),
        buyers as (
            select
                customer_id,
                date_diff('day', max(order_date) filter (net > 0), date '{as_of}') as recency,
                count(*) filter (net > 0) as frequency,
                sum(net) as amount
            from orders where customer_id is not null
            group by customer_id having count(*) filter (net > 0) > 0
        ),
        cuts as (
            select
                quantile_disc(recency, [0.2, 0.4, 0.6, 0.8]) as r,
                quantile_disc(frequency, [0.2, 0.4, 0.6, 0.8]) as f,
                quantile_disc(amount, [0.2, 0.4, 0.6, 0.8]) as m
            from buyers
        ),
        scores as (select customer_id, {scores} from buyers cross join cuts),
        means as (
            select
                round(avg(r), 1) as mean_r, round(avg(f), 1) as mean_f,
                round(avg(m), 1) as mean_m
            from scores
        )
        select customer_id, r, f, m, case {segments} end as segment
        from scores cross join means
        """
    )
    return connection.table("scored")


# --- openretailscience -----------------------------------------------------------------------


def openretailscience_rfm(first: Path, as_of: date) -> Any:
    """Its RFMSegmentation in quintiles, on DuckDB through ibis; the segments on top.

    It wants one table of transactions and scores by ntile, so that equal customers may get
    different scores. The table is given as a query, so that DuckDB does the joins.
    """
    import ibis
    from openretailscience.segmentation.rfm import RFMSegmentation

    connection = ibis.duckdb.connect(threads=int(os.environ["STRATA_THREADS"]))
    transactions = connection.sql(
        f"""
        with paid as (
            select order_id, sum(net_amount) as amount
            from read_parquet({files(first, "order_items")}) group by order_id
        ),
        refunded as (
            select order_id, sum(refund_amount) as amount
            from read_parquet({files(first, "refunds")})
            where refund_date <= date '{as_of}' group by order_id
        )
        select
            orders.customer_id,
            orders.order_id as transaction_id,
            orders.order_date as transaction_date,
            paid.amount - coalesce(refunded.amount, 0) as unit_spend
        from read_parquet({files(first, "orders")}) as orders
        inner join paid using (order_id)
        left join refunded using (order_id)
        where orders.status = 'paid' and orders.order_date <= date '{as_of}'
            and paid.amount - coalesce(refunded.amount, 0) > 0
        """
    )
    scored = RFMSegmentation(
        transactions, current_date=as_of, r_segments=5, f_segments=5, m_segments=5
    ).table
    scores = scored.select(
        "customer_id",
        r=scored.r_score + 1,
        f=scored.f_score + 1,
        m=scored.m_score + 1,
    )
    high = [scores[name] > scores[name].mean().over().round(1) for name in "rfm"]
    cases = []
    for sides, name in SEGMENTS.items():
        fits = ibis.literal(True)
        for is_high, wanted in zip(high, sides, strict=True):
            fits = fits & (is_high if wanted else ~is_high)
        cases.append((fits, name))
    return connection.create_table("scored", scores.mutate(segment=ibis.cases(*cases)))


# --- one run ---------------------------------------------------------------------------------


def _save(result: Any, output: Path) -> None:
    if hasattr(result, "write_parquet"):
        result.write_parquet(str(output))
    else:
        result.to_parquet(output)


def main(peer: str, task: str, first: Path, as_of: date, threads: int, output: Path) -> int:
    """Import the peer, run the task, print seconds and version, keep the result."""
    os.environ["POLARS_MAX_THREADS"] = os.environ["STRATA_THREADS"] = str(threads)
    function = globals().get(f"{peer}_{task}")
    if function is None:
        return CANNOT
    try:
        version = _import(peer)
    except ImportError as error:
        print(json.dumps({"missing": str(error)}))
        return NOT_INSTALLED
    started = time.perf_counter()
    result = function(first, as_of)
    seconds = time.perf_counter() - started
    _save(result, output)
    print(json.dumps({"seconds": seconds, "version": version}))
    return 0


def _import(peer: str) -> str:
    from importlib import import_module
    from importlib.metadata import version

    import_module(peer)
    if peer == "openretailscience":
        import_module("openretailscience.segmentation.rfm")
    return version(peer)


if __name__ == "__main__":
    sys.exit(
        main(
            sys.argv[1], sys.argv[2], Path(sys.argv[3]), date.fromisoformat(sys.argv[4]),
            int(sys.argv[5]), Path(sys.argv[6]),
        )
    )  # fmt: skip
