"""Strata's RFM slice alone: raw Parquet to scores and segments, by the project's own SQL.

What the full build compiled for `tier_rfm_segment` and for the models that it stands on is run
once more, in memory, over the Parquet files of the first load.

In: reading the files, orders with their lines and refunds, purchases and money in all windows,
cut points, scores, the mean above which a score is high, the eight segments, and the customers'
ids beside them.
Out, for the peer just as well: landing, typing and checking rows (the files are typed), what a
line's product is and costs (there are no products), telling which records are one person (each
record counts for itself), a clinic's own thresholds (the chain's hold), and dbt's own time.
`customer_measures` holds here what the slice reads; of that, what is no purchase and no money
(for the scores of RFM²) is null. Thresholds in force are read before.

    python -m strata.bench.rfm_slice WAREHOUSE FIRST NODES THREADS OUTPUT
"""

import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from strata.bench.news import relation
from strata.bench.nodes import read_results

TARGET = "tier_rfm_segment"
POLICY = "policy"
# Rooms that are out. What other ladders compare is empty here, and so are products and which
# line was given back, which tell of categories and departments only.
EMPTY = {
    "products", "returned_lines", "pyramid_ranks", "membership_inputs",
    "private_domain_behaviours",
}  # fmt: skip
# What stands in for others, and what of the slice it is made from. The keys are whole numbers,
# as they are in the warehouse.
STAND_INS = {
    "orders": "create view {orders} as select *, 'demo' as source, hash(order_id) as order_sk,"
    " hash(customer_id) as record_sk from {raw_orders} where order_id is not null",
    "order_items": "create view {order_items} as select hash(order_id) as order_sk,"
    " cast(null as bigint) as product_sk, net_amount, quantity, list_amount,"
    " cast(null as decimal(18, 2)) as unit_cost, unit_cost as cost_amount"
    " from {raw_order_items} where order_id is not null",
    "refunds": "create view {refunds} as select *, 'demo' as source,"
    " hash(order_id) as order_sk from {raw_refunds} where order_id is not null",
    "customer_bridge": "create table {customer_bridge} as select distinct"
    " hash(customer_id) as record_sk, record_sk as customer_sk, customer_id"
    " from {raw_customers} where customer_id is not null",
    "as_of_dates": "create table {as_of_dates} as select date '{day}' as as_of_date",
    "customer_measures": "create table {customer_measures} as"
    " select bridge.customer_sk, dates.as_of_date, '*/*' as scope_id, {measures}"
    " from {customer_bridge} as bridge cross join {as_of_dates} as dates"
    " left join {measures_purchase} as purchase using (customer_sk, as_of_date)"
    " left join {measures_money} as money using (customer_sk, as_of_date)",
    # Of what is delivered the segments ask for orders.
    "row_accounts": "create table {row_accounts} as select 'demo' as source,"
    " 'orders' as entity, 'accepted' as outcome, cast(1 as bigint) as rows",
}
MADE_FROM = {
    "customer_measures": [
        "customer_bridge", "as_of_dates", "measures_purchase", "measures_money",
    ],
}  # fmt: skip
RAW = ("orders", "order_items", "refunds", "customers")
KEYS = {"customer_sk", "as_of_date", "scope_id"}


def slice_nodes(manifest: Path, results: Sequence[Path]) -> dict[str, Any]:
    """What the slice runs, from a full run: names, relations and SQL, parents first."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    built = read_results(results)
    ids = {
        node["name"]: unique_id
        for unique_id, node in nodes.items()
        if node["resource_type"] in ("model", "seed")
    }
    relations, models, copied = {}, [], []

    def visit(name: str) -> None:
        if name in relations:
            return
        node = nodes[ids[name]]
        relations[name] = node["relation_name"]
        if name in EMPTY or POLICY in (node["fqn"][1], node["schema"]):
            copied.append(name)
            return
        sql = "" if name in STAND_INS else built[ids[name]]["sql"]
        for parent in MADE_FROM.get(name, []) if name in STAND_INS else read_by(node, sql):
            visit(parent)
        is_view = node["config"]["materialized"] == "view" and name != TARGET
        models.append([name, "view" if is_view else "table", sql])

    def read_by(node: dict[str, Any], sql: str) -> list[str]:
        """Parents that a full build reads: not those that a refresh asks for the touched."""
        parents = (nodes.get(key) for key in node["depends_on"]["nodes"])
        return [one["name"] for one in parents if one and one["relation_name"] in sql]

    visit(TARGET)
    return {"relations": relations, "models": models, "copied": copied}


def main(warehouse: Path, first: Path, nodes: Path, threads: int, output: Path) -> None:
    """Run the slice once, print its seconds, and keep its scores for comparison."""
    wanted = json.loads(nodes.read_text(encoding="utf-8"))
    relations = wanted["relations"]
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute("attach ':memory:' as strata")
        connection.execute("use strata")
        day = _copy(warehouse, wanted, connection)
        names = {f"raw_{feed}": relation(first, feed) for feed in RAW}
        names |= {**relations, "day": day}
        started = time.perf_counter()
        for name, kind, sql in wanted["models"]:
            if name == "customer_measures":
                names["measures"] = _measures(connection, wanted)
            connection.execute(
                STAND_INS[name].format(**names)
                if name in STAND_INS
                else f"create {kind} {relations[name]} as {sql}"
            )
        connection.execute(
            "create table scored as select customer_id, recency_score as r,"
            " frequency_score as f, monetary_score as m, tier as segment"
            f" from {relations['tier_scores']} inner join {relations[TARGET]}"
            " using (customer_sk, as_of_date, ruleset)"
            f" inner join {relations['customer_bridge']} using (customer_sk)"
        )
        seconds = time.perf_counter() - started
        (buyers,) = connection.execute(
            f"copy (from scored order by customer_id) to '{output}' (format parquet)"
        ).fetchone()
    print(json.dumps({"seconds": seconds, "customers": buyers, "as_of_date": str(day)}))


def _copy(
    warehouse: Path, wanted: dict[str, Any], connection: duckdb.DuckDBPyConnection
) -> Any:
    """Thresholds and names as they were built, and what is empty; the day that was built."""
    relations = wanted["relations"]
    for schema in {name.split(".")[1] for name in relations.values()}:
        connection.execute(f"create schema if not exists {schema}")
    with duckdb.connect(str(warehouse), read_only=True) as built:
        for name in wanted["copied"]:
            limit = "limit 0" if name in EMPTY else ""
            rows = built.execute(f"from {relations[name]} {limit}").to_arrow_table()  # noqa: F841
            connection.execute(f"create table {relations[name]} as from rows")
        days = f"select max(as_of_date) from {relations['as_of_dates']}"
        return built.execute(days).fetchone()[0]


def _measures(connection: duckdb.DuckDBPyConnection, wanted: dict[str, Any]) -> str:
    """The columns of customer_measures that scores read, from where they are measured."""
    readers = " ".join(
        sql for name, _, sql in wanted["models"] if name in ("tier_scores", "tier_inputs")
    )
    measured_in = {
        name: alias
        for alias in ("money", "purchase")
        for name, *_ in connection.execute(
            f"describe {wanted['relations'][f'measures_{alias}']}"
        ).fetchall()
    }

    def column(name: str) -> str:
        if name not in measured_in:
            return f"cast(null as integer) as {name}"
        measure = f"{measured_in[name]}.{name}"
        is_counted = re.search(r"_(lifetime|\d+)$", name)
        return f"coalesce({measure}, 0) as {name}" if is_counted else measure

    names = set(re.findall(r"\bmeasures\.(\w+)", readers)) - KEYS
    return ", ".join(map(column, sorted(names)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]),
         Path(sys.argv[5]))  # fmt: skip
