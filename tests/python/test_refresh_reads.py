"""What a refresh reads, and what its tests ask: the customers whom news touch, once a table."""

import re
from collections import Counter
from pathlib import Path

import pytest

from builder import Chain
from strata.errors import StrataError
from strata.options import RunOptions, read_project
from strata.refresh import EVERYBODY, plan_build

SOURCES = ["demo"]
# One of the project's own, and one that dbt made from a declaration.
TESTS = [
    "intervals_agree_with_lifecycle",
    "unique_combination_fct_lifecycle_intervals_customer_key__valid_from",
]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """Three customers; everything was built, then one of them bought again."""
    chain = Chain(tmp_path_factory.mktemp("reads"))
    chain.product("facial")
    for number in range(3):
        chain.customer(f"c{number}")
        chain.order(f"c{number}", "2024-03-14")
    chain.load()
    chain.build_in_full()
    chain.order("c1", "2024-03-14")
    chain.load()
    return chain


def test_a_refresh_looks_through_a_table_once_for_each_model(chain: Chain) -> None:
    dbt = read_project(chain.settings, RunOptions())
    variables = plan_build(chain.settings, dbt, SOURCES).variables
    dbt.refresh("--exclude-resource-type", "test", **variables)
    read = {
        file.stem: Counter(re.findall(r'select \* from ("\w+"\."\w+"\."\w+") where', text))
        for file in Path(chain.settings.target_dir, "run", "strata", "models").rglob("*.sql")
        if "refresh.touched__" in (text := file.read_text("utf-8"))
    }
    assert len(read) > 50
    # It reads the snapshots for each tier model, and the feeds through four views.
    assert {"mart_tier_history", "customer_pairs"} < read.keys()
    assert {name: tables for name, tables in read.items() if set(tables.values()) != {1}} == {}


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize(
    ("noted", "found"), [("nobody", []), ("c1", ["c1"]), ("everybody", ["c0", "c1"])]
)
def test_tests_ask_about_the_customers_whose_rows_changed(
    chain: Chain, name: str, noted: str, found: list[str]
) -> None:
    dbt = read_project(chain.settings, RunOptions())
    keys = dict(chain.query("select customer_id, customer_key from customers.customer_bridge"))
    both = f"customer_key in ('{keys['c0']}', '{keys['c1']}')"
    intervals = "marts.fct_lifecycle_intervals"
    told = [EVERYBODY if noted == "everybody" else keys[noted]] if found else []
    chain.change(
        # A second stage on the same day, which no refresh computed.
        f"insert into {intervals} by name"
        f" select * replace ('no_such_stage' as stage) from {intervals} where {both}",
        "delete from refresh.customer_changes",
        *(
            f"insert into refresh.customer_changes values ('fct_lifecycle_intervals', '{key}')"
            for key in told
        ),
    )
    variables = plan_build(chain.settings, dbt, SOURCES).variables
    try:
        if found:
            with pytest.raises(StrataError, match=name):
                dbt.refresh("--select", name, **variables)
            [(stored,)] = chain.query(
                "select table_name from duckdb_tables() where schema_name = 'audit'"
                f" and starts_with(table_name, '{name[:30]}')"
            )
            failing = chain.query(f"select distinct customer_key from audit.{stored}")
            assert {key for (key,) in failing} == {keys[customer] for customer in found}
        else:
            dbt.refresh("--select", name, **variables)
        left = "from duckdb_tables() where starts_with(table_name, 'touched__')"
        assert chain.query(left) == []
    finally:
        chain.change(f"delete from {intervals} where stage = 'no_such_stage'")
