"""Large tables computed for one part of the customers after the other (meta.in_parts)."""

import json
from pathlib import Path

import pytest

from builder import Chain
from strata.dbt import Dbt


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """Forty customers who bought, were treated and got money back, of whom April is in history;
    then it showed that ten of them are five persons.
    """
    chain = Chain(tmp_path_factory.mktemp("parts"))
    chain.product("facial")
    chain.product("laser", "energy_device")
    for number in range(40):
        chain.customer(f"c{number}", phone=f"1380000{number:04}", is_phone_verified="true")
        for month in range(1, number % 7 + 1):
            product = "laser" if month % 2 else "facial"
            order = chain.order(f"c{number}", f"2024-0{month}-1{number % 10}", 900, product)
            if month == 3:
                chain.refund(order, "2024-06-20", 900 if number % 2 else 100)
        if number % 3 == 0:
            chain.visit(f"c{number}", f"2024-05-{number % 28 + 1:02}")
    chain.load()
    chain.build("--select", "+customer_snapshots", tests=False, as_of_date="2024-04-30")
    for number in range(1, 10, 2):
        phone = f"1380000{number - 1:04}"
        chain.customer(f"c{number}", phone=phone, is_phone_verified="true")
    chain.load()
    return chain


def inserts(chain: Chain, model: str) -> int:
    """How many parts came after the first one, by what dbt ran for a model."""
    (file,) = Path(chain.settings.target_dir, "run").rglob(f"{model}.sql")
    return file.read_text("utf-8").count(" by name select ")


def models_with(chain: Chain, flag: str) -> list[dict]:
    """The models with a flag in their meta, as dbt knows them."""
    manifest = json.loads((chain.settings.target_dir / "manifest.json").read_text("utf-8"))
    nodes = manifest["nodes"].values()
    return [node for node in nodes if node["config"].get("meta", {}).get(flag)]


def built(chain: Chain, customers_per_part: int) -> dict[str, list[tuple]]:
    """The tables that are computed in parts, built with all that they read."""
    dbt = Dbt(chain.settings, {"customers_per_part": customers_per_part})
    dbt.parse()
    tables = models_with(chain, "in_parts")
    # What may be computed again by customer may be computed by customers at all.
    assert {node["config"]["meta"]["recompute"] for node in tables} == {"customer"}
    dbt.build_models(*(f"+{node['name']}" for node in tables))
    return {
        node["name"]: chain.query(f"select * from {node['schema']}.{node['name']} order by all")
        for node in tables
    }


def test_tables_in_parts_have_the_rows_of_one_computation(chain: Chain) -> None:
    whole = built(chain, customers_per_part=40)
    assert "customer_snapshots" in whole  # a table of history: the second build keeps it
    assert all(whole.values())
    merged = "select was_known, is_known, count(*) from history.customer_pairs where is_merged"
    assert chain.query(f"{merged} group by all order by all") == [
        (True, False, 5), (True, True, 5),
    ]  # fmt: skip
    assert {inserts(chain, name) for name in whole} == {0}
    # 40 records, 9 at a time.
    assert built(chain, customers_per_part=9) == whole
    assert {inserts(chain, name) for name in whole} == {4}


def test_tables_lie_in_the_order_that_they_say(chain: Chain) -> None:
    built(chain, customers_per_part=0)
    stored = models_with(chain, "stored_by")
    assert {"paid_orders", "customer_snapshots"} < {node["name"] for node in stored}
    for node in stored:
        columns = ", ".join(node["config"]["meta"]["stored_by"])
        table = f"{node['schema']}.{node['name']}"
        rows = chain.query(f"select {columns} from {table} order by rowid")
        assert len(rows) > 10
        assert rows == sorted(rows), node["name"]
