"""The tier book: everything that decides a tier is in it, as it holds."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser

from builder import Chain, copy_project
from strata.book import write_book
from strata.book.words import amount, source
from strata.errors import StrataError
from strata.settings import load_settings
from test_report import LANGUAGES, SHOWN_TEXT, browser, browser_test

__all__ = ["browser"]

TODAY = "2025-06-30"
ROWS = """\
medical_aesthetics,rfm_active_within_days,clinic,north,60,days,2000-01-01,ours,test
medical_aesthetics,rfm_churned_after_days,chain,*,400,days,2025-07-01,ours,test
medical_aesthetics,rfm_fan_min_purchases,chain,*,5,purchases,2025-06-30,ours,test
"""
READ = (
    "path:seeds/policy", "path:models/policy", "tier_rungs", "tier_rules",
)  # fmt: skip


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The rules, built without a single customer: the book reads nothing else."""
    directory = tmp_path_factory.mktemp("book")
    chain = Chain(directory, copy_project(directory))
    seed = chain.project_dir / "seeds/policy/thresholds.csv"
    seed.write_text(seed.read_text(encoding="utf-8") + ROWS, encoding="utf-8")
    chain.settings.warehouse_dir.mkdir()
    # No row is there to find a day by.
    chain.change(
        "create schema measures",
        f"create table measures.as_of_dates as select date '{TODAY}' as as_of_date",
    )
    chain.build("--select", *READ, tests=False, as_of_date=TODAY)
    with duckdb.connect(str(chain.settings.next_marts)) as marts:
        marts.execute(
            "create or replace table mart_customer_tiers as select"
            f" 'medical_aesthetics' as ruleset, date '{TODAY}' as as_of_date"
        )
    return chain


@pytest.fixture(scope="module")
def book(chain: Chain) -> Path:
    return write_book(chain.settings, chain.settings.book_file)


def seed_rows(chain: Chain, name: str) -> Iterator[dict[str, str]]:
    with (chain.project_dir / f"seeds/policy/{name}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def sections(book: Path) -> dict[str, str]:
    parts = re.split(r'<section id="(\w+)"', book.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_model_rung_and_threshold_is_in_it(chain: Chain, book: Path) -> None:
    page, said = book.read_text(encoding="utf-8"), sections(book)
    for model in seed_rows(chain, "tier_models"):
        for column in ("label_en", "label_zh", "question_en", "question_zh"):
            assert model[column].replace("'", "&#39;") in said[model["model"]]
    for tier in seed_rows(chain, "tiers"):
        assert f'data-tier="{tier["tier"]}"' in said[tier["model"]], tier
        assert tier["label_zh"] in said[tier["model"]]
    missing = [
        row["threshold"]
        for row in seed_rows(chain, "thresholds")
        if f'data-threshold="{row["threshold"]}"' not in page
    ]
    assert missing == []


def test_rungs_stand_in_the_order_in_which_they_are_tried(book: Path) -> None:
    """Rulebook 3.17: super first, then who left, then the rest."""
    assert re.findall(r'data-tier="(\w+)"', sections(book)["final"]) == [
        "super", "churned", "dormant", "core", "repeat", "developing", "trial", "potential",
    ]  # fmt: skip


def test_values_are_those_in_force_with_exceptions_and_what_begins_later(book: Path) -> None:
    said = sections(book)["rfm_recency"]
    assert "days since the last purchase ≤ 90" in said
    assert "clinic north: 60 days" in said
    assert "from 2025-07-01: 400 days" in said
    assert "purchases in 365 days ≥ 5" in sections(book)["rfm_frequency"]
    assert "department surgery: 90 days" in sections(book)["lifecycle"]


def test_the_source_of_each_number_is_named(book: Path) -> None:
    lifecycle = sections(book)["lifecycle"]
    for name, said in (("loyal_min_days", "article 001"), ("lost_from_days", "ours")):
        at = lifecycle.index(f'data-threshold="lifecycle_{name}"')
        assert said in lifecycle[at : at + 400]
    # Numbers that make scores are listed with the model that the scores decide.
    assert 'data-threshold="rfm2_breadth_weight"' in sections(book)["rfm2"]


def test_the_same_rules_make_the_same_page(chain: Chain, book: Path, tmp_path: Path) -> None:
    again = write_book(chain.settings, tmp_path / "again.html")
    assert again.read_bytes() == book.read_bytes()
    assert re.findall(r"(?:src|href)=\"(?!#|data:)", book.read_text(encoding="utf-8")) == []


def test_nothing_built_is_said(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    with pytest.raises(StrataError, match="no warehouse yet"):
        write_book(settings, tmp_path / "book.html")
    duckdb.connect(str(settings.database)).close()
    with pytest.raises(StrataError, match="Nothing is built"):
        write_book(settings, tmp_path / "book.html")


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        ("500000", "cny", "¥50.0万", "¥500,000"),
        ("0.15", "share", "15%", "15%"),
        ("30.0000", "percent", "30%", "30%"),
        ("1", "purchases", "1 次", "1 purchases"),
        ("7", "index", "7", "7"),
    ],
)
def test_a_value_is_written_with_its_unit(value: str, unit: str, zh: str, en: str) -> None:
    from decimal import Decimal

    said = amount(Decimal(value), unit)
    assert (said.zh, said.en) == (zh, en)


def test_several_articles_are_named() -> None:
    assert source("002, 003").zh == "文章 002、003"


@browser_test
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1200])
def test_opens_from_disk_in_both_languages_and_fits(
    browser: Browser, book: Path, language: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{book.as_uri()}#{language}")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    other = next(each for each in LANGUAGES if each != language)
    assert not [each for each in page.evaluate(SHOWN_TEXT) if each["lang"] == other]
    page.close()
