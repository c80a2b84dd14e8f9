"""The guard over small DuckDB files made by SQL, with limits of the tests' own.

Great Expectations runs in the tests that ask for the fixture `great_expectations`. In the
others, which try many values, the same conditions are asked by SQL.
"""

import csv
import json
from datetime import datetime
from pathlib import Path
from unittest.mock import MagicMock

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from strata.cli import app
from strata.errors import StrataError
from strata.gate import (
    GateFailure,
    GateResult,
    check_landings,
    check_publication,
    checks,
    explain_failures,
    suite,
)
from strata.gate.checkpoint import _judge, _levels
from strata.gate.result import NOT_EVALUATED
from strata.refresh import BuildPlan
from strata.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOW = datetime(2026, 1, 10, 6)
LIMITS = """name,subject,warn,fail,unit,source,note_en,note_zh
rejected_share,*,10,30,percent,ours,,
rejected_share,products,25,,percent,ours,,
rejected_share,demo.cards,1,2,percent,ours,,
delivery_rejected_share,*,10,50,percent,ours,,
rejected_share_rise,*,2,10,points,ours,,
unreadable_share,*,10,30,percent,ours,,
tier_share_move,*,3,10,points,ours,,
customers_fall,*,2,10,percent,ours,,
customers_rise,*,10,50,percent,ours,,
revenue_fall,*,10,30,percent,ours,,
revenue_rise,*,20,50,percent,ours,,
lone_day,*,14,40,days,ours,,
walk_in_share,*,2,50,percent,ours,,
walk_in_share,south,,,percent,ours,,
other_currency,*,0,,rows,ours,,
business_age,*,7,30,days,ours,,
load_age,*,7,35,days,ours,,
load_age,visits,2,3,days,ours,,
delivery_smaller,*,2,10,times,ours,,
delivery_larger,*,5,20,times,ours,,
drift_days,*,,31,days,ours,,
stray_share,*,5,5,percent,ours,,
least_ordinary_days,*,20,20,days,ours,,
least_walk_in_purchases,*,30,30,purchases,ours,,
least_walk_in_times,*,20,20,times,ours,,
least_rejected_rows,*,5,8,rows,ours,,
least_customers,*,20,100,customers,ours,,
least_deliveries,*,2,3,deliveries,ours,,
least_delivery_rows,*,50,100,rows,ours,,
"""


# --- a warehouse in which every rule holds ----------------------------------------------------


def _source(table: str, *columns: str, required: bool = False) -> dict:
    return {
        "source_name": "demo",
        "schema": "raw_demo",
        "identifier": table,
        "columns": {name: {} for name in columns},
        "config": {"meta": {"required": required}},
    }


def _model(folder: str, name: str, may_be_empty: bool = False, kind: str = "model") -> dict:
    return {
        "resource_type": kind,
        "original_file_path": f"models/{folder}/{name}.sql",
        "alias": name,
        "config": {"meta": {"may_be_empty": may_be_empty}},
    }


MANIFEST = {
    "sources": {
        "a": _source("orders", "order_id", "Order Date", required=True),
        "b": _source("visits", "visit_id"),
        "c": {**_source("publications", "run_id"), "source_name": "history"},
    },
    "nodes": {
        "a": _model("marts", "mart_customer_tiers"),
        "b": _model("marts", "fct_rfm"),
        "c": _model("marts", "fct_rfm2"),
        "d": _model("marts", "fct_lifecycle"),
        "e": _model("marts", "fct_lifecycle_intervals"),
        "f": _model("marts", "mart_tier_summary"),
        "g": _model("marts", "mart_data_quality"),
        "h": _model("marts", "mart_tier_history"),
        "i": _model("marts", "mart_reasons"),
        "j": _model("marts", "mart_review_queue", may_be_empty=True),
        "k": _model("marts", "mart_belief_changes", may_be_empty=True),
        "l": _model("marts/medical", "mart_medical_tiers"),
        "o": _model("marts", "mart_action_uplift"),
        "m": _model("tiers", "tier_final"),
        "n": _model("marts", "a_test", kind="test"),
    },
}

BUILD = """
create schema landing;
create table landing.files (file_id integer, source varchar, table_name varchar,
    file_name varchar, loaded_at timestamp, rows_loaded bigint, rows_unreadable bigint);
create table landing.withdrawn_files (file_id integer, withdrawn_at timestamp);
insert into landing.files values
    (1, 'demo', 'orders', 'orders_1.csv', '2026-01-01', 100, 0),
    (2, 'demo', 'orders', 'orders_2.csv', '2026-01-02', 120, 0),
    (3, 'demo', 'orders', 'orders_3.csv', '2026-01-03', 80, 0),
    (4, 'demo', 'orders', 'orders_4a.csv', '2026-01-09', 60, 1),
    (5, 'demo', 'orders', 'orders_4b.csv', '2026-01-09', 50, 1),
    (6, 'demo', 'visits', 'visits.csv', '2026-01-09', 100, 0),
    (7, 'other', 'orders', 'orders.csv', '2026-01-09', 1, 99);
create schema raw_demo;
create table raw_demo.orders as select '1' as order_id, '' as "order date", '' as _file,
    1 as _row, now() as _loaded_at, cast(1 as bigint) as _row_id;
create table raw_demo.visits as select '1' as visit_id, '' as _file, 1 as _row,
    now() as _loaded_at, 1 as _row_id;
create schema entities;
create table entities.orders_checked as
select 'demo' as source, date '2025-12-01' + cast(line % 31 as integer) as order_date,
    file_id * 4294967296 + line as row_id, cast(null as varchar) as fault, true as is_carrier
from landing.files, lateral (select unnest(range(1, rows_loaded + 1)) as line)
where table_name = 'orders' and source = 'demo';
create view entities.orders as from entities.orders_checked where fault is null;
create table entities.visits (source varchar, visit_date date, status varchar);
create table entities.cards_checked as from entities.orders_checked limit 0;
create schema measures;
create table measures.as_of_dates as select date '2025-12-31' as as_of_date,
    cast(null as date) as ordinary_date, cast(null as date) as stray_date, 0 as stray_rows;
create schema customers;
create table customers.customer_bridge as
select 'demo' as source, 'c' || i as customer_id, md5('' || i) as customer_key
from range(1000) as t (i);
"""

MARTS = """
create table mart_customer_tiers as
select md5('' || i) as customer_key, date '2025-12-31' as as_of_date, 'trade' as ruleset,
    if(i < 500, 'core', 'trial') as final_tier, if(i < 500, 'Core', 'Trial') as final_label_en,
    cast(100 as decimal(18, 2)) as net_amount_365,
    if(i < 500, 'north', 'south') as clinic_id, 1 + i % 3 as purchases_lifetime
from range(1000) as t (i);
create table fct_rfm as select customer_key, as_of_date, ruleset from mart_customer_tiers;
create table fct_rfm2 as from fct_rfm;
create table fct_lifecycle as from fct_rfm;
create table fct_lifecycle_intervals as select *, true as is_current from fct_rfm
union all select *, false from fct_rfm;
create table mart_tier_summary as
select as_of_date, ruleset, 'final' as model, final_tier as tier, count(*) as customers
from mart_customer_tiers group by all
-- Everybody has a motivation, whatever is delivered.
union all select as_of_date, ruleset, 'motivation', 'unclear', count(*)
from mart_customer_tiers group by all
union all select date '2025-12-31', 'trade', 'rule', 'growth', 7;
create table mart_tier_history as select 'trade' as ruleset union all select 'older';
create table mart_review_queue (as_of_date date);
create table mart_belief_changes as select date '2025-06-30' as as_of_date;
-- Matched once a month, on a day before.
create table mart_action_uplift as select date '2025-12-01' as as_of_date, 'trade' as ruleset;
create view mart_reasons as select 1 as why where false;
create table mart_data_quality as
select 'rows' as kind, 'demo' as source, feed as subject, rule, feed as column_name,
    cast(null as varchar) as label_en, row_count
from (values ('orders'), ('visits'), ('products'), ('cards')) as feeds (feed)
cross join (values ('staged', 1000), ('accepted', 990), ('rejected', 10), ('superseded', 0))
    as fates (rule, row_count);
create table publication (run_id varchar, published_at timestamp);
insert into publication values ('earlier', '2026-01-05');
"""
MEDICAL = """
create table mart_medical_tiers as
select md5('' || i) as customer_key, date '2025-12-31' as as_of_date, 'trade' as ruleset
from range(1000) as t (i);
"""


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> Path:
    """The files of a warehouse in which every rule holds."""
    folder = tmp_path_factory.mktemp("clean")
    settings = Settings(folder)
    settings.target_dir.mkdir()
    (settings.target_dir / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    for file, sql in (
        (settings.database, BUILD),
        (settings.next_marts, MARTS),
        (settings.next_medical, MEDICAL),
        (settings.published_marts, MARTS),
    ):
        change(file, sql)
    return folder


@pytest.fixture
def settings(clean, tmp_path, monkeypatch) -> Settings:
    """A copy of them, and limits that hold for the tests alone."""
    import shutil

    folder = tmp_path / "Jo's warehouse"
    shutil.copytree(clean, folder)
    put_limits(monkeypatch, tmp_path, LIMITS)
    return Settings(folder)


@pytest.fixture
def great_expectations():
    """Great Expectations judges the facts, as in a run."""


@pytest.fixture(autouse=True)
def judge_by_sql(request, monkeypatch):
    """Without the second that Great Expectations takes: its conditions, asked by SQL."""

    def judge(asked, facts, settings):
        with duckdb.connect(str(facts), read_only=True) as connection:
            return tuple(
                GateFailure(rule.name, subject, level, said, words, rule.do)
                for rule in asked.rules
                for level, _, condition in _levels(rule)
                for subject, said, words in connection.execute(
                    "select subject, said, limit_words from facts"
                    f" where rule = '{rule.name}' and {condition}"
                ).fetchall()
            )

    if "great_expectations" not in request.fixturenames:
        monkeypatch.setattr(checks, "run_suite", judge)


def put_limits(monkeypatch, folder: Path, text: str) -> None:
    (folder / "limits.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(checks, "GUARD_LIMITS", folder / "limits.csv")


def change(file: Path, sql: str) -> None:
    file.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(sql)


def landings(settings: Settings, **options) -> GateResult:
    manifest = settings.target_dir / "manifest.json"
    return check_landings(settings, manifest, ["demo"], now=NOW, **options)


def told(result: GateResult) -> set[tuple[str, str, str]]:
    return {(f.rule, f.subject, f.severity) for f in result.failures}


def only(result: GateResult) -> GateFailure:
    (failure,) = result.failures
    return failure


# --- what holds -------------------------------------------------------------------------------


def test_a_clean_warehouse_passes_and_is_left_untouched(settings, great_expectations):
    files = [settings.database, settings.next_marts, settings.next_medical]
    before = [file.read_bytes() for file in files]
    notes: list[str] = []
    first = check_landings(
        settings, settings.target_dir / "manifest.json", ["demo"], notes.append, NOW
    )
    second = check_publication(settings, notes.append)

    assert first.failures == second.failures == ()
    assert first.ok
    assert second.ok
    assert [file.read_bytes() for file in files] == before
    assert first.asked == {
        "sources_declared": 1, "tables_there": 2, "columns_there": 2, "required_filled": 1,
        "load_age": 2, "unreadable_share": 2, "delivery_smaller": 1, "delivery_larger": 1,
        "other_currency": 0,
    }  # fmt: skip
    assert second.asked == {
        "marts_there": 13, "marts_filled": 10, "one_build": 9, "same_customers": 7,
        "rejected_share": 4, "delivery_rejected_share": 2, "rejected_share_rise": 4,
        "tier_share_move": 2, "customers_fall": 1, "customers_rise": 1, "revenue_fall": 1,
        "revenue_rise": 1, "lone_day": 1, "walk_in_share": 6, "business_age": 1,
    }  # fmt: skip
    assert explain_failures(second).endswith("All hold.")
    assert notes == [
        "guard on the landings: 12 facts held against their limits",
        "guard on the publication: 63 facts held against their limits",
    ]


def test_the_first_publication_is_held_against_nothing(settings):
    settings.published_marts.unlink()
    change(settings.next_marts, "update mart_customer_tiers set net_amount_365 = 7")
    result = check_publication(settings)

    assert result.failures == ()
    assert result.asked["tier_share_move"] == result.asked["revenue_fall"] == 0
    assert result.asked["rejected_share"] == 4


def test_policy_gives_every_limit_that_a_rule_asks_for():
    with checks.GUARD_LIMITS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    given = {row["name"] for row in rows if row["subject"] == "*"}
    asked = {"drift_days", "stray_share", "least_ordinary_days"}
    for path in suite.SUITES.glob("*.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            asked |= set(rule.get("least", ()))
            asked |= {rule["name"]} - ({rule["name"]} if rule["kind"] == "structure" else set())
    assert given == asked
    assert all(row["note_en"] and row["note_zh"] and row["source"] == "ours" for row in rows)
    assert {row["unit"] for row in rows} == {
        "percent", "points", "days", "times", "rows", "customers", "deliveries", "purchases",
    }  # fmt: skip


# --- what is broken ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "rule", "subject", "words"),
    [
        ("drop table raw_demo.visits", "tables_there", "visits", "raw_demo.visits is not in"),
        (
            "alter table raw_demo.orders drop column _row_id;"
            'alter table raw_demo.orders drop column "order date"',
            "columns_there",
            "orders",
            "raw_demo.orders lacks Order Date, _row_id",
        ),
        (
            "truncate raw_demo.orders",
            "required_filled",
            "orders",
            "raw_demo.orders has no rows",
        ),
        (
            "insert into landing.withdrawn_files from (values (1), (2), (3), (4), (5))"
            " select col0, now()",
            "required_filled",
            "orders",
            "raw_demo.orders has no rows",
        ),
    ],
)
def test_a_broken_landing_stops(settings, sql, rule, subject, words):
    change(settings.database, sql)
    result = landings(settings, accept_drift=True)  # what is broken is never accepted

    failure = only(result)
    assert not result.ok
    assert (failure.rule, failure.subject, failure.severity) == (rule, subject, "error")
    assert words in failure.found
    assert failure.hint in explain_failures(result)
    assert result.asked["unreadable_share"] == 0  # of what is broken nothing more is asked


def test_an_optional_table_may_be_empty(settings):
    change(settings.database, "truncate raw_demo.visits")
    assert landings(settings).failures == ()


def test_a_source_that_is_not_declared_stops(settings):
    result = check_landings(
        settings, settings.target_dir / "manifest.json", ["demo", "nowhere"], now=NOW
    )
    assert told(result) == {("sources_declared", "nowhere", "error")}
    assert "source nowhere is not declared" in explain_failures(result)


CUSTOMERS = "on 2025-12-31: {} customers, 1,000 in mart_customer_tiers"


@pytest.mark.parametrize(
    ("sql", "rule", "subject", "words"),
    [
        (
            "drop table mart_review_queue",
            "marts_there",
            "mart_review_queue",
            "next/marts.duckdb",
        ),
        ("drop view mart_reasons", "marts_there", "mart_reasons", "next/marts.duckdb"),
        ("truncate mart_tier_history", "marts_filled", "mart_tier_history", "has no rows"),
        (
            "insert into mart_review_queue values ('2025-12-30')",
            "one_build",
            "mart_review_queue",
            "is of 2025-12-30, mart_customer_tiers of 2025-12-31 trade",
        ),
        (
            "update mart_action_uplift set as_of_date = '2026-01-01'",
            "one_build",
            "mart_action_uplift",
            "is of 2026-01-01 trade, mart_customer_tiers of 2025-12-31 trade",
        ),
        (
            "update mart_tier_history set ruleset = 'older'",
            "one_build",
            "mart_tier_history",
            "is of older, mart_customer_tiers of 2025-12-31 trade",
        ),
        (
            "delete from fct_rfm where customer_key = md5('1')",
            "same_customers",
            "fct_rfm 2025-12-31",
            CUSTOMERS.format("999"),
        ),
        (
            "update fct_rfm2 set customer_key = 'x' where customer_key = md5('1')",
            "same_customers",
            "fct_rfm2 2025-12-31",
            CUSTOMERS.format("1,000") + ", not the same",
        ),
        (
            "insert into fct_lifecycle values ('x', '2025-12-31', 'trade')",
            "same_customers",
            "fct_lifecycle 2025-12-31",
            CUSTOMERS.format("1,001"),
        ),
        (
            "update fct_lifecycle_intervals set is_current = false"
            " where customer_key = md5('1')",
            "same_customers",
            "fct_lifecycle_intervals 2025-12-31",
            CUSTOMERS.format("999"),
        ),
        (
            "update mart_tier_summary set customers = 999 where model = 'motivation'",
            "same_customers",
            "mart_tier_summary 2025-12-31",
            CUSTOMERS.format("999"),
        ),
    ],
)
def test_a_broken_file_stops(settings, sql, rule, subject, words):
    change(settings.next_marts, sql)
    result = check_publication(settings, accept_drift=True)

    failure = only(result)
    assert not result.ok
    assert (failure.rule, failure.subject, failure.severity) == (rule, subject, "error")
    assert words in failure.found
    assert "Nothing is published" in explain_failures(result)
    assert result.asked["rejected_share"] == 0


def test_the_medical_file_is_of_the_same_customers_and_build(settings):
    change(
        settings.next_medical, "delete from mart_medical_tiers where customer_key = md5('1')"
    )
    found = only(check_publication(settings)).found
    assert found == "mart_medical_tiers " + CUSTOMERS.format("999")
    change(settings.next_medical, "update mart_medical_tiers set as_of_date = '2025-12-30'")
    rules = {failure.rule for failure in check_publication(settings).failures}
    assert rules == {"one_build", "same_customers"}
    change(settings.next_medical, "drop table mart_medical_tiers")
    assert ("marts_there", "mart_medical_tiers", "error") in told(check_publication(settings))


def test_several_days_are_held_against_each_other_day_by_day(settings):
    for file, tables in (
        (
            settings.next_marts,
            (
                "mart_customer_tiers",
                "fct_rfm",
                "fct_rfm2",
                "fct_lifecycle",
                "mart_tier_summary",
            ),
        ),
        (settings.next_medical, ("mart_medical_tiers",)),
    ):
        for table in tables:
            sql = f"select * replace (date '2025-11-30' as as_of_date) from {table}"
            change(file, f"insert into {table} {sql}")
    assert check_publication(settings).failures == ()

    change(settings.next_marts, "delete from fct_rfm where as_of_date = '2025-11-30'")
    assert only(check_publication(settings)).found == (
        "fct_rfm on 2025-11-30: 0 customers, 1,000 in mart_customer_tiers"
    )


# --- deliveries -------------------------------------------------------------------------------


def deliver(settings: Settings, file_id: int, rows: int, unreadable: int = 0) -> None:
    change(
        settings.database,
        f"update landing.files set rows_loaded = {rows}, rows_unreadable = {unreadable}"
        f" where file_id = {file_id}",
    )


def test_a_delivery_is_held_against_the_median_of_the_earlier_ones(settings):
    severities = {}
    for rows in (50, 49, 10, 9, 0, 500, 501, 2000, 2001):
        # File 5 is delivered together with file 4: the two are one delivery.
        deliver(settings, 4, rows)
        deliver(settings, 5, 0)
        result = landings(settings)
        severities[rows] = [(f.rule, f.severity) for f in result.failures]
    smaller, larger = "delivery_smaller", "delivery_larger"
    assert severities == {
        50: [], 49: [(smaller, "warn")], 10: [(smaller, "warn")], 9: [(smaller, "error")],
        0: [(smaller, "error")], 500: [], 501: [(larger, "warn")], 2000: [(larger, "warn")],
        2001: [(larger, "error")],
    }  # fmt: skip
    message = explain_failures(result)
    assert (
        "orders of source demo: 2,001 rows in orders_4a.csv, orders_4b.csv; 100 is the median"
        " of 3 earlier deliveries" in message
    )
    assert "warns beyond 5 times, stops beyond 20 times" in message
    assert "--accept-drift" in message
    assert "Nothing is published" in message
    assert [f.severity for f in landings(settings, accept_drift=True).failures] == ["warn"]


def test_few_or_small_deliveries_are_not_compared(settings):
    deliver(settings, 4, 1)
    deliver(settings, 5, 0)
    assert told(landings(settings)) == {("delivery_smaller", "demo.orders", "error")}
    taken_back = "insert into landing.withdrawn_files values ({}, now())"
    change(settings.database, taken_back.format(2))  # two are left: it only warns
    assert told(landings(settings)) == {("delivery_smaller", "demo.orders", "warn")}
    change(settings.database, taken_back.format(3))  # one is no median
    assert landings(settings).failures == ()

    change(settings.database, "truncate landing.withdrawn_files")
    for median, severity in ((99, "warn"), (50, "warn"), (49, None)):
        change(
            settings.database,
            f"update landing.files set rows_loaded = {median} where file_id < 4",
        )
        assert [f.severity for f in landings(settings).failures] == (
            [severity] * bool(severity)
        )


def test_lines_that_cannot_be_read_are_limited(settings):
    severities = {}
    for unreadable in (10, 11, 30, 31):
        deliver(settings, 4, 100 - unreadable, unreadable)
        deliver(settings, 5, 0)
        result = landings(settings)
        severities[unreadable] = [(f.rule, f.severity) for f in result.failures]
    rule = "unreadable_share"
    assert severities == {
        10: [],
        11: [(rule, "warn")],
        30: [(rule, "warn")],
        31: [(rule, "error")],
    }
    assert "31 of 100 lines of orders_4a.csv, orders_4b.csv could not be read (31.0 %)" in (
        only(result).found
    )


def test_load_age_asks_required_tables_and_those_that_policy_names(settings):
    ages = {}
    for day in ("2026-01-03", "2026-01-02", "2025-12-06", "2025-12-05"):
        change(
            settings.database,
            f"update landing.files set loaded_at = '{day} 08:00' where table_name = 'orders'",
        )
        ages[day] = [f.severity for f in landings(settings).failures]
    assert ages == {
        "2026-01-03": [], "2026-01-02": ["warn"],
        "2025-12-06": ["warn"], "2025-12-05": ["error"],
    }  # fmt: skip
    found = only(landings(settings)).found
    assert found == "orders of source demo: last delivered on 2025-12-05, 36 days ago"

    change(settings.database, "update landing.files set loaded_at = '2026-01-07'")
    assert told(landings(settings)) == {
        ("load_age", "demo.visits", "warn")
    }  # a limit of its own


# --- rejected rows ----------------------------------------------------------------------------


def reject(settings: Settings, file: Path, **rejected: int) -> None:
    for feed, rows in rejected.items():
        change(
            file,
            f"update mart_data_quality set row_count = case rule when 'rejected' then {rows}"
            f" when 'accepted' then 1000 - {rows} else row_count end where subject = '{feed}'",
        )


def test_the_rejected_share_of_a_feed_is_limited_by_its_own_limit_or_that_of_all(settings):
    both = (settings.next_marts, settings.published_marts)  # nothing moves
    for file in both:
        reject(settings, file, orders=100, visits=300, products=250, cards=10)
    assert told(check_publication(settings)) == {("rejected_share", "demo.visits", "warn")}
    for file in both:
        reject(settings, file, orders=101, visits=301, products=999, cards=21)
    change(
        settings.next_marts,
        "insert into mart_data_quality values"
        " ('rejection', 'demo', 'visits', 'future', 'visit_date', 'The day lies ahead', 300),"
        " ('rejection', 'demo', 'visits', 'other', '', null, 1)",
    )
    result = check_publication(settings)

    assert told(result) == {
        ("rejected_share", "demo.orders", "warn"),
        ("rejected_share", "demo.visits", "error"),
        ("rejected_share", "demo.products", "warn"),  # its limit never stops
        ("rejected_share", "demo.cards", "error"),
    }
    message = explain_failures(result)
    assert (
        "demo.visits: 301 of 1,000 rows are rejected (30.1 %): The day lies ahead (visit_date):"
        " 300; other: 1" in message
    )
    assert "limit: warns beyond 10 %, stops beyond 30 %" in message
    for way_out in (
        "entities.rejected_rows",
        "strata withdraw",
        "--accept-drift",
        "guard_limits",
    ):
        assert way_out in message
    accepted = check_publication(settings, accept_drift=True)
    assert accepted.ok
    assert len(accepted.failures) == 4
    assert "only warns this time: accepted by --accept-drift" in explain_failures(accepted)


def reject_rows(
    settings: Settings, file_id: int, rows: int, fault: str = "bad:order_date"
) -> None:
    """A fault for the first so many rows of a file."""
    change(
        settings.database,
        f"update entities.orders_checked set fault = '{fault}' where row_id"
        f" between {file_id} * 4294967296 and {file_id} * 4294967296 + {rows}",
    )


def test_a_file_of_which_half_is_rejected_stops_though_the_feed_hardly_notices(settings):
    change(
        settings.next_marts,
        "insert into mart_data_quality values"
        " ('rejection', 'demo', 'orders', 'bad', 'order_date', 'Cannot be read', 31)",
    )
    reject_rows(settings, 4, 60, "superseded:")  # a later row said otherwise: not rejected
    for rows, severity in ((6, None), (7, "warn"), (30, "warn"), (31, "error")):
        reject_rows(settings, 4, rows)
        result = check_publication(settings)
        expected = {("delivery_rejected_share", "demo.orders", severity)} if severity else set()
        assert told(result) == expected
    assert only(result).found == (
        "demo.orders, orders_4a.csv: 31 of 60 rows are rejected (51.7 %):"
        " Cannot be read (order_date): 31"
    )
    # Rows that staging derives from others are no rows of the file.
    change(settings.database, "update entities.orders_checked set is_carrier = fault is null")
    assert check_publication(settings).failures == ()
    change(settings.database, "update entities.orders_checked set is_carrier = true")
    change(settings.database, "insert into landing.withdrawn_files values (4, now())")
    assert check_publication(settings).failures == ()


def test_walk_ins_are_no_sign_that_anything_is_wrong(settings):
    for file in (settings.next_marts, settings.published_marts):
        reject(settings, file, orders=600)
        change(
            file,
            "insert into mart_data_quality values"
            " ('rejection', 'demo', 'orders', 'nobody_named', 'customer_id', 'Walk-in', 580)",
        )
    reject_rows(settings, 4, 60, "nobody_named:customer_id")
    assert check_publication(settings).failures == ()


def test_files_published_before_are_not_asked_again(settings):
    reject_rows(settings, 3, 80)
    assert check_publication(settings).failures == ()
    settings.published_marts.unlink()  # the first publication asks of all
    failure = only(check_publication(settings))
    assert (failure.rule, failure.severity) == ("delivery_rejected_share", "error")
    assert failure.found == (
        "demo.orders, orders_3.csv: 80 of 80 rows are rejected (100.0 %): bad (order_date): 80"
    )


def test_a_few_rejected_rows_are_no_share_to_speak_of(settings):
    change(
        settings.database,
        "delete from entities.orders_checked where row_id > 5::bigint * 4294967296 + 8",
    )
    for rows, severity in ((4, []), (5, ["warn"]), (7, ["warn"]), (8, ["error"])):
        reject_rows(settings, 5, rows)
        assert [f.severity for f in check_publication(settings).failures] == severity


def test_a_rejected_share_that_rises_without_new_rows_is_told(settings):
    reject(settings, settings.next_marts, orders=30, visits=31, products=110)
    assert told(check_publication(settings)) == {
        ("rejected_share_rise", "demo.visits", "warn"),
        ("rejected_share_rise", "demo.products", "warn"),
    }
    reject(settings, settings.next_marts, visits=10, products=111)
    result = check_publication(settings)
    failure = only(result)
    assert failure.severity == "error"
    assert failure.found == (
        "demo.products: from 1.0 % to 11.1 % rejected (111 of 1,000 rows, before 10 of 1,000)"
    )
    # With new rows it is for the limits of deliveries and feeds.
    change(
        settings.next_marts,
        "update mart_data_quality set row_count = 2 where rule = 'superseded'",
    )
    assert check_publication(settings).failures == ()


# --- drift ------------------------------------------------------------------------------------


def move_to_core(settings: Settings, customers: int) -> None:
    change(
        settings.next_marts,
        "update mart_customer_tiers set final_tier = 'core', final_label_en = 'Core'"
        " where customer_key in (select customer_key from mart_customer_tiers"
        f" where final_tier = 'trial' order by customer_key limit {customers});"
        "delete from mart_tier_summary where model = 'final'; insert into mart_tier_summary"
        " select as_of_date, ruleset, 'final', final_tier, count(*) from mart_customer_tiers"
        " group by all",
    )


def test_a_tier_share_beyond_its_limit_stops_and_says_what_moved(settings, great_expectations):
    for further, severity in ((30, None), (1, "warn"), (69, "warn"), (1, "error")):
        move_to_core(settings, further)
        result = check_publication(settings)
        expected = {
            ("tier_share_move", tier, severity) for tier in ("core", "trial") if severity
        }
        assert told(result) == expected
    message = explain_failures(result)
    assert "Core (core): from 50.0 % to 60.1 % of customers, up by 10.1 points" in message
    assert "Trial (trial): from 50.0 % to 39.9 % of customers, down by 10.1 points" in message
    assert "limit: warns beyond 3 points, stops beyond 10 points" in message
    assert "strata publish --accept-drift" in message
    assert "seeds/policy/guard_limits.csv" in message
    assert "Nothing is published; the last publication stays as it is." in message
    assert message.count("--accept-drift") == 1  # the way out stands once for both tiers


def test_a_tier_that_comes_or_goes_is_a_move(settings):
    change(settings.next_marts, "update mart_customer_tiers set final_tier = 'new' where"
           " final_tier = 'core'")  # fmt: skip
    found = {f.subject: f.found for f in check_publication(settings).failures}
    assert set(found) == {"core", "new"}
    assert "from 50.0 % to 0.0 %" in found["core"]
    assert "from 0.0 % to 50.0 %" in found["new"]


def scale(settings: Settings, file: Path, customers: int, amount: str = "100") -> None:
    """The first so many customers only, each with an amount."""
    sources = "select md5('' || i) from range({}) as t (i)"
    keep = "delete from {} where customer_key not in (" + sources.format(customers) + ");"
    tables = ("mart_customer_tiers", "fct_rfm", "fct_rfm2", "fct_lifecycle",
              "fct_lifecycle_intervals")  # fmt: skip
    change(
        file,
        "".join(keep.format(table) for table in tables)
        + "update mart_customer_tiers set final_tier = 'core', final_label_en = 'Core',"
        f" net_amount_365 = {amount};"
        "delete from mart_tier_summary where model != 'rule'; insert into mart_tier_summary"
        " select as_of_date, ruleset, 'final', final_tier, count(*) from mart_customer_tiers"
        " group by all union all select as_of_date, ruleset, 'motivation', 'unclear', count(*)"
        " from mart_customer_tiers group by all",
    )
    if file == settings.next_marts:
        change(settings.next_medical, keep.format("mart_medical_tiers"))


@pytest.mark.parametrize(
    ("was", "now", "rule", "severity"),
    [
        (1000, 980, "customers_fall", None), (1000, 979, "customers_fall", "warn"),
        (1000, 900, "customers_fall", "warn"), (1000, 899, "customers_fall", "error"),
        (500, 550, "customers_rise", None), (500, 551, "customers_rise", "warn"),
        (500, 750, "customers_rise", "warn"), (500, 751, "customers_rise", "error"),
        (99, 20, "customers_fall", "warn"), (19, 1, "customers_fall", None),
    ],
)  # fmt: skip
def test_customers_that_vanish_or_multiply_are_limited(settings, was, now, rule, severity):
    scale(settings, settings.published_marts, was, f"{now * 10000}.0 / {was}")
    scale(settings, settings.next_marts, now, "10000")
    result = check_publication(settings)

    found = {(f.rule, f.severity): f.found for f in result.failures}
    assert set(found) == ({(rule, severity)} if severity else set())
    if severity:
        assert f"customers: from {was:,} to {now:,}, " in found[rule, severity]


@pytest.mark.parametrize(
    ("amount", "rule", "severity"),
    [
        ("90", "revenue_fall", None), ("89.99", "revenue_fall", "warn"),
        ("70", "revenue_fall", "warn"), ("69.99", "revenue_fall", "error"),
        ("120", "revenue_rise", None), ("120.01", "revenue_rise", "warn"),
        ("150", "revenue_rise", "warn"), ("150.01", "revenue_rise", "error"),
        ("null", "revenue_fall", "error"),
    ],
)  # fmt: skip
def test_revenue_that_falls_or_rises_is_limited(settings, amount, rule, severity):
    change(settings.next_marts, f"update mart_customer_tiers set net_amount_365 = {amount}")
    result = check_publication(settings)

    assert told(result) == ({(rule, "", severity)} if severity else set())
    if severity == "error" and amount != "null":
        down, percent = ("down", "30.0") if rule == "revenue_fall" else ("up", "50.0")
        to = f"{float(amount) * 1000:,.0f}"
        said = f"net amount of 365 days: from 100,000 to {to}, {down} by {percent} %"
        assert only(result).found == said


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (
            "update {table} set as_of_date = '2025-11-29'",
            "the as-of day moved from 2025-11-29 to 2025-12-31",
        ),
        ("update {table} set ruleset = 'older'", "the rule set changed from older to trade"),
        (
            "update mart_data_quality set source = 'shop' where subject = 'cards'",
            "the sources changed from demo, shop to demo",
        ),
    ],
)
def test_what_moved_only_warns_where_it_cannot_be_compared(settings, sql, why):
    move_to_core(settings, 101)
    change(settings.published_marts, sql.format(table="mart_customer_tiers"))
    result = check_publication(settings)

    assert result.ok
    assert {f.severity for f in result.failures} == {"warn"}
    assert {f.rule for f in result.failures} == {"tier_share_move"}
    assert f"What moved only warns this time: {why}." in explain_failures(result)


def test_a_month_is_compared_and_the_share_of_rejected_rows_is_in_any_case(settings):
    move_to_core(settings, 101)
    change(settings.published_marts, "update mart_customer_tiers set as_of_date = '2025-11-30'")
    result = check_publication(settings)
    assert not result.ok
    assert result.eased == ""
    # An earlier day is one as well; limits that are no drift stop all the same.
    change(settings.published_marts, "update mart_customer_tiers set as_of_date = '2026-02-01'")
    for file in (settings.next_marts, settings.published_marts):
        reject(settings, file, orders=301)
    result = check_publication(settings)
    assert {f.rule for f in result.failures if f.severity == "error"} == {"rejected_share"}
    assert "moved from 2026-02-01 to 2025-12-31" in result.eased


# --- business days ----------------------------------------------------------------------------


def put_days(settings: Settings, *days: tuple[str, int]) -> None:
    change(
        settings.database,
        "truncate entities.orders_checked;"
        + "".join(
            f"insert into entities.orders_checked"
            f" select 'demo', date '{day}', 0, null, true from range({rows});"
            for day, rows in days
        ),
    )


@pytest.mark.parametrize(
    ("stray", "severity"),
    [
        ("2025-12-30", None),
        ("2026-01-14", None),
        ("2026-01-15", "warn"),
        ("2026-02-10", "error"),
    ],
)
def test_rows_that_stand_alone_behind_all_others_are_told(settings, stray, severity):
    change(
        settings.database,
        "update measures.as_of_dates set ordinary_date = '2025-12-31', stray_rows = 3,"
        f" stray_date = '{stray}'",
    )
    result = check_publication(settings)

    assert told(result) == ({("lone_day", "", severity)} if severity else set())
    if severity == "warn":
        assert only(result).found == (
            "the last ordinary business day is 2025-12-31; 3 orders or visits stand 15 days"
            " behind it, from 2026-01-15 on; this run describes 2025-12-31"
        )
        assert "strata run --as-of" in explain_failures(result)


# --- accounts and currencies ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purchases", "clinic", "severity"),
    [
        (29, "north", None),  # a person comes as often
        (59, "north", None),  # 5.6 % of the clinic's, not 20 times the most of nine in ten
        (60, "north", "warn"),
        (900, "north", "warn"),  # 47.5 %
        (1100, "north", "error"),
        (1100, "south", None),  # policy names the clinic: a company buys there
        (60, None, "error"),  # an account of no clinic is all of it
    ],
)
def test_an_account_with_far_more_than_everybody_else_is_told(
    settings, purchases, clinic, severity
):
    where = "customer_key = md5('7')"
    home = f"'{clinic}'" if clinic else "null"
    change(
        settings.next_marts,
        f"update mart_customer_tiers set purchases_lifetime = {purchases}, clinic_id = {home}"
        f" where {where}",
    )
    result = check_publication(settings)
    assert told(result) == ({("walk_in_share", clinic or "", severity)} if severity else set())
    if severity == "error" and clinic:
        assert "demo:c7 has 1,100 of 2,09" in only(result).found
        assert "散客" in only(result).hint


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (["CNY", "rmb", "", None, " 元 "], None),
        (["USD", "usd", "USD "], None),
        (["CNY", None, "HKD"], "CNY or none in 2 rows, HKD in 1 rows"),
        (["EUR", "EUR", None, "GBP"], "EUR in 2 rows, CNY or none in 1 rows, GBP in 1 rows"),
    ],
)
@pytest.mark.parametrize("column", ["currency", "Currency Code", "币种"])
def test_other_currencies_are_told(settings, said, found, column):
    change(settings.database, f'alter table raw_demo.orders add column "{column}" varchar')
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute("truncate raw_demo.orders")
        for row, value in enumerate(said):
            connection.execute(
                "insert into raw_demo.orders values ('1', '', '', 1, now(), $1, $2)",
                [4 * 2**32 + row, value],
            )
    result = landings(settings)
    assert told(result) == ({("other_currency", "demo.orders", "warn")} if found else set())
    if found:
        assert only(result).found == f"orders of source demo, column {column}: {found}"
        # A file that was taken back says nothing.
        change(settings.database, "insert into landing.withdrawn_files values (4, now())")
        assert "other_currency" not in {f.rule for f in landings(settings).failures}


def test_a_source_without_news_is_told(settings):
    for day, severity in (
        ("2025-12-24", None), ("2025-12-23", "warn"), ("2025-12-01", "warn"),
        ("2025-11-30", "error"),
    ):  # fmt: skip
        put_days(settings, ("2025-12-31", 9), ("2025-12-30", 9))
        shop = f"insert into entities.orders_checked values ('shop', '{day}', 0, null, true)"
        change(settings.database, shop)
        result = check_publication(settings)
        expected = {("business_age", "shop", severity)} if severity else set()
        assert told(result) == expected
    assert "shop: the newest business day is 2025-11-30, 31 days before the as-of day" in (
        explain_failures(result)
    )


# --- what cannot be asked ---------------------------------------------------------------------


def test_a_rule_that_cannot_be_evaluated_is_not_a_pass(settings, great_expectations):
    change(settings.next_marts, "alter table mart_data_quality rename row_count to n")
    result = check_publication(settings)

    assert not result.ok
    assert {f.severity for f in result.failures} == {"error"}
    assert all(f.found.startswith(NOT_EVALUATED) for f in result.failures)
    assert {"rejected_share", "rejected_share_rise"} <= {f.rule for f in result.failures}
    assert "row_count" in explain_failures(result)


def test_a_published_file_of_another_shape_stops_until_it_is_accepted(settings):
    change(
        settings.published_marts, "alter table mart_customer_tiers drop column net_amount_365"
    )
    assert not check_publication(settings).ok
    accepted = check_publication(settings, accept_drift=True)
    assert accepted.ok
    assert any(f.rule == "tier_share_move" for f in accepted.failures)


def test_what_a_person_accepts_reaches_both_checks(monkeypatch, tmp_path):
    for name in (
        "require_closed", "finish_forgetting", "require_sense", "connect_patiently",
        "create_bookkeeping", "recorded", "read_project", "heal_published", "plan_build",
        "record_publication", "build", "note_whole_days", "_say_if_going_back", "run_id_of",
        "publish", "_write_pages", "record_finished_build",
    ):  # fmt: skip
        monkeypatch.setattr(f"strata.run.{name}", MagicMock())
    monkeypatch.setattr("strata.run.plan_build", lambda *_: BuildPlan("", "null"))
    monkeypatch.setattr("strata.summary.show_publication", MagicMock())
    asked = []
    for name in ("check_landings", "check_publication"):
        monkeypatch.setattr(
            f"strata.run.{name}",
            lambda *_, accept_drift, name=name: (
                asked.append((name, accept_drift)) or MagicMock(failures=())
            ),
        )
    for options in (["--accept-drift"], []):
        ran = CliRunner().invoke(app, ["run", *options, "--warehouse", str(tmp_path)])
        assert ran.exit_code == 0, ran.output
        accepts = bool(options)
        assert asked == [("check_landings", accepts), ("check_publication", accepts)]
        asked.clear()


def test_an_error_inside_great_expectations_is_not_a_pass():
    rule = suite.Rule("a", "limit", "", "do this", "")

    class Answer:
        expectation_config = type("Config", (), {"meta": {"rule": "a", "level": "error"}})
        success = True
        exception_info = {
            "metric": {"raised_exception": True, "exception_message": "no such column"}
        }

    failures = _judge(suite.Suite("publication", [rule]), [Answer])
    assert [f.found for f in failures] == [
        f"{NOT_EVALUATED}: no such column",
        f"{NOT_EVALUATED}: Great Expectations gave no answer",
    ]
    assert {f.severity for f in failures} == {"error"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("rejected_share,*,10,30", "rejected_share,*,ten,30", "ten"),
        ("rejected_share,*,10,30", "rejected_share,*,30,10", "rejected_share of *: warn must"),
        ("rejected_share,*,10,30", "rejected_share,*,-1,30", "rejected_share of *: warn must"),
        ("rejected_share,*,10,30", "rejected_share,products,1,2", "rejected_share of products"),
        ("customers_fall,*", "customers_fell,*", "no limit customers_fall for all"),
        ("least_customers,*", "least_people,*", "no limit least_customers for all"),
        ("drift_days,*", "drift,*", "no limit drift_days for all"),
    ],
)
def test_limits_that_cannot_be_limits_are_named(
    settings, monkeypatch, tmp_path, old, new, words
):
    put_limits(monkeypatch, tmp_path, LIMITS.replace(old, new, 1))
    with pytest.raises(StrataError) as raised:
        check_publication(settings)
    assert words in raised.value.message
    assert "seeds/policy/guard_limits.csv" in raised.value.hint


def test_what_cannot_be_checked_says_what_to_do(settings, tmp_path):
    with pytest.raises(StrataError, match="manifest") as raised:
        check_publication(settings, manifest=tmp_path / "manifest.json")
    assert "strata run" in raised.value.hint
    with (
        duckdb.connect(str(settings.database)),
        pytest.raises(StrataError, match="landings cannot read"),
    ):
        landings(settings)
    settings.next_medical.unlink()
    with pytest.raises(StrataError, match=r"medical\.duckdb"):
        check_publication(settings)
    settings.database.unlink()
    with pytest.raises(StrataError, match=r"strata\.duckdb"):
        landings(settings)


# --- Data Docs --------------------------------------------------------------------------------


def test_data_docs_keep_both_checkpoints_and_only_the_last_run(settings, great_expectations):
    for _ in range(2):
        landings(settings)
        check_publication(settings)
    pages = list(settings.data_docs_dir.glob("validations/**/*.html"))
    index = (settings.data_docs_dir / "index.html").read_text(encoding="utf-8")
    assert len(pages) == 2
    assert "landings" in index
    assert "publication" in index
    assert "http" not in index
    assert all("http" not in page.read_text(encoding="utf-8") for page in pages)


@pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed")
def test_data_docs_open_from_disk_without_any_request(settings, great_expectations):
    from playwright.sync_api import sync_playwright

    move_to_core(settings, 101)
    landings(settings)
    result = check_publication(settings)
    requests: list[str] = []
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS)
        page = browser.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((result.docs / "index.html").as_uri())
        first_row = page.locator("tbody tr").first.inner_text()
        page.click("td >> text=publication >> nth=0")
        shown = page.inner_text("main")
        page.check("#failed-only")
        failed_only = page.inner_text("main")
        page.click("text=Strata guard")
        back_at = page.url
        others = list(result.docs.rglob("*.html"))
        for other in others:
            page.goto(other.as_uri())
        browser.close()

    assert "publication" in first_row
    assert "tier_share_move (error): No headline tier's share of customers moves far" in shown
    assert "marts_there (error)" in shown
    assert "marts_there (error)" not in failed_only
    assert "tier_share_move (error)" in failed_only
    assert back_at == (result.docs / "index.html").as_uri()
    assert len(requests) >= len(others)
    assert [url for url in requests if not url.startswith("file://")] == []
    assert errors == []


# --- damage and hostile names -----------------------------------------------------------------


@pytest.mark.parametrize("damage", [b"", b"\x95garbage", None])
def test_damaged_files_of_the_guard_do_not_stop_a_check(settings, great_expectations, damage):
    landings(settings)
    before = told(check_publication(settings))
    kept = [file for file in (settings.warehouse_dir / "gate").rglob("*") if file.is_file()]
    assert len(kept) > 8
    for file in kept:
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 2] if damage is None else damage)
        file.with_name(file.name + ".wal").write_bytes(b"garbage")
    (settings.data_docs_dir / "index.html").write_bytes(damage or b"")
    assert told(check_publication(settings)) == before
    assert landings(settings).ok


def test_a_warehouse_may_have_any_name(settings, great_expectations, tmp_path):
    hostile = tmp_path / 'a $HOME "b" 100%x=1#y;z'
    settings.warehouse_dir.rename(hostile)
    settings = Settings(hostile)
    move_to_core(settings, 101)
    result = check_publication(settings)
    assert {rule for rule, _, severity in told(result) if severity == "error"} == {
        "tier_share_move"
    }
    assert (settings.data_docs_dir / "index.html").exists()
