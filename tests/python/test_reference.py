"""The rulebook's own answers (tests/python/reference) against the marts, customer by customer.

The real shops are held against it in their own files, over the builds that these make.
"""

import os
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from builder import Chain
from reference.compare import PROJECT, differences
from reference.rulebook import Numbers
from strata.demo import generate
from strata.landing import load_directory

THRESHOLDS = PROJECT / "seeds" / "policy" / "thresholds.csv"


def test_the_project_s_numbers_are_the_rulebook_s() -> None:
    assert Numbers(THRESHOLDS).differing() == {}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo that ./scripts/test builds: 2,000 customers; by itself a smaller one."""
    if built := os.environ.get("STRATA_DEMO_WAREHOUSE"):
        return Path(built)
    directory = tmp_path_factory.mktemp("reference")
    chain = Chain(directory)
    generate(directory / "demo", 300)
    chain.settings.next_marts.parent.mkdir(parents=True)
    load_directory(chain.settings, "demo", directory / "demo")
    chain.build("--select", "+path:models/marts", tests=False)
    return chain.settings.warehouse_dir


def test_every_answer_is_the_rulebook_s(warehouse: Path) -> None:
    marts = warehouse / "next" / "marts.duckdb"
    found = [*map(str, differences(warehouse / "strata.duckdb", marts))]
    assert not found, "\n".join([f"{len(found)} differences", *found[:20]])


def test_the_front_desk_s_customers_are_who_they_are(warehouse: Path) -> None:
    """The demo's odd cases (scripts/strata/demo/desk.py): who is whose twin, what counts."""
    with duckdb.connect(str(warehouse / "strata.duckdb"), read_only=True) as built:
        rows = built.execute(
            "select customer_id, customer_key, purchases_lifetime, net_amount_lifetime,"
            " days_since_purchase, member_tier from customers.customer_bridge"
            " join tiers.customer_tiers using (customer_key)"
            " where customer_id like 'F%' or customer_id like '1.%'"
        ).fetchall()
    person = {row[0]: row[1] for row in rows}
    fact = {row[0]: row[2:] for row in rows}
    strangers = [f"F0{number}" for number in range(9)]
    assert len({person[name] for name in strangers}) == len(strangers)
    assert person["F09"] == person["F10"]
    assert person["FOLD12"] == person["F12"]
    assert "1.00234E+11" not in person
    assert fact["F12"][:2] == (2, Decimal(13_600))
    assert fact["F14"][:2] == (2, Decimal(5_360))
    assert fact["F15"][0] == 1
    assert fact["F16"][2] == 61
    assert fact["F17"][:2] == (2, Decimal(1_680))
    assert fact["F18"] == (0, Decimal(0), None, "bronze")
