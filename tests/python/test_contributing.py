"""CONTRIBUTING's example of a new source, followed to the letter."""

import re
from pathlib import Path

import pytest

from builder import OUTPUTS, Chain, copy_project
from strata.landing import load_directory
from strata.settings import PROJECT_DIR

CLIENTS = """Client,Name,Mobile,Since,Clinic
c1,李,13800138000,03/05/2025,north
c2,王,,02/30/2025,north
"""
RECEIPTS = """No,Line,Client,Day,Item,Paid
r1,1,c1,06/01/2025,facial,"1,200.00"
r1,2,c1,06/01/2025,mask,80
r2,1,c1,06/31/2025,facial,100
"""


def follow(project: Path) -> None:
    """Write what the section "Adding a source" says to write."""
    guide = (PROJECT_DIR / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = guide.split("## Adding a source")[1].split("\n## ")[0]
    folder = project / "models/staging/his"
    folder.mkdir()
    written = []
    for block in re.finditer(r"^ +```(yaml|sql)\n(.*?)^ +```$", section, re.S | re.M):
        named = re.findall(
            r"`(?:models/staging/his/)?(\w+\.(?:yml|sql))`", section[: block.start()]
        )
        text = re.sub(r"^   ", "", block.group(2), flags=re.M)
        (folder / named[-1]).write_text(text, encoding="utf-8")
        written.append(named[-1])
    assert len(set(written)) == len(written) == 5, written
    line = re.search(r"`(his: \[.*?\])`", section).group(1)
    settings = project / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    assert "  source_feeds:\n" in text
    settings.write_text(text.replace("  source_feeds:\n", f"  source_feeds:\n    {line}\n"))


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    directory = tmp_path_factory.mktemp("his")
    project = copy_project(directory)
    follow(project)
    files = directory / "delivery"
    files.mkdir()
    (files / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    (files / "receipts_2025.csv").write_text(RECEIPTS, encoding="utf-8")
    chain = Chain(directory, project)
    chain.settings.warehouse_dir.mkdir()
    load_directory(chain.settings, "his", files, project_dir=project)
    chain.build("--exclude", *OUTPUTS, sources=["his"])
    return chain


def test_the_new_source_is_tiered(chain: Chain) -> None:
    rows = chain.query(
        "select purchases_lifetime, net_amount_lifetime, first_purchase_date::varchar"
        " from marts.mart_customer_tiers"
    )
    assert [(n, float(amount), day) for n, amount, day in rows] == [(1, 1280.0, "2025-06-01")]


def test_what_does_not_convert_is_rejected_under_its_own_column(chain: Chain) -> None:
    rows = chain.query(
        "select raw_table, row_number, rule, column_name from entities.rejected_rows"
        " where rule = 'unparsable_value' order by all"
    )
    assert rows == [("receipts", 4, "unparsable_value", "Day")]
    cells = chain.query(
        "select raw_table, row_number, rule, column_name from entities.flagged_cells"
    )
    assert cells == [("clients", 3, "unparsable_value", "Since")]


def test_a_column_left_out_is_named_with_the_way_out(chain: Chain) -> None:
    model = chain.project_dir / "models/staging/his/stg_his__customers.sql"
    text = model.read_text(encoding="utf-8")
    model.write_text(text.replace("'system': 'none',", ""), encoding="utf-8")
    done = chain.dbt("build", "--select", "+customers", sources=["his"])
    assert done.returncode != 0
    assert "stg_his__customers lacks the column system" in done.stdout


def test_a_column_that_a_raw_table_lacks_is_named_with_the_way_out(chain: Chain) -> None:
    declared = chain.project_dir / "models/staging/demo/_demo__sources.yml"
    text = declared.read_text(encoding="utf-8")
    declared.write_text(text.replace("- name: motivation", "- name: motive"), encoding="utf-8")
    done = chain.dbt("compile", "--select", "customers_checked", sources=["demo"])
    assert done.returncode != 0
    assert "The raw table customers of demo lacks the column motivation" in done.stdout
