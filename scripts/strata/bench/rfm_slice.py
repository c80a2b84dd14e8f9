"""Strata's RFM slice alone: raw Parquet to scores and segments, by the project's own SQL.

What the full build compiled for `tier_rfm_segment` and for the models that it stands on is run
once more, in memory, over the Parquet files of the first load.

In: reading the files, orders with their lines and refunds, purchases and money in all windows,
cut points, scores, the mean above which a score is high, the eight segments, and the customers'
ids beside them.
Out, for the peers just as well: landing, typing and checking rows (the files are typed), what a
line's product is and costs (there are no products), telling which records are one person (each
record counts for itself), a clinic's own thresholds (the chain's hold), and dbt's own time.
`customer_measures` holds here what the slice reads; of that, what is no purchase and no money
(for the scores of RFM²) is null, and so is what other ladders compare. Thresholds in force are
read before.

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

from strata.bench.nodes import read_results

TARGET = "tier_rfm_segment"
POLICY = "policy"
# What stands in for rooms that are out, and what of the slice it is made from. The keys are
# whole numbers, as they are in the warehouse.
STAND_INS = {
    "orders": "create view {orders} as select *, 'demo' as source, hash(order_id) as order_sk,"
    " hash(customer_id) as record_sk from {raw_orders} where order_id is not null",
    "order_items": "create view {order_items} as select hash(order_id) as order_sk,"
    " cast(null as bigint) as product_sk, net_amount, quantity, list_amount,"
    " cast(null as decimal(18, 2)) as unit_cost, unit_cost as cost_amount from {raw_items}"
    " where order_id is not null",
    "refunds": "create view {refunds} as select *, 'demo' as source,"
    " hash(order_id) as order_sk from {raw_refunds} where order_id is not null",
    "products": "create table {products} (product_sk bigint, department varchar,"
    " category varchar, unit_cost decimal(18, 2))",
    "customer_bridge": "create table {customer_bridge} as select distinct"
    " hash(customer_id) as record_sk, record_sk as customer_sk, customer_id"
    " from {raw_customers} where customer_id is not null",
    "as_of_dates": "create table {as_of_dates} as select date '{day}' as as_of_date",
    "customer_measures": "create table {customer_measures} as"
    " select bridge.customer_sk, dates.as_of_date, '*/*' as scope_id, {measures}"
    " from {customer_bridge} as bridge cross join {as_of_dates} as dates"
    " left join {measures_purchase} as purchase using (customer_sk, as_of_date)"
    " left join {measures_money} as money using (customer_sk, as_of_date)",
    # Which line was given back tells of categories and departments only.
    "returned_lines": "create table {returned_lines} (order_sk ubigint, line_number integer,"
    " returned_date date, department_since varchar)",
    # Of what is delivered the segments ask for orders.
    "row_accounts": "create table {row_accounts} as select 'demo' as source,"
    " 'orders' as entity, 'accepted' as outcome, cast(1 as bigint) as rows",
    # What other ladders compare is null.
    "pyramid_ranks": "create table {pyramid_ranks} (as_of_date date, ruleset varchar,"
    " profit_amount decimal(18, 2), profit_share_before decimal(9, 4),"
    " top_share_before decimal(9, 4))",
    "membership_inputs": "create table {membership_inputs} (customer_sk ubigint,"
    " as_of_date date, ruleset varchar, diamond_unearned_days integer,"
    " platinum_unearned_days integer, gold_unearned_days integer,"
    " silver_unearned_days integer)",
    "private_domain_behaviours": "create table {private_domain_behaviours}"
    " (customer_sk ubigint, as_of_date date, ruleset varchar, behaviour varchar)",
}
MADE_FROM = {
    "customer_measures": [
        "customer_bridge", "as_of_dates", "measures_purchase", "measures_money",
    ],
}  # fmt: skip
KEYS = {"customer_sk", "as_of_date", "scope_id"}


def slice_nodes(manifest: Path, results: Sequence[Path]) -> dict[str, Any]:
    """What the slice runs, from a full run: names, relations and SQL, parents first."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    built = read_results(results)
    ids = {node["name"]: unique_id for unique_id, node in nodes.items()
           if node["resource_type"] in ("model", "seed")}  # fmt: skip
    relations, models, policy = {}, [], []

    def visit(name: str) -> None:
        if name in relations:
            return
        node = nodes[ids[name]]
        relations[name] = node["relation_name"]
        if node["fqn"][1] == POLICY or node["schema"] == POLICY:
            policy.append(name)
            return
        sql = built[ids[name]]["sql"] if name not in STAND_INS else ""
        for parent in MADE_FROM.get(name, []) if name in STAND_INS else _read_by(node, sql):
            visit(parent)
        is_view = node["config"]["materialized"] == "view" and name != TARGET
        models.append([name, "view" if is_view else "table", sql])

    def _read_by(node: dict[str, Any], sql: str) -> list[str]:
        """Parents that a full build reads: not those that a refresh asks for the touched."""
        parents = (nodes.get(key) for key in node["depends_on"]["nodes"])
        return [one["name"] for one in parents if one and one["relation_name"] in sql]

    visit(TARGET)
    above = _ancestors(nodes, ids[TARGET]) & built.keys()
    return {
        "relations": relations,
        "models": models,
        "policy": policy,
        "built": {
            "models": len(above),
            "node_seconds": round(sum(built[name]["seconds"] for name in sorted(above)), 2),
        },
    }


def _ancestors(nodes: dict[str, Any], name: str) -> set[str]:
    """A model and all models that it stands on, in the project as it is."""
    found, waiting = set(), [name]
    while waiting:
        name = waiting.pop()
        if name not in found and nodes.get(name, {}).get("resource_type") == "model":
            found.add(name)
            waiting += nodes[name]["depends_on"]["nodes"]
    return found


def main(warehouse: Path, first: Path, nodes: Path, threads: int, output: Path) -> None:
    """Run the slice once, print its seconds, and keep its scores for comparison."""
    wanted = json.loads(nodes.read_text(encoding="utf-8"))
    relations = wanted["relations"]
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute("attach ':memory:' as strata")
        for schema in {relation.split(".")[1] for relation in relations.values()}:
            connection.execute(f"create schema if not exists strata.{schema}")
        day = _copy_policy(warehouse, wanted, connection)
        connection.execute("use strata")
        raw = {f"raw_{name}": relation for name, relation in _raw(first).items()}
        spent = {}
        started = time.perf_counter()
        for name, kind, sql in wanted["models"]:
            before = time.perf_counter()
            if name in STAND_INS:
                measures = _measures(connection, wanted) if name == "customer_measures" else ""
                names = {**relations, **raw, "day": day, "measures": measures}
                connection.execute(STAND_INS[name].format(**names))
            else:
                connection.execute(f"create {kind} {relations[name]} as {sql}")
            spent[name] = round(time.perf_counter() - before, 3)
        before = time.perf_counter()
        connection.execute(
            "create table strata.scored as select customer_id, recency_score as r,"
            " frequency_score as f, monetary_score as m, tier as segment"
            f" from {relations['tier_scores']} inner join {relations[TARGET]}"
            " using (customer_sk, as_of_date, ruleset)"
            f" inner join {relations['customer_bridge']} using (customer_sk)"
        )
        spent["ids"] = round(time.perf_counter() - before, 3)
        seconds = time.perf_counter() - started
        connection.execute(
            f"copy (from strata.scored order by customer_id) to '{output}' (format parquet)"
        )
        (buyers,) = connection.execute("select count(*) from strata.scored").fetchone()
    answer = {"seconds": seconds, "customers": buyers, "as_of_date": str(day), "models": spent}
    print(json.dumps(answer))


def _copy_policy(
    warehouse: Path, wanted: dict[str, Any], connection: duckdb.DuckDBPyConnection
) -> Any:
    """Thresholds and names as they were built; the day that was built."""
    relations = wanted["relations"]
    with duckdb.connect(str(warehouse), read_only=True) as built:
        for name in wanted["policy"]:
            rows = built.execute(f"from {relations[name]}").to_arrow_table()  # noqa: F841
            connection.execute(f"create table {relations[name]} as from rows")
        (day,) = built.execute(
            f"select max(as_of_date) from {relations['as_of_dates']}"
        ).fetchone()
    return day


def _measures(connection: duckdb.DuckDBPyConnection, wanted: dict[str, Any]) -> str:
    """The columns of customer_measures that scores read, from where they are measured."""
    readers = [
        sql for name, _, sql in wanted["models"] if name in ("tier_scores", "tier_inputs")
    ]
    names = sorted(set(re.findall(r"\bmeasures\.(\w+)", " ".join(readers))) - KEYS)
    held = {
        alias: {
            row[0]
            for row in connection.execute(
                f"describe {wanted['relations'][f'measures_{alias}']}"
            ).fetchall()
        }
        for alias in ("purchase", "money")
    }

    def column(name: str) -> str:
        for alias, columns in held.items():
            if name in columns:
                is_counted = name.rpartition("_")[2] in ("lifetime", *map(str, range(1000)))
                of = f"{alias}.{name}"
                return f"coalesce({of}, 0) as {name}" if is_counted else of
        return f"cast(null as integer) as {name}"

    return ", ".join(map(column, names))


def _raw(first: Path) -> dict[str, str]:
    chunks = "" if (first / "orders.parquet").exists() else "_[0-9]*"
    return {
        name: f"read_parquet('{first}/{feed}{chunks}.parquet')"
        for name, feed in (
            ("orders", "orders"), ("items", "order_items"), ("refunds", "refunds"),
            ("customers", "customers"),
        )
    }  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]),
         Path(sys.argv[5]))  # fmt: skip
