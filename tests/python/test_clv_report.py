"""The report's section on customer value: with a backtest, without one, without buyers."""

import re
from pathlib import Path

import duckdb
import pytest

from report_marts import build_marts, create_marts
from strata.report import write_report

FIGURES = [
    # model, metric, band, figure, low, high
    ("mbg_gg", "mae", "all", 1000, 900, 1100),
    ("mbg_gg", "total_ratio", "all", 0.8, 0.7, 0.9),
    ("mbg_gg", "top_decile_capture", "all", 0.634, 0.6, 0.66),
    ("mbg_gg", "interval_coverage", "all", 0.91, 0.9, 0.92),
    ("mbg_gg", "tier_accuracy", "all", 0.95, 0.94, 0.96),
    ("mbg_gg", "precision", "super", 0.725, 0.6, 0.8),
    ("mbg_gg", "recall", "super", 0.5, 0.4, 0.6),
    ("mbg_gg", "new_precision", "super", 0.25, 0.1, 0.4),
    ("naive", "mae", "all", 1500, 1400, 1600),
    ("naive", "precision", "super", 0.655, 0.5, 0.7),
    ("perfect", "top_decile_capture", "all", 0.71, 0.7, 0.72),
    *(("mbg_gg", "predicted_mean", f"{n:02}", 110 - n * 10, 0, 200) for n in range(1, 11)),
    *(("mbg_gg", "actual_mean", f"{n:02}", 100 - n * 9, 0, 200) for n in range(1, 11)),
]


def section(marts: Path, language: str) -> str:
    """The section's words in one language, without tags."""
    html = write_report(marts, marts.with_name("report.html")).read_text("utf-8")
    (found,) = re.findall(r'<section id="value".*?</section>', html, re.S)
    other = {"zh": "en", "en": "zh"}[language]
    found = re.sub(rf'<(span|div) lang="{other}">.*?</\1>', "", found, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found))


@pytest.fixture
def marts(tmp_path) -> Path:
    """Published marts with the two marts of customer value, still empty."""
    file = build_marts(tmp_path / "marts.duckdb")
    with duckdb.connect(str(file)) as connection:
        create_marts(connection, "fct_customer_value", "mart_clv_backtest")
    return file


def test_without_a_backtest_it_says_how_to_get_one(marts):
    assert "strata backtest" in section(marts, "en")
    assert "strata backtest" in section(marts, "zh")


def test_marts_of_an_older_version_still_make_a_report(tmp_path):
    assert "strata backtest" in section(build_marts(tmp_path / "marts.duckdb"), "en")


def test_it_says_what_is_expected_and_how_far_it_came_true(marts):
    with duckdb.connect(str(marts)) as connection:
        connection.execute(
            "insert into fct_customer_value by name select customer_key, as_of_date,"
            " 100 as net_amount_lifetime, 400 as clv_amount, 150 as predicted_12m_amount,"
            " 'mbg_gg' as clv_basis from mart_customer_tiers limit 20"
        )
        for model, metric, band, *numbers in FIGURES:
            # An earlier origin must not be shown; the last one is.
            for day, add in (("2024-06-30", 7.0), ("2024-12-31", 0.0)):
                connection.execute(
                    "insert into mart_clv_backtest values"
                    " ('chain', ?, 365, ?, ?, ?, ?, ?, ?, 1234, '')",
                    [day, model, metric, band, *(number + add for number in numbers)],
                )
    english, chinese = section(marts, "en"), section(marts, "zh")
    assert "¥3,000" in english  # 20 × 150
    assert "¥8,000" in english  # 20 × 400
    assert "went back to 2024-12-31" in english
    assert "20.0% less than came" in english
    assert (
        "brought 63.4% of what was spent; knowing the future, the best possible is 71.0%"
        in english
    )
    assert "the formula had 65.5% right and the model 72.5% (interval 60.0%–80.0%)" in english
    assert "people not there yet the model had 25.0% right" in english
    assert "公式法有 65.5% 正确，模型有 72.5% 正确" in chinese
    assert "¥1,500" in english
    assert "2024-06-30" not in english
    assert "<svg" in marts.with_name("report.html").read_text("utf-8")
