"""The report's morning section: what to do today, and whether last month's work paid."""

import re
from pathlib import Path

import duckdb
import pytest

from report_marts import build_marts, create_marts
from report_marts import section as section_of
from strata.report import write_report
from test_report import CHINESE, SHOWN_TEXT, browser, open_page  # noqa: F401 - a fixture

MARTS = ("mart_action_list", "mart_tier_kpis", "mart_action_results", "mart_experiments")
DAY, RULES = "date '2025-12-31' as as_of_date", "'medical_aesthetics' as ruleset"

# Seven actions of two owners in two clinics; 100 is at stake with each.
ACTIONS = f"""
insert into mart_action_list by name
select
    {DAY}, {RULES}, clinic_id, owner, owner as owner_label_en, '甲' || owner as owner_label_zh,
    action, action as label_en, '做' || action as label_zh, 100 as stake_amount
from (values
    ('clinic_1', 'desk', 'call', 3), ('clinic_1', 'desk', 'gift', 1),
    ('clinic_1', 'doctor', 'visit', 1), ('clinic_2', 'desk', 'call', 2)
) as told(clinic_id, owner, action, actions), range(told.actions)
"""
# Better, worse, worse though it rose, the same, and one whose month before is not known.
KPIS = f"""
insert into mart_tier_kpis by name
select
    date '2025-11-01' as month_date, {RULES}, clinic_id, '*' as model, '*' as tier,
    kpi, kpi as label_en, '指标' || kpi as label_zh,
    'a / b' as formula_en, '甲 ÷ 乙' as formula_zh,
    'ratio' as unit, value, past as previous_month_value, target,
    is_better_high, '004' as source
from (values
    ('aov', 5, 4, null, true), ('nps', 3, 4, null, true), ('single', 0.5, 0.4, null, false),
    ('ltv_cac', 3, 3, 3, true), ('roi', 3.9, null, 4, true)
) as told(kpi, value, past, target, is_better_high)
cross join (values ('*'), ('clinic_1')) as clinics(clinic_id)
"""
# Ten customers each, at a cost of 5 for each of them: what they brought beyond customers alike.
RESULTS = f"""
insert into mart_action_results by name
select
    month_date, {RULES}, campaign, is_complete, 12 as contacts, 10 as customers, 2 as responses,
    3 as purchases, 900 as profit_amount, 50 as cost_amount, 17 as roi,
    (low + high) / 2 as extra_profit_amount, low as extra_profit_amount_low,
    high as extra_profit_amount_high
from (values
    (date '2025-12-01', 'early', false, 6, 20), (date '2025-11-01', 'worked', true, 6, 20),
    (date '2025-10-01', 'dear', true, 1, 4.5), (date '2025-09-01', 'perhaps', true, 4, 20),
    (date '2025-08-01', 'alone', true, null, null), (date '2024-12-01', 'old', true, 6, 20)
) as told(month_date, campaign, is_complete, low, high)
"""
EXPERIMENTS = f"""
insert into mart_experiments by name
select
    {RULES}, experiment_id, '*' as tier, 'gift' as arm, 'none' as control_arm,
    100 as customers, 100 as control_customers, 0.3 as rate, 0.2 as control_rate,
    0.1 as rate_difference, 0.01 as rate_low, 0.19 as rate_high, 0.08 as smallest_effect,
    verdict
from (values
    ('helped', 'better'), ('hurt', 'worse'), ('nothing', 'no_clear_difference'),
    ('broken', 'ratio_off')
) as told(experiment_id, verdict)
"""


def report(
    directory: Path, *statements: str, clinic: str | None = None, name: str = "report"
) -> Path:
    file = build_marts(directory / f"{name}.duckdb")
    with duckdb.connect(str(file)) as connection:
        create_marts(connection, *MARTS)
        for statement in statements:
            connection.execute(statement)
    return write_report(file, directory / f"{name}.html", clinic=clinic)


def section(page: Path) -> str:
    return section_of(page.read_text("utf-8"), "today")


def item(shown: str, name: str) -> str:
    """The sentence of one campaign or experiment."""
    return re.search(rf'<li data-\w+="{name}">.*?</li>', shown, re.DOTALL).group()


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> Path:
    return report(tmp_path_factory.mktemp("today"), ACTIONS, KPIS, RESULTS, EXPERIMENTS)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("today_clinic")
    return report(directory, ACTIONS, KPIS, RESULTS, EXPERIMENTS, clinic="clinic_1")


def test_the_day_is_told_by_owner(chain, clinic):
    assert "7 actions for today: desk (6), doctor (1)." in section(chain)
    assert "今天共 7 项任务：甲desk（6）、甲doctor（1）。" in section(chain)
    assert "5 actions for today: desk (4), doctor (1)." in section(clinic)
    first = re.search(r'<tr data-owner="desk">.*?</tr>', section(chain), re.DOTALL).group()
    assert re.findall(r'<data value="(\d+)', first) == ["4", "400"]
    assert "call (3) · gift (1)" in re.sub(r"<span lang=.zh.*?</span>|<[^>]+>", "", first)


def test_kpis_are_counted_by_their_course_and_targets_named(chain):
    shown = section(chain)
    assert "Since the month before 1 got better and 2 worse; 1 stayed." in shown
    assert "2 have a target; not reached: roi." in shown
    assert "2 项有目标，未达标：指标roi。" in shown
    arrows = {
        kpi: re.findall(r"<td>.*?<span lang=.en.>(.*?)</span>", row, re.DOTALL)
        for kpi, row in re.findall(r'<tr data-kpi="(\w+)">(.*?)</tr>', shown, re.DOTALL)
    }
    assert arrows == {
        "aov": ["↑ better"], "nps": ["↓ worse"], "single": ["↑ worse"], "ltv_cac": ["→ same"],
        "roi": [],
    }  # fmt: skip


def test_a_kpis_line_is_that_of_its_last_twelve_months(tmp_path):
    earlier = """
    insert into mart_tier_kpis by name
    select * exclude (gone) replace (month_date - to_months(gone) as month_date)
    from mart_tier_kpis, (values (1), (12), (13), (24)) as months(gone) where kpi = 'roi'
    """
    shown = section(report(tmp_path, KPIS, earlier))
    row = re.search(r'<tr data-kpi="roi">.*?</tr>', shown, re.DOTALL).group()
    assert len(re.search(r'points="([^"]+)"', row).group(1).split()) == 3


def test_all_targets_reached_are_praised(tmp_path):
    reached = "update mart_tier_kpis set target = 3.9 where kpi = 'roi'"
    assert "All 2 with a target reach it." in section(report(tmp_path, KPIS, reached))


@pytest.mark.parametrize(
    ("campaign", "words"),
    [
        ("early", "Too early: the 30 days after the contacts are not over."),
        (
            "worked",
            "They paid: ¥13 more per customer than customers alike (interval ¥6 to ¥20)",
        ),
        ("dear", "They did not pay: ¥3 per customer against customers alike"),
        (
            "perhaps",
            "Not clear: ¥12 per customer against customers alike (interval ¥4 to ¥20).",
        ),
        ("alone", "there are no customers alike to compare with"),
        ("helped", "It worked: more of the arm bought."),
        ("hurt", "It did harm: fewer of the arm bought."),
        ("nothing", "No clear difference; such a sample shows differences from 8.0 points on."),
        ("nothing", "a difference of 10.0 points (interval 1.0 to 19.0)"),
        ("broken", "The arms are uneven, so the result cannot be trusted"),
    ],
)
def test_contacts_and_experiments_have_their_verdict_in_words(chain, campaign, words):
    assert words in item(section(chain), campaign)


def test_contacts_of_the_last_12_months_stand_newest_first(chain):
    found = re.findall(r'data-campaign="(\w+)"', section(chain))
    assert found == ["early", "worked", "dear", "perhaps", "alone"]


def test_what_is_told_of_the_chain_alone_is_not_on_a_clinics_page(clinic):
    assert "data-campaign" not in section(clinic)
    assert "data-experiment" not in section(clinic)


def test_without_actions_kpis_and_results_the_section_is_left_out(tmp_path):
    page = report(tmp_path)
    assert not section(page)
    assert 'href="#today"' not in page.read_text("utf-8")


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_section_fits_and_tells_its_definitions_at_a_click(browser, chain, width):  # noqa: F811
    page = open_page(browser, chain, "en", width)
    meaning = page.locator("#today h3 small").first
    assert page.locator(".actions-table thead").is_visible()
    assert not meaning.is_visible()
    for summary in page.locator("#today summary").all():
        if summary.is_visible():
            summary.click()
    assert meaning.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    table = page.locator(".kpi-table")
    assert table.evaluate(
        "table => table.parentElement.scrollWidth <= table.parentElement.clientWidth"
    )
    shown = page.evaluate(SHOWN_TEXT)
    assert [piece["text"] for piece in shown if CHINESE.search(piece["text"])] == []
    assert page.complaints == []
    page.context.close()
