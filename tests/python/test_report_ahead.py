"""The report's section on the months ahead, and the page of one clinic."""

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from report_marts import build_marts, create_marts
from report_marts import section as section_of
from strata.errors import StrataError
from strata.report import write_report
from test_report import browser, open_page  # noqa: F401 - a fixture

MARTS = ("mart_revenue_forecast", "mart_churn", "mart_outlook_backtest", "mart_tier_kpis")
DAY = "date '2025-12-31'"

# The clinic's months are a tenth of the chain's; theta missed half of what last year's did.
FORECAST = """
insert into mart_revenue_forecast by name
select
    'medical_aesthetics' as ruleset, clinic_id, '*' as tier,
    cast(date '2025-10-01' + to_months(cast(n as integer)) as date) as month_date,
    case when n < 3 then 'actual' else 'forecast' end as kind,
    share * 1000 * (n + 1) as amount,
    case when n >= 3 then share * 900 * (n + 1) end as low_amount,
    case when n >= 3 then share * 1100 * (n + 1) end as high_amount,
    case when n >= 3 then date '2025-12-31' end as origin_date,
    case when n >= 3 then model end as model,
    case when n >= 3 then 0.4 end as mase, case when n >= 3 then 0.8 end as naive_mase,
    case when n >= 3 then 0.125 end as missed_share,
    case when n >= 3 then 0.79 end as interval_coverage
from range(5) as months(n)
cross join (
    values ('*', 1, 'theta'), ('clinic_1', 0.1, 'seasonal_naive')
) as clinics(clinic_id, share, model)
"""
CHURN = f"""
insert into mart_churn by name
select
    customer_key, {DAY} as as_of_date, 'medical_aesthetics' as ruleset, clinic_id, final_tier,
    0.5 as churn_probability, net_amount_365 / 2 as stake_amount, net_amount_365,
    7 as days_since_purchase, 'mbg_nbd' as model, {DAY} as fit_date,
    '最近一次购买在 7 天前 ↓' as drivers_zh, 'last bought 7 days ago ↓' as drivers_en
from mart_customer_tiers where net_amount_365 > 0 and clinic_id is not null
"""
BACKTEST = f"""
insert into mart_outlook_backtest by name
select
    'churn' as subject, 'medical_aesthetics' as ruleset, '*' as clinic_id, {DAY} as fit_date,
    model, model = 'mbg_nbd' as is_used, metric, band, figure, 1234 as cases
from (values
    ('mbg_nbd', 'auc', 'all', 0.75), ('naive', 'auc', 'all', 0.625),
    ('mbg_nbd', 'predicted_share', '01', 0.9), ('mbg_nbd', 'actual_share', '01', 0.875)
) as told(model, metric, band, figure)
"""
KPIS = """
insert into mart_tier_kpis by name
select
    date '2025-12-01' as month_date, 'medical_aesthetics' as ruleset, clinic_id, '*' as model,
    '*' as tier, 'aov' as kpi, 'Average order value' as label_en, '客单价' as label_zh,
    'a / b' as formula_en, '甲 ÷ 乙' as formula_zh, 'cny' as unit, value,
    value - 1 as previous_month_value, true as is_better_high, '002' as source
from (values ('*', 5000), ('clinic_1', 4321), ('clinic_2', 6000)) as told(clinic_id, value)
"""


@pytest.fixture(scope="module")
def marts(tmp_path_factory) -> Path:
    file = build_marts(tmp_path_factory.mktemp("ahead") / "marts.duckdb")
    with duckdb.connect(str(file)) as connection:
        create_marts(connection, *MARTS)
        for statement in (FORECAST, CHURN, BACKTEST, KPIS):
            connection.execute(statement)
    return file


@pytest.fixture(scope="module")
def chain(marts) -> Path:
    return write_report(marts, marts.with_name("report.html"))


@pytest.fixture(scope="module")
def clinic(marts) -> Path:
    return write_report(marts, marts.with_name("clinic.html"), clinic="clinic_1")


def section(file: Path, name: str = "ahead") -> str:
    return section_of(file.read_text("utf-8"), name)


def card(shown: str, name: str) -> Decimal:
    found = re.search(rf'data-figure="{name}".*?<data value="([^"]*)"', shown, re.DOTALL)
    return Decimal(found.group(1))


def test_without_anything_ahead_the_section_is_left_out(tmp_path):
    file = build_marts(tmp_path / "marts.duckdb")
    page = write_report(file, tmp_path / "report.html")
    assert not section(page)
    assert 'href="#ahead"' not in page.read_text("utf-8")


def test_the_fan_says_what_is_expected_by_which_model_and_how_far_to_trust_it(chain):
    shown = section(chain)
    assert card(shown, "coming") == 4000 + 5000
    assert "The Theta method speaks" in shown
    assert "missed 12.5% of what came" in shown
    assert "50.0% less than last year's months" in shown
    assert "79.0% of the months came within their interval" in shown
    assert "¥3,600 to ¥4,400" in shown
    assert shown.count("<svg") == 2  # one a language


def test_the_churn_list_goes_by_money_at_stake_and_names_keys_and_reasons(chain, marts):
    shown = section(chain)
    with duckdb.connect(str(marts), read_only=True) as connection:
        wanted = connection.execute(
            "select cast(customer_key as varchar) from mart_churn"
            " order by stake_amount desc, customer_key limit 20"
        ).fetchall()
        (stake, leavers) = connection.execute(
            "select sum(stake_amount), round(count(*) / 2) from mart_churn"
        ).fetchone()
    assert re.findall(r'class="key"><code translate="no">([^<]+)', shown) == [
        k for (k,) in wanted
    ]
    assert card(shown, "at_stake") == stake
    assert card(shown, "leavers") == int(leavers)
    assert "最近一次购买在 7 天前 ↓" in shown
    assert "last bought 7 days ago ↓" in shown
    assert "the leaver had the higher chance 75.0% of the time (by days alone 62.5%" in shown
    assert "90.0% were expected to leave, and 87.5% did" in shown


def test_a_clinics_page_holds_its_customers_and_its_figures_alone(clinic, marts):
    page = clinic.read_text("utf-8")
    with duckdb.connect(str(marts), read_only=True) as connection:
        (customers, revenue) = connection.execute(
            "select count(*), sum(net_amount_365) from mart_customer_tiers"
            " where clinic_id = 'clinic_1'"
        ).fetchone()
        others = connection.execute(
            "select cast(customer_key as varchar) from mart_customer_tiers"
            " where clinic_id is distinct from 'clinic_1'"
        ).fetchall()
        # High value is a matter of the chain: the biggest fifth of all its buyers.
        (at_risk,) = connection.execute(
            "with bar as (select percentile_disc(0.2) within group (order by"
            " net_amount_lifetime desc) as least from mart_customer_tiers"
            " where purchases_lifetime > 0 and net_amount_lifetime > 0)"
            " select count(*) from mart_customer_tiers, bar where clinic_id = 'clinic_1'"
            " and purchases_lifetime > 0 and net_amount_lifetime >= least"
            " and lifecycle_tier in ('lapsing', 'dormant')"
        ).fetchone()
    assert "Customer tier report · clinic_1" in page
    headline = section(clinic, "headline")
    assert card(headline, "customers") == customers
    assert card(headline, "revenue") == revenue
    assert card(headline, "at_risk") == at_risk
    assert [key for (key,) in others if key in page] == []
    assert card(section(clinic), "coming") == 400 + 500
    assert "The same month last year stands for each month" in section(clinic)
    assert 'value="4321' in section(clinic, "today")
    assert 'value="5000' not in section(clinic, "today")
    for name in ("clinics", "quality", "high_value_actions", "value"):
        assert f'href="#{name}"' not in page


@pytest.mark.parametrize("name", ["nowhere", "clinic_1' or true --", "{0}"])
def test_a_clinic_that_is_not_there_is_refused_by_name(marts, tmp_path, name):
    with pytest.raises(StrataError) as refused:
        write_report(marts, tmp_path / "none.html", clinic=name)
    assert name in refused.value.message
    assert "clinic_0, clinic_1" in refused.value.hint
    assert not (tmp_path / "none.html").exists()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_both_pages_fit_and_a_definition_opens_at_a_click(browser, chain, clinic, width):  # noqa: F811
    for file in (chain, clinic):
        page = open_page(browser, file, "en", width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        meaning = page.locator('[data-figure="coming"] small')
        assert not meaning.is_visible()
        page.locator('[data-figure="coming"] summary').click()
        assert meaning.is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.complaints == []
        page.context.close()
