"""CONTRIBUTING's new rung and new tier model to the letter, and each step forgotten."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from builder import OUTPUTS, Chain, copy_project
from strata.book import write_book
from strata.settings import PROJECT_DIR

TODAY = "2025-06-30"
MART = "models/marts/mart_customer_tiers.yml"
COLUMNS_LAST = (MART, "models/tiers/customer_tiers.yml")  # columns stand at the end


def steps() -> list[tuple[str, str]]:
    """The guide's code blocks, each with the file that the text before it names last."""
    guide = (PROJECT_DIR / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = guide.split("## Adding a rung, or a whole tier model")[1].split("\n## ")[0]
    found = []
    for block in re.finditer(r"^   ```(?:sql|yaml|csv)\n(.*?)^   ```$", section, re.S | re.M):
        named = re.findall(r"`((?:models|seeds)/[\w/]+\.\w+)`", section[: block.start()])
        found.append((named[-1], re.sub(r"^   ", "", block.group(1), flags=re.M)))
    return found


def follow(project: Path) -> None:
    """Write what the guide says to write, where it says to."""
    done = steps()
    assert len(done) == 10
    for name, block in done:
        file = project / name
        if name.endswith("tier_rfm_depth.sql"):
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace("    rungs=[\n", "    rungs=[\n" + block))
        elif name.endswith(".csv"):
            write_rows(file, block)
        elif name in COLUMNS_LAST:
            file.write_text(file.read_text(encoding="utf-8") + block, encoding="utf-8")
        else:
            assert not file.exists(), name
            file.parent.mkdir(exist_ok=True)
            file.write_text(block, encoding="utf-8")
    settings = project / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    assert "  tier_models: [" in text
    settings.write_text(text.replace("  tier_models: [", "  tier_models: [visit_class, "))


def write_rows(seed: Path, block: str) -> None:
    """Rows that are new go to the end; those of a model and tier that is there replace it."""
    lines = seed.read_text(encoding="utf-8").splitlines()
    rows = list(csv.reader(lines))
    for line, row in zip(block.splitlines(), csv.reader(block.splitlines()), strict=True):
        there = [n for n, old in enumerate(rows) if old[:2] == row[:2]]
        if there and seed.name == "tiers.csv":
            lines[there[0]] = line
        else:
            lines.append(line)
    seed.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    directory = tmp_path_factory.mktemp("guide")
    project = copy_project(directory)
    follow(project)
    chain = Chain(directory, project)
    for category in ("a", "b", "c", "d", "e"):
        chain.product(category, f"category_{category}")
    for name, categories, visits in (
        ("broad", "abcde", 3),
        ("multi", "abcd", 2),
        ("none", "", 0),
    ):
        chain.customer(name)
        for product in categories:
            chain.order(name, "2025-06-01", product_id=product)
        for day in range(visits):
            chain.visit(name, f"2025-06-1{day}")
    chain.load()
    chain.build("--exclude", *OUTPUTS, tests=False, as_of_date=TODAY)
    done = chain.dbt("test", "--select", "tier_visit_class", "tier_rfm_depth", *CHECKS)
    assert done.returncode == 0, done.stdout[-4000:]
    return chain


def test_the_new_rung_and_the_new_model_place_the_customers(chain: Chain) -> None:
    rows = chain.query(
        "select customer_id, rfm_depth_tier, visit_class_tier from marts.mart_customer_tiers"
        " join customers.customer_bridge using (customer_key) order by customer_id"
    )
    assert rows == [
        ("broad", "broad", "regular"),
        ("multi", "multi", "occasional"),
        ("none", "none", "absent"),
    ]


def test_the_long_mart_and_the_book_take_it_up(chain: Chain, tmp_path: Path) -> None:
    rows = chain.query(
        "select model_label_zh, tier_label_zh, count(*) from marts.mart_tier_membership"
        " where model = 'visit_class' group by all order by min(tier_rank)"
    )
    assert rows == [
        ("到院频次分层", "常客", 1),
        ("到院频次分层", "偶尔到院", 1),
        ("到院频次分层", "未到院", 1),
    ]
    book = write_book(chain.settings, tmp_path / "book.html").read_text("utf-8")
    for said in ("How often do they come?", "visit_class_regular_min_visits", "全品类"):
        assert said in book


def broken_copy(chain: Chain, directory: Path) -> Chain:
    """The same project and warehouse, to forget something in."""
    copy = Chain(directory, directory / "project")
    shutil.copytree(chain.project_dir, copy.project_dir)
    shutil.copytree(chain.settings.warehouse_dir, copy.settings.warehouse_dir)
    return copy


def forget(file: Path, beginning: str) -> None:
    """Take out the lines that begin so."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    left = [line for line in lines if not line.strip().startswith(beginning)]
    assert len(left) < len(lines)
    file.write_text("".join(left), encoding="utf-8")


CHECKS = ("thresholds_used_and_defined", "tiers_match_ladders", "tier_models_agree")


def check(chain: Chain) -> dict[str, list[tuple]]:
    """The failing rows of each test that guards a step, over the seeds as they are now."""
    # Two commands: `dbt build` would skip a test whose parents failed another.
    chain.dbt("seed", "--select", "thresholds", "tiers", "tier_models")
    chain.dbt("test", "--store-failures", "--select", *CHECKS)
    return {name: chain.failing_rows(name) for name in CHECKS}


def test_forgotten_seed_rows_are_named(chain: Chain, tmp_path: Path) -> None:
    broken = broken_copy(chain, tmp_path)
    seeds = broken.project_dir / "seeds/policy"
    forget(seeds / "thresholds.csv", "medical_aesthetics,rfm_broad_min_categories")
    forget(seeds / "tiers.csv", "visit_class,absent")
    forget(seeds / "tier_models.csv", "visit_class")
    assert check(broken) == {
        "thresholds_used_and_defined": [("rfm_broad_min_categories", None)],
        "tiers_match_ladders": [("visit_class", "absent", None, None)],
        "tier_models_agree": [("visit_class", "everybody", None, None)],
    }


def test_a_forgotten_name_or_column_is_named(chain: Chain, tmp_path: Path) -> None:
    broken = broken_copy(chain, tmp_path)
    mart = broken.project_dir / MART
    text = mart.read_text(encoding="utf-8")
    mart.write_text(text[: text.index("      - name: visit_class_tier")], encoding="utf-8")
    done = broken.dbt("run", "--select", "mart_customer_tiers")
    assert done.returncode != 0
    assert "contract" in done.stdout
    assert "visit_class_tier" in done.stdout
    settings = broken.project_dir / "dbt_project.yml"
    settings.write_text(settings.read_text("utf-8").replace("[visit_class, ", "["))
    assert (None, None, "visit_class", "everybody") in check(broken)["tier_models_agree"]
