"""The report's section on high-value actions: there with its marts, gone without."""

from pathlib import Path

import duckdb
import pytest

from report_marts import build_marts, create_marts
from report_marts import section as section_of
from strata.report import write_report

DAY = "date '2025-12-31' as as_of_date, 'medical_aesthetics' as ruleset"

UPLIFT = f"""
insert into mart_action_uplift by name
select
    {DAY}, *, pairs as matched_customers, pairs < 30 as is_sample_too_small,
    case when pairs < 30 then 'Too few pairs.' end as warning_en,
    case when pairs < 30 then '配对太少。' end as warning_zh,
    case when pairs < 30 then 1 else 16 end as takers_one_in, 1 as candidates_one_in,
    2000 as after_taken_amount, 1300 as after_matched_amount, 3 as matches_who_followed
from (values
    ('first_annual_card', 'First annual card', '首次开年卡', 50, 40, 700, 690, 710),
    ('first_referral', 'First referral', '首次转介绍', 9, 7, 10, -5, 25),
    ('first_surgery', 'First surgery', '首次手术', 0, 0, null, null, null)
) as actions (
    action, label_en, label_zh, customers_taken, pairs,
    uplift_amount, uplift_low_amount, uplift_high_amount
)
"""

CURVES = f"""
insert into mart_action_curves by name
select
    {DAY}, action, month_offset, 7 as pairs,
    100 + case when month_offset > 0 then 58 else 0 end as taken_amount,
    100 as matched_amount
from range(-6, 13) as months (month_offset)
cross join (values ('first_annual_card'), ('first_referral')) as actions (action)
"""


def report(directory: Path, *statements: str, marts: bool = True) -> str:
    """The report over marts with the contract's columns, filled by the statements."""
    file = build_marts(directory / "marts.duckdb")
    with duckdb.connect(str(file)) as connection:
        if marts:
            create_marts(connection, "mart_action_uplift", "mart_action_curves")
        for statement in statements:
            connection.execute(statement)
    return write_report(file, file.with_name("report.html")).read_text("utf-8")


def section(page: str) -> str:
    return section_of(page, "high_value_actions")


@pytest.mark.parametrize("marts", [True, False])
def test_without_its_marts_or_rows_the_section_is_left_out(tmp_path: Path, marts: bool) -> None:
    page = report(tmp_path, marts=marts)
    assert not section(page)
    assert "#high_value_actions" not in page
    assert 'id="rfm"' in page


def test_the_section_says_what_was_seen_and_what_it_is_not(tmp_path: Path) -> None:
    shown = section(report(tmp_path, UPLIFT, CURVES))
    assert "This is observed, not proof" in shown
    assert "这是观察，不是证明" in shown
    assert "40 pairs, 12 months after" in shown
    assert "a difference of ¥700 (interval ¥690 to ¥710)" in shown
    assert shown.count("1 in 16 of who took it, with 1 in 1 of who may be matched") == 1
    # Two actions with curves, each drawn once a language; the third has no pairs.
    assert shown.count("<svg") == 4
    assert shown.count("The interval lies above 0") == 1
    assert shown.count("The interval includes 0") == 1
    assert shown.count("Too few pairs.") == shown.count("配对太少。") == 1
    assert shown.count("No pairs yet") == 1


def test_a_file_published_before_there_were_draws_is_shown(tmp_path: Path) -> None:
    without = [
        f"alter table mart_action_uplift drop column {side}_one_in"
        for side in ("takers", "candidates")
    ]
    shown = section(report(tmp_path, UPLIFT, CURVES, *without))
    assert "40 pairs, 12 months after" in shown
    assert "a draw of them" not in shown


def test_actions_without_any_pair_say_why(tmp_path: Path) -> None:
    shown = section(report(tmp_path, UPLIFT, "update mart_action_uplift set pairs = 0"))
    assert "No pairs to compare yet" in shown
    assert "<svg" not in shown
