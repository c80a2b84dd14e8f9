"""The managers' report: what it says, and how it behaves in a real browser."""

import csv
import os
import re
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml
from playwright.sync_api import Browser, Page, sync_playwright

from report_marts import RULES, TIERS, Chain, build_marts
from strata.errors import StrataError
from strata.report import write_report
from strata.report.figures import CHAIN_ROWS, CLINIC_ROWS
from strata.report.wording import Both, money, percent, texts

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = os.environ.get("STRATA_CHROMIUM") or shutil.which("chromium")
LANGUAGES = ("zh", "en")
SECTIONS = (
    "headline", "tiers", "clinics", "lifecycle", "history", "rfm", "value", "attention",
    "quality",
    "glossary",
)  # fmt: skip
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
LATIN = re.compile(r"[A-Za-z]")

# Text that is on show and is no data value, with the language it says it is in.
SHOWN_TEXT = """
() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.textContent.trim() || parent.closest("script, [translate=no]")) continue;
    if (!parent.closest("option") && !parent.getClientRects().length) continue;
    const spoken = parent.closest("[lang=zh], [lang=en]");
    found.push({
      text: node.textContent.trim(),
      lang: spoken ? spoken.lang : null,
      option: Boolean(parent.closest("option")),
    });
  }
  return found;
}
"""

browser_test = pytest.mark.browser


@pytest.fixture(scope="module")
def marts(tmp_path_factory) -> Path:
    return build_marts(tmp_path_factory.mktemp("published") / "marts.duckdb")


@pytest.fixture(scope="module")
def report(marts) -> Path:
    return write_report(marts, marts.with_name("report.html"))


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        reason = "no Chromium: apt-get install chromium, or set STRATA_CHROMIUM"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, report):
    """The report on a laptop's screen, in Chinese."""
    page = open_page(browser, report)
    yield page
    page.context.close()


def open_page(
    browser: Browser, file: Path, language: str | None = "zh", width: int = 1280, **context
) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, **context).new_page()
    page.requests, page.complaints = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(file.as_uri() + (f"#{language}" if language else ""))
    return page


def query(marts: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(marts), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def figures(page: Page, selector: str) -> list[Decimal]:
    """The exact figures inside an element."""
    values = page.eval_on_selector_all(f"{selector} data", "found => found.map(d => d.value)")
    return [Decimal(value) for value in values]


# --- opening -----------------------------------------------------------------------------


@browser_test
@pytest.mark.parametrize("language", LANGUAGES)
def test_opens_from_disk_with_no_request_and_no_complaint(browser, report, language):
    page = open_page(browser, report, language)
    page.wait_for_load_state("networkidle")
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    assert page.complaints == []
    for section in SECTIONS:
        assert page.locator(f"#{section}-title").is_visible()
    page.context.close()


def test_names_no_address_to_load_from(report):
    html = report.read_text("utf-8")
    addresses = re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?!#|data:)([^\s\"')>]+)", html)
    assert addresses == []
    assert "default-src 'none'" in html


def test_is_small_and_the_same_for_the_same_marts(marts, report, tmp_path):
    again = write_report(marts, tmp_path / "again.html")
    assert again.read_bytes() == report.read_bytes()
    assert report.stat().st_size < 2_000_000


@browser_test
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [390, 768])
def test_narrow_screens_do_not_scroll_sideways(browser, report, language, width):
    page = open_page(browser, report, language, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


# --- the figures -------------------------------------------------------------------------


@browser_test
def test_headline_equals_the_marts(opened, marts):
    ((customers, buyers, revenue),) = query(
        marts,
        "select count(*), sum((purchases_lifetime > 0)::int), sum(net_amount_365)"
        " from mart_customer_tiers",
    )
    assert figures(opened, "[data-figure=customers]") == [customers]
    assert figures(opened, "[data-figure=buyers]") == [buyers]
    assert figures(opened, "[data-figure=revenue]") == [revenue]
    ((top,),) = query(
        marts,
        "select 100 * sum(net_amount_365) filter (tier in ('super', 'core'))"
        " / sum(net_amount_365) from mart_tier_summary where model = 'final'",
    )
    assert opened.locator("[data-figure=top] .figure").inner_text() == f"{top:.1f}%"


@browser_test
def test_only_high_value_tiers_are_called_high_value(opened):
    for section in ("headline", "clinics", "glossary"):
        assert "高价值客户" not in opened.locator(f"#{section}").inner_text()
    assert "高价值客户（" in opened.locator("#history").inner_text()


@browser_test
def test_those_at_risk_are_of_the_biggest_fifth_of_buyers(opened, marts):
    buyers = query(
        marts,
        "select net_amount_lifetime, lifecycle_tier from mart_customer_tiers"
        " where purchases_lifetime > 0 order by net_amount_lifetime desc",
    )
    bar = buyers[-(-len(buyers) // 5) - 1][0]
    high = [stage for amount, stage in buyers if amount >= bar]
    at_risk = sum(stage in ("lapsing", "dormant") for stage in high)
    assert at_risk > 0
    assert figures(opened, "[data-figure=at_risk]") == [at_risk]
    assert f"共 {len(high)} 位" in opened.locator("[data-figure=at_risk]").inner_text()


@browser_test
@pytest.mark.parametrize(
    ("model", "section", "attribute"),
    [
        ("final", "#tiers", "data-tier"),
        ("lifecycle", "#lifecycle", "data-stage"),
        ("rfm_segment", "#rfm", "data-segment"),
    ],
)
def test_tiers_equal_the_summary_in_rank_order(opened, marts, model, section, attribute):
    expected = {
        tier: [customers, revenue]
        for tier, customers, revenue in query(
            marts,
            "select tier, sum(customers), sum(net_amount_365) from mart_tier_summary"
            f" where model = '{model}' group by tier",
        )
    }
    codes = opened.eval_on_selector_all(
        f"{section} tr[{attribute}]", f"rows => rows.map(r => r.getAttribute('{attribute}'))"
    )
    with TIERS.open(encoding="utf-8", newline="") as file:
        policy = [row["tier"] for row in csv.DictReader(file) if row["model"] == model]
    assert codes == [code for code in policy if code in codes]
    assert set(expected) <= set(codes)
    for code in codes:
        shown = figures(opened, f"{section} tr[{attribute}={code}]")
        assert shown[:2] == expected.get(code, [0, 0])


@browser_test
def test_history_shows_the_last_months_and_this_months_moves(opened, marts):
    trend = query(
        marts,
        "select as_of_date, sum(high_value_customers), sum(risen_customers),"
        " sum(fallen_customers), sum(high_value_net_amount_365) from mart_high_value_trend"
        " where model = 'final' group by as_of_date order by as_of_date",
    )
    assert len(trend) > 13
    shown = opened.eval_on_selector_all(
        "tr[data-day]", "rows => rows.map(row => row.dataset.day)"
    )
    assert shown == [str(day) for day, *_ in trend[-13:]]
    for day, *counts in trend[-13:]:
        assert figures(opened, f"tr[data-day='{day}']") == counts
    # 7 rose from trial to core, 4 fell from core to dormant; the others are of November.
    assert figures(opened, "tr[data-from=trial][data-to=core]")[0] == 7
    assert figures(opened, "tr[data-from=core][data-to=dormant]")[0] == 4
    assert figures(opened, "tr[data-cause=behaviour]") == [7, 0, 0]
    assert figures(opened, "tr[data-cause=new_customer]") == [0, 0, 5]


@browser_test
def test_clinics_equal_the_marts_highest_revenue_first(opened, marts):
    expected = query(
        marts,
        "select coalesce(clinic_id, ''), count(*), sum(net_amount_365)"
        " from mart_customer_tiers group by clinic_id order by 3 desc",
    )
    rows = opened.eval_on_selector_all(
        ".clinic-table tr[data-clinic]",
        "rows => rows.map(r => [r.dataset.clinic,"
        " ...[...r.querySelectorAll('data')].slice(0, 2).map(d => d.value)])",
    )
    assert [(clinic, int(n), Decimal(amount)) for clinic, n, amount in rows] == expected


@browser_test
def test_clinic_choice_shows_that_clinics_tiers(opened, marts):
    opened.select_option("#clinic-choice", label="clinic_1")
    expected = dict(
        query(
            marts,
            "select final_tier, count(*) from mart_customer_tiers"
            " where clinic_id = 'clinic_1' group by 1",
        )
    )
    rows = opened.eval_on_selector_all(
        ".one-clinic:not([hidden]) tr[data-tier]",
        "rows => rows.map(r => [r.dataset.tier, r.querySelector('data').value])",
    )
    assert {tier: int(count) for tier, count in rows if count != "0"} == expected


LEAVING = (
    "select cast(customer_key as varchar) from mart_customer_tiers where net_amount_365 > 0"
    " and lifecycle_tier in ('lapsing', 'dormant', 'dead') {clinic}"
    " order by net_amount_365 desc, net_amount_lifetime desc, customer_key limit {rows}"
)


@browser_test
def test_follow_up_lists_the_biggest_who_are_leaving(opened, marts):
    def listed() -> list[str]:
        keys = opened.locator("#people tbody tr:not([hidden]) .key")
        return [key.strip() for key in keys.all_inner_texts()]

    chain = query(marts, LEAVING.format(clinic="", rows=CHAIN_ROWS))
    assert listed() == [key for (key,) in chain]
    opened.select_option("#attention-choice", label="clinic_2")
    clinic = query(marts, LEAVING.format(clinic="and clinic_id = 'clinic_2'", rows=CLINIC_ROWS))
    # The clinic's own first ones; those it has among the chain's first may follow.
    assert listed()[:CLINIC_ROWS] == [key for (key,) in clinic]


@browser_test
def test_follow_up_list_can_be_copied(browser, report):
    page = open_page(browser, report, "en", permissions=["clipboard-read", "clipboard-write"])
    page.click("#copy")
    page.wait_for_selector("[data-said=done]:not([hidden])")
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0].split("\t")[:2] == ["Customer key", "Clinic"]
    assert len(lines) == CHAIN_ROWS + 1
    assert {len(line.split("\t")) for line in lines} == {8}
    assert re.fullmatch(r"\d+\.\d\d", lines[1].split("\t")[5])
    page.context.close()


@browser_test
def test_data_quality_equals_the_marts(opened):
    # 1265 and 12 accepted; 25 rejected rows and 3 unreadable lines set aside.
    assert opened.locator("[data-figure=usable] .figure").inner_text() == "97.9%"
    assert figures(opened, "[data-figure=rejected]") == [28]
    assert figures(opened, "[data-figure=superseded]") == [10]
    assert figures(opened, "[data-figure=checks]") == [2]
    assert figures(opened, "tr[data-feed=orders]") == [970, 20, 10]
    assert figures(opened, "tr[data-feed=customers]") == [295, 8, 0]
    assert figures(opened, "tr[data-rule=missing_value]") == [17]
    assert opened.locator(".check-table tbody tr").count() == 1


# --- two languages -----------------------------------------------------------------------


@browser_test
def test_every_visible_text_is_english_in_english(browser, report):
    page = open_page(browser, report, "en")
    shown = page.evaluate(SHOWN_TEXT)
    assert [piece["text"] for piece in shown if CHINESE.search(piece["text"])] == []
    assert {piece["lang"] for piece in shown} <= {"en", None}
    assert not CHINESE.search(page.title())
    page.context.close()


@browser_test
def test_every_visible_text_is_chinese_in_chinese(opened):
    shown = opened.evaluate(SHOWN_TEXT)
    # Outside of a Chinese phrase only figures and signs may stand (and clinics to choose).
    stray = [
        piece["text"]
        for piece in shown
        if piece["lang"] != "zh" and not piece["option"] and LATIN.search(piece["text"])
    ]
    assert stray == []
    phrases = [piece["text"] for piece in shown if piece["lang"] == "zh"]
    assert len(phrases) > 200
    assert CHINESE.search(opened.title())


@browser_test
def test_switch_turns_the_page_and_is_remembered(opened):
    heading = opened.locator("#tiers-title")
    assert heading.inner_text() == "各层客户与收入"
    opened.click("button[data-language=en]")
    assert heading.inner_text() == "Customers and revenue by tier"
    assert opened.evaluate("document.documentElement.lang") == "en"
    opened.click('nav a[href="#lifecycle"]')
    assert opened.url.endswith("#en/lifecycle")
    opened.reload()
    assert heading.inner_text() == "Customers and revenue by tier"
    assert opened.locator("option[value=all]").inner_text().startswith("All clinics")


@browser_test
@pytest.mark.parametrize(
    ("locale", "title"), [("zh-CN", "客户分层报告"), ("de-DE", "Customer tier report")]
)
def test_starts_in_the_browsers_language(browser, report, locale, title):
    page = open_page(browser, report, None, locale=locale)
    assert page.locator("h1").inner_text() == title
    page.context.close()


@browser_test
def test_switch_works_by_keyboard(opened):
    opened.focus("button[data-language=en]")
    opened.keyboard.press("Enter")
    assert opened.locator("h1").inner_text() == "Customer tier report"
    assert opened.get_attribute("button[data-language=en]", "aria-pressed") == "true"


@browser_test
def test_reads_without_javascript(browser, report):
    page = open_page(browser, report, None, java_script_enabled=False)
    assert page.locator("h1").inner_text() == "客户分层报告"
    page.context.close()


# --- thin and odd data -------------------------------------------------------------------


@browser_test
@pytest.mark.parametrize(
    ("chain", "section", "words"),
    [
        (Chain(months=0), "history", "There is no history yet"),
        (Chain(months=1), "history", "History begins on 2025-12-31"),
        (Chain(customers=0), "headline", "There are no customers in this publication yet"),
        (Chain(buys=False), "rfm", "Nobody has bought yet"),
        (Chain(buys=False), "tiers", "Nobody bought in the last 12 months"),
        (Chain(buys=False), "attention", "No paying customer is on the way out"),
        (Chain(clinics=1), "clinics", "All customers belong to one clinic (clinic_0)"),
        (Chain(clinics=0), "clinics", "No customer has a home clinic on file"),
        (Chain(referrals=False), "tiers", "There is no referral data"),
        (Chain(quality=False), "quality", "no counts of rows"),
        (Chain(labels=False), "tiers", "Core customer"),
        (Chain(clinics=60), "clinics", "more clinics with lower revenue are not listed"),
    ],
)
def test_thin_data_are_said_in_words(browser, tmp_path, chain, section, words):
    marts = build_marts(tmp_path / "marts.duckdb", chain)
    page = open_page(browser, write_report(marts, tmp_path / "report.html"), "en", 390)
    assert words in page.locator(f"#{section}").inner_text()
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shown = page.evaluate(SHOWN_TEXT)
    assert [piece["text"] for piece in shown if CHINESE.search(piece["text"])] == []
    assert not re.search(r"\b(None|nan|NaN|undefined|null)\b", page.inner_text("body"))
    page.context.close()


@browser_test
def test_data_cannot_become_markup(browser, tmp_path):
    name = '<img src=x onerror="console.log(1)">{{ 7 * 7 }}'
    marts = build_marts(tmp_path / "marts.duckdb", Chain(clinic_name=name))
    page = open_page(browser, write_report(marts, tmp_path / "report.html"))
    assert page.complaints == []
    assert page.locator("img").count() == 0
    assert name in page.locator(".clinic-table").inner_text()
    page.context.close()


# --- writing -----------------------------------------------------------------------------


def test_a_failure_leaves_the_last_report(tmp_path):
    marts = tmp_path / "marts.duckdb"
    output = tmp_path / "report.html"
    output.write_text("the last good one", "utf-8")
    with pytest.raises(StrataError, match="no published marts") as caught:
        write_report(marts, output)
    assert "strata run" in caught.value.hint
    duckdb.connect(str(marts)).close()
    with pytest.raises(StrataError, match=r"marts.duckdb lacks .*publication"):
        write_report(marts, output)
    marts.write_bytes(b"not a database" * 1000)
    with pytest.raises(StrataError, match="cannot be drawn"):
        write_report(marts, output)
    assert output.read_text("utf-8") == "the last good one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["marts.duckdb", "report.html"]


def test_progress_is_told(marts, tmp_path):
    told = []
    write_report(marts, tmp_path / "report.html", told.append)
    assert told[0] == "reading marts.duckdb"
    assert re.fullmatch(r"report\.html: \d+ kB", told[-1])


# --- words -------------------------------------------------------------------------------


def test_every_tier_has_a_meaning_and_every_code_its_words():
    page, glossary = texts("page"), texts("glossary")
    with TIERS.open(encoding="utf-8", newline="") as file:
        tiers = list(csv.DictReader(file))
    for model in ("final", "lifecycle", "rfm_segment"):
        assert set(glossary[model]) == {row["tier"] for row in tiers if row["model"] == model}
    assert set(glossary["rfm_segment"]) <= set(page["actions"])
    with RULES.open(encoding="utf-8", newline="") as file:
        assert set(page["remedies"]) == {row["rule"] for row in csv.DictReader(file)}
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))
    assert set(page["feeds"]) == set(project["vars"]["feeds"])


@pytest.mark.parametrize("name", ["page", "glossary", "book", "ahead", "today", "voice"])
def test_every_text_is_there_in_both_languages_with_the_same_figures(name):
    pairs = []

    def collect(entry) -> None:
        if isinstance(entry, dict) and "zh" in entry:
            pairs.append((entry["zh"], entry["en"]))
        for part in entry.values() if isinstance(entry, dict) else entry:
            if isinstance(part, dict | list):
                collect(part)

    collect({key: value for key, value in texts(name).items() if key != "remedies"})
    assert len(pairs) > 20
    for zh, en in pairs:
        assert zh.strip()
        assert not CHINESE.search(en)
        assert set(re.findall(r"{\w+}", zh)) == set(re.findall(r"{\w+}", en))


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        ("0", "¥0", "¥0"),
        ("9999.49", "¥9,999", "¥9,999"),
        ("10000", "¥1.0万", "¥10,000"),
        ("12345678.5", "¥1,235万", "¥12,345,679"),
        ("234567890.12", "¥2.35亿", "¥234,567,890"),
        ("-6855.90", "-¥6,856", "-¥6,856"),
        (None, "—", "—"),
    ],
)
def test_money_is_written_the_way_each_reader_writes_it(amount, zh, en):
    assert money(None if amount is None else Decimal(amount)) == Both(zh, en)


def test_a_share_of_nothing_is_a_dash():
    assert percent(1, 8) == Both("12.5%", "12.5%")
    assert percent(1, 0) == percent(1, Decimal("-3")) == Both("—", "—")
