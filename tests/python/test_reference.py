"""The rulebook's own answers (tests/python/reference) against the marts, customer by customer.

The real shops are held against it in their own files, over the builds that these make.
"""

import os
from pathlib import Path

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
