"""Strata's RFM slice alone: raw Parquet to scores and segments, by the project's own SQL.

What the full build compiled for `tier_rfm_segment` and for the models that it stands on is run
once more, in memory, over the Parquet files of the first load.

In: reading the files, orders with their lines and refunds, purchases and money in all windows,
cut points, scores, the mean above which a score is high, the eight segments.
Out, for the peers just as well: what orders cost and hold beside their price, landing, typing
and checking rows (the files are typed), the order in which the warehouse stores rows, telling
which records are one person (each record counts for itself), a clinic's own thresholds (the
chain's hold), and dbt's own time. `customer_measures` holds here what the slice reads.

    python -m strata.bench.rfm_slice WAREHOUSE FIRST NODES THREADS OUTPUT
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

TARGET = "tier_rfm_segment"
POLICY = "policy"
# What stands in for the rooms that are out; in the order in which they are made.
STAND_INS = {
    "orders": "create view {orders} as select 'demo' as source, * from {raw_orders}",
    "order_items": "create view {order_items} as select 'demo' as source, * from {raw_items}",
    "order_contents": "create view {order_contents} as select source, order_id,"
    " cast(sum(net_amount) as decimal(18, 2)) as paid_amount, null as list_amount,"
    " null as cost_amount, null as department from {order_items} group by source, order_id",
    "refunds": "create view {refunds} as select 'demo' as source, * from {raw_refunds}",
    "customer_bridge": "create table {customer_bridge} as select distinct 'demo' as source,"
    " customer_id, customer_id as customer_key from {raw_customers}"
    " where customer_id is not null",
    "as_of_dates": "create table {as_of_dates} as select date '{day}' as as_of_date",
    "customer_scopes": "create table {customer_scopes} as select customer_key, as_of_date,"
    " '*/*' as scope_id from {customer_bridge} cross join {as_of_dates}",
    "customer_measures": "create view {customer_measures} as select scopes.*,"
    " purchase.* exclude (customer_key, as_of_date), money.* exclude (customer_key, as_of_date)"
    " from {customer_scopes} as scopes left join {measures_purchase} as purchase"
    " using (customer_key, as_of_date) left join {measures_money} as money"
    " using (customer_key, as_of_date)",
}
MEASURES = ("measures_purchase", "measures_money")
MAKES = (
    "orders",
    "order_items",
    "refunds",
    "customer_bridge",
    "as_of_dates",
    "customer_scopes",
)


def slice_nodes(target: Path) -> dict[str, Any]:
    """What the slice runs, from the last build: names, relations and SQL, parents first."""
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    compiled = {result["unique_id"]: result.get("compiled_code") for result in results}
    ids = {node["name"]: unique_id for unique_id, node in manifest.items()
           if node["resource_type"] in ("model", "seed")}  # fmt: skip
    relations, models, policy = {}, [], []

    def visit(name: str) -> None:
        if name in relations:
            return
        node = manifest[ids[name]]
        relations[name] = node["relation_name"]
        if node["fqn"][1] == POLICY or node["schema"] == POLICY:
            policy.append(name)
            return
        if name in STAND_INS:
            parents = list(MEASURES) if name == "customer_measures" else []
        else:
            parents = [key.split(".")[2] for key in node["depends_on"]["nodes"]]
        for parent in parents:
            visit(parent)
        kind = node["config"]["materialized"]
        models.append([name, "view" if kind == "view" else "table", compiled[ids[name]]])

    for name in (*MAKES, TARGET, "rfm_scores"):
        visit(name)
    seconds = {result["unique_id"]: result["execution_time"] for result in results}
    above = _ancestors(manifest, ids[TARGET]) & seconds.keys()
    built = {
        "models": len(above),
        "node_seconds": round(sum(seconds[name] for name in sorted(above)), 2),
    }
    return {"relations": relations, "models": models, "policy": policy, "built": built}


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
        connection.execute(f"attach '{warehouse}' as built (read_only)")
        (day,) = connection.execute(
            f"select max(as_of_date) from {_built(relations['as_of_dates'])}"
        ).fetchone()
        for schema in {relation.split(".")[1] for relation in relations.values()}:
            connection.execute(f"create schema if not exists strata.{schema}")
        for name in wanted["policy"]:
            built = _built(relations[name])
            connection.execute(f"create table {relations[name]} as from {built}")
        connection.execute("detach built")
        connection.execute("use strata")
        raw = {f"raw_{name}": relation for name, relation in _raw(first).items()}
        spent = {}
        started = time.perf_counter()
        for name, kind, sql in wanted["models"]:
            before = time.perf_counter()
            if name in STAND_INS:
                connection.execute(STAND_INS[name].format(**relations, **raw, day=day))
            else:
                connection.execute(f"create {kind} {relations[name]} as {sql}")
            spent[name] = round(time.perf_counter() - before, 3)
        seconds = time.perf_counter() - started
        connection.execute(
            "copy (select customer_key as customer_id, recency_score as r,"
            " frequency_score as f, monetary_score as m, tier as segment"
            f" from {relations['rfm_scores']} inner join {relations[TARGET]}"
            " using (customer_key, as_of_date, ruleset) where recency_score is not null"
            f" order by customer_id) to '{output}' (format parquet)"
        )
        (buyers,) = connection.execute(f"select count(*) from '{output}'").fetchone()
    answer = {"seconds": seconds, "customers": buyers, "as_of_date": str(day), "models": spent}
    print(json.dumps(answer))


def _built(relation: str) -> str:
    return "built." + relation.split(".", 1)[1]


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
