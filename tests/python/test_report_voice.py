"""The report's section on what customers say: its sums, its words, and none to say."""

import re
from pathlib import Path

import duckdb
import pytest

from report_marts import build_marts, create_marts
from report_marts import section as section_of
from strata.report import write_report
from test_report import CHINESE, SHOWN_TEXT, browser, open_page  # noqa: F401 - a fixture

# The published day is 2025-12-31. In each month a place has this many comments of a topic:
# (clinic, tier, topic, months, comments, positive, negative).
TOLD = """
insert into mart_voice by name
select
    'medical_aesthetics' as ruleset, month_date, clinic_id, tier, topic,
    comments, positive as positive_comments, negative as negative_comments,
    case topic when 'waiting' then '等待' when 'skill' then '技术' end as label_zh,
    case topic when 'waiting' then 'Waiting' when 'skill' then 'Skill' end as label_en
from (values
    ('*', '*', '*', 10, 6, 3), ('*', '*', 'waiting', 4, 1, 2), ('*', '*', 'skill', 5, 5, 0),
    ('*', 'core', '*', 7, 5, 1), ('*', 'unknown', '*', 3, 1, 2),
    ('clinic_1', '*', '*', 8, 6, 1), ('clinic_2', '*', '*', 2, 0, 2),
    ('clinic_1', '*', 'skill', 5, 5, 0), ('clinic_1', 'core', '*', 8, 6, 1)
) as places(clinic_id, tier, topic, comments, positive, negative)
cross join (values {months}) as months(month_date)
"""
# Two of the last 12 months, one of the 12 before them, one of long ago.
MONTHS = "(date '2025-12-01'), (date '2025-01-01'), (date '2024-12-01'), (date '2023-12-01')"
LONG_AGO = "(date '2024-05-01')"


def report(
    directory: Path, months: str | None, clinic: str | None = None, also: str = "select 1"
) -> Path:
    """The page over marts in which these months have comments."""
    file = build_marts(directory / "marts.duckdb")
    with duckdb.connect(str(file)) as connection:
        create_marts(connection, "mart_voice")
        if months:
            connection.execute(TOLD.format(months=months))
        connection.execute(also)
    return write_report(file, directory / "report.html", clinic=clinic)


def section(page: Path) -> str:
    return section_of(page.read_text("utf-8"), "voice")


def rows(shown: str, kind: str) -> dict[str, list[int]]:
    """The figures of each row, in the order shown."""
    return {
        code: [int(n) for n in re.findall(r'<data value="(\d+)"', row)]
        for code, row in re.findall(rf'<tr data-{kind}="([^"]+)">(.*?)</tr>', shown, re.DOTALL)
    }


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> Path:
    return report(tmp_path_factory.mktemp("voice"), MONTHS)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory) -> Path:
    return report(tmp_path_factory.mktemp("voice_clinic"), MONTHS, "clinic_1")


def test_without_the_mart_the_section_is_left_out(tmp_path):
    file = build_marts(tmp_path / "marts.duckdb")
    page = write_report(file, tmp_path / "report.html")
    assert not section(page)
    assert 'href="#voice"' not in page.read_text("utf-8")


def test_two_months_are_summed_and_the_year_before_stands_beside(chain):
    shown = section(chain)
    assert "Of 20 comments 12 praise (60.0%) and 6 complain (30.0%)" in shown
    assert "20 条留言中，12 条是表扬（60.0%），6 条是抱怨（30.0%）" in shown
    assert "the 12 months before: 10" in shown
    assert "Most complaints are about: Waiting, 4 of its 8 comments." in shown
    assert "表扬最多的话题是技术：10 条留言中 10 条是表扬。" in shown
    months = rows(shown, "month")
    assert list(months) == [f"2025-{n:02}-01" for n in range(1, 13)]
    assert months["2025-01-01"] == months["2025-12-01"] == [10, 6, 3]
    assert months["2025-06-01"] == [0, 0, 0]
    assert shown.count("<svg") == 2  # one a language


def test_topics_clinics_and_tiers_each_have_their_comments(chain):
    shown = section(chain)
    assert rows(shown, "topic") == {"skill": [10, 10, 0], "waiting": [8, 2, 4]}
    assert list(rows(shown, "clinic").items()) == [
        ("clinic_2", [4, 0, 4]), ("clinic_1", [16, 12, 2]),
    ]  # fmt: skip
    assert rows(shown, "tier") == {"core": [14, 10, 2], "unknown": [6, 2, 4]}
    assert "Core customer" in shown
    assert "No tier yet" in shown


def test_a_clinics_page_tells_of_its_own_customers(clinic):
    shown = section(clinic)
    assert "Of 16 comments 12 praise" in shown
    assert rows(shown, "topic") == {"skill": [10, 10, 0]}
    assert rows(shown, "tier") == {"core": [16, 12, 2]}
    assert rows(shown, "clinic") == {}
    assert "clinic_2" not in shown


@pytest.mark.parametrize(
    ("months", "zh", "en"),
    [
        (None, "还没有收到任何留言", "None have come at all"),
        (LONG_AGO, "最近一次留言在 2024-05", "The newest ones are of 2024-05"),
    ],
)
def test_no_comments_are_said_in_words(tmp_path, months, zh, en):
    shown = section(report(tmp_path, months))
    assert "There are no survey comments of the last 12 months." in shown
    assert zh in shown
    assert en in shown
    assert "<svg" not in shown
    assert "<table" not in shown


def test_comments_without_a_topic_are_counted_still(tmp_path):
    shown = section(report(tmp_path, MONTHS, also="delete from mart_voice where topic != '*'"))
    assert "Of 20 comments" in shown
    assert "No comment names a topic." in shown
    assert "Most complaints" not in shown


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_section_fits_and_speaks_one_language(browser, chain, clinic, width):  # noqa: F811
    for file in (chain, clinic):
        page = open_page(browser, file, "en", width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("#voice details:not(.defined) summary").click()
        assert page.locator('[data-month="2025-06-01"]').is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shown = page.evaluate(SHOWN_TEXT)
        assert [piece["text"] for piece in shown if CHINESE.search(piece["text"])] == []
        assert page.complaints == []
        page.context.close()
