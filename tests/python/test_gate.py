"""The guard: real dbt manifest, real DuckDB file, real Great Expectations."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from strata.errors import StrataError
from strata.gate import check_landings, check_marts, explain_failures
from strata.gate.result import NOT_EVALUATED
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
NAME = "张小美"
PHONE = "13800001111"
PROJECT_TESTS = Path(__file__).resolve().parents[1] / "generic"

PROJECT = {
    "dbt_project.yml": """
name: tiny
version: "1.0"
profile: tiny
test-paths: [tests]
models:
  tiny:
    marts: {+schema: marts, +materialized: table}
""",
    "profiles.yml": """
tiny:
  target: dev
  outputs:
    dev: {type: duckdb, path: "strata.duckdb", schema: main}
""",
    "macros/schema.sql": """
{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}
""",
    "tests/generic/is_even.sql": """
{% test is_even(model, column_name) %}
select * from {{ model }} where {{ column_name }} % 2 = 1
{% endtest %}
""",
    "models/staging/demo/_demo__sources.yml": """
sources:
  - name: demo
    schema: raw_demo
    tables:
      - name: customers
        config: {meta: {required: true}}
        columns:
          - name: customer_id
            data_tests: [not_null, unique]
          - name: full_name
          - name: phone
            data_tests:
              - not_null: {config: {where: "try_cast(customer_id as integer) > 0"}}
      - name: orders
        columns:
          - name: order_id
          - name: customer_id
            data_tests:
              - relationships:
                  arguments: {to: "source('demo', 'customers')", field: customer_id}
          - name: status
            data_tests:
              - accepted_values:
                  arguments: {values: [paid, cancelled]}
                  config: {severity: warn}
""",
    "models/marts/marts.yml": """
models:
  - name: mart_tiers
    config: {contract: {enforced: true}}
    constraints:
      - {type: check, expression: "amount >= 0"}
    columns:
      - name: customer_key
        data_type: varchar
        constraints: [{type: not_null}]
        data_tests:
          - not_null
          - relationships: {arguments: {to: "ref('dim_keys')", field: customer_key}}
      - {name: as_of_date, data_type: date}
      - name: tier
        data_type: text
        data_tests:
          - accepted_values: {arguments: {values: [gold, silver]}}
      - name: score
        data_type: integer
        data_tests:
          - between: {arguments: {min_value: 1, max_value: 5}}
          - is_even: {config: {severity: warn}}
      - name: amount
        data_type: decimal(18, 2)
        data_tests:
          - between:
              arguments: {max_value: 1000}
              config: {severity: warn, where: "tier = 'gold'"}
    data_tests:
      - unique_combination: {arguments: {columns: [customer_key, as_of_date]}}
      - not_null_columns: {arguments: {columns: [tier, score]}}
  - name: dim_keys
    columns:
      - name: customer_key
        data_tests: [unique]
      - name: visits
        data_tests:
          - between: {arguments: {min_value: 0}}
  - name: mart_alarms
    config: {meta: {may_be_empty: true}}
    data_tests:
      - unique_combination: {arguments: {columns: [alarm], nullable: [alarm]}}
""",
    "models/marts/mart_tiers.sql": "select 1 as customer_key",
    "models/marts/dim_keys.sql": "select 1 as customer_key",
    "models/marts/mart_alarms.sql": "select 1 as alarm",
}

WAREHOUSE = f"""
create schema raw_demo;
create schema marts;
create table raw_demo.customers as
select
    i::varchar as customer_id,
    '{NAME}' as full_name,
    '{PHONE}' as phone,
    'customers.csv' as _file,
    i + 1 as _row,
    timestamp '2026-01-01' as _loaded_at,
    i as _row_id
from range(1, 21) as numbers (i);
create table raw_demo.orders as
select
    'o' || i as order_id,
    i::varchar as customer_id,
    case when i % 2 = 0 then 'paid' else 'cancelled' end as status,
    'orders.csv' as _file,
    i + 1 as _row,
    timestamp '2026-01-01' as _loaded_at,
    i as _row_id
from range(1, 21) as numbers (i);
create table marts.mart_tiers as
select
    'k' || i as customer_key,
    date '2026-01-31' as as_of_date,
    case when i % 2 = 0 then 'gold' else 'silver' end as tier,
    (i % 5 + 1)::integer as score,
    (i * 10)::decimal(18, 2) as amount
from range(1, 21) as numbers (i);
create table marts.dim_keys as
select 'k' || i as customer_key, i as visits from range(1, 21) as numbers (i);
create table marts.mart_alarms (alarm varchar);
"""


@pytest.fixture(scope="session")
def manifest(tmp_path_factory) -> Path:
    """What dbt itself writes for a tiny project."""
    project = tmp_path_factory.mktemp("project")
    generic = {f"tests/generic/{p.name}": p.read_text() for p in PROJECT_TESTS.glob("*.sql")}
    for name, text in {**generic, **PROJECT}.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    dbt = Path(sys.executable).with_name("dbt")
    subprocess.run(
        [dbt, "parse", "--project-dir", project, "--profiles-dir", project],
        cwd=project,
        env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        check=True,
        capture_output=True,
    )
    return project / "target" / "manifest.json"


@pytest.fixture
def settings(tmp_path) -> Settings:
    """A warehouse in which every rule holds."""
    settings = Settings(tmp_path / "warehouse")
    settings.warehouse_dir.mkdir()
    change(settings, WAREHOUSE)
    return settings


def change(settings: Settings, sql: str) -> None:
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute(sql)


def check(checkpoint: str, settings: Settings, manifest: Path):
    if checkpoint == "landings":
        return check_landings(settings, manifest, ["demo"])
    return check_marts(settings, manifest)


def written_text(settings: Settings) -> str:
    """Everything the guard wrote to disk."""
    files = (p for p in settings.warehouse_dir.rglob("*") if p != settings.database)
    return "\n".join(p.read_text(encoding="utf-8") for p in files if p.is_file())


def test_a_clean_warehouse_passes_and_is_left_untouched(settings, manifest):
    before = hashlib.sha256(settings.database.read_bytes()).hexdigest()
    messages: list[str] = []
    landings = check_landings(settings, manifest, ["demo"], messages.append)
    marts = check_marts(settings, json.loads(manifest.read_text()), messages.append)

    assert landings.ok
    assert marts.ok
    assert landings.failures == ()
    assert marts.failures == ()
    # table_exists, columns_exist, 4 lineage columns, _row_id unique, and the dbt tests
    assert landings.expectations == {"raw_demo.customers": 11, "raw_demo.orders": 9}
    assert set(marts.expectations) == {
        "marts.mart_tiers",
        "marts.dim_keys",
        "marts.mart_alarms",
    }
    assert marts.left_to_dbt == ("is_even_mart_tiers_score",)
    assert explain_failures(marts).endswith("All hold.")
    assert any("Data Docs" in message for message in messages)
    assert hashlib.sha256(settings.database.read_bytes()).hexdigest() == before


LANDING_CASES = {
    "table is absent": (
        "drop table raw_demo.orders",
        ("raw_demo.orders", "table_exists", ""),
        (),
    ),
    "declared column is absent": (
        "alter table raw_demo.orders drop column status",
        ("raw_demo.orders", "columns_exist", "status"),
        (),
    ),
    "lineage is absent": (
        "alter table raw_demo.orders drop column _row_id",
        ("raw_demo.orders", "columns_exist", "_row_id"),
        (),
    ),
    "lineage is null": (
        "update raw_demo.orders set _loaded_at = null where _row = 4",
        ("raw_demo.orders", "not_null", "_loaded_at"),
        ({"_file": "orders.csv", "_row": "4"},),
    ),
    "row id is repeated": (
        "update raw_demo.orders set _row_id = 1 where _row = 3",
        ("raw_demo.orders", "unique", "_row_id"),
        ({"_file": "orders.csv", "_row": "2"}, {"_file": "orders.csv", "_row": "3"}),
    ),
    "required feed is empty": (
        "truncate raw_demo.orders; truncate raw_demo.customers",
        ("raw_demo.customers", "not_empty", ""),
        (),
    ),
    "not_null": (
        "truncate raw_demo.orders;"
        "update raw_demo.customers set customer_id = null where _row = 9",
        ("raw_demo.customers", "not_null", "customer_id"),
        ({"_file": "customers.csv", "_row": "9"},),
    ),
    "not_null under a condition": (
        "update raw_demo.customers set phone = null where _row = 5",
        ("raw_demo.customers", "not_null", "phone"),
        ({"_file": "customers.csv", "_row": "5"},),
    ),
    "unique": (
        "truncate raw_demo.orders;"
        "update raw_demo.customers set customer_id = '7' where _row = 3",
        ("raw_demo.customers", "unique", "customer_id"),
        ({"_file": "customers.csv", "_row": "3"}, {"_file": "customers.csv", "_row": "8"}),
    ),
    "relationships": (
        "update raw_demo.orders set customer_id = 'nobody' where _row = 6",
        ("raw_demo.orders", "relationships", "customer_id"),
        ({"_file": "orders.csv", "_row": "6"},),
    ),
}

K3 = {"customer_key": "k3", "as_of_date": "2026-01-31"}
MART_CASES = {
    "table is absent": (
        "drop table marts.mart_alarms",
        ("marts.mart_alarms", "table_exists", ""),
        (),
    ),
    "column is absent": (
        "alter table marts.mart_tiers drop column score",
        ("marts.mart_tiers", "columns_match", "score"),
        (),
    ),
    "column is not in the contract": (
        "alter table marts.mart_tiers add column phone integer",
        ("marts.mart_tiers", "columns_match", "phone"),
        (),
    ),
    "columns stand in another order": (
        "create or replace table marts.mart_tiers as"
        " select customer_key, as_of_date, score, tier, amount from marts.mart_tiers",
        ("marts.mart_tiers", "columns_match", ""),
        (),
    ),
    "data type differs": (
        "alter table marts.mart_tiers alter column amount type decimal(18, 3)",
        ("marts.mart_tiers", "data_types", ""),
        (
            {
                "column_name": "amount",
                "contract_type": "DECIMAL(18,2)",
                "table_type": "DECIMAL(18,3)",
            },
        ),
    ),
    "table is empty": (
        "truncate marts.mart_tiers",
        ("marts.mart_tiers", "not_empty", ""),
        (),
    ),
    "not_null": (
        "update marts.mart_tiers set customer_key = null where customer_key = 'k3'",
        ("marts.mart_tiers", "not_null", "customer_key"),
        ({"customer_key": "null", "as_of_date": "2026-01-31"},),
    ),
    "part of a key is not known": (
        "update marts.mart_tiers set as_of_date = null where customer_key = 'k3'",
        ("marts.mart_tiers", "not_null", "as_of_date"),
        ({"customer_key": "k3", "as_of_date": "null"},),
    ),
    "one of several columns is null": (
        "update marts.mart_tiers set score = null where customer_key = 'k3'",
        ("marts.mart_tiers", "not_null", "score"),
        ({**K3, "score": "null"},),
    ),
    "unique": (
        "insert into marts.dim_keys values ('k3', 3)",
        ("marts.dim_keys", "unique", "customer_key"),
        ({"customer_key": "k3"},),
    ),
    "unique_combination": (
        "insert into marts.mart_tiers from marts.mart_tiers where customer_key = 'k3'",
        ("marts.mart_tiers", "unique_combination", "customer_key, as_of_date"),
        (K3,),
    ),
    "accepted_values": (
        "update marts.mart_tiers set tier = 'lead' where customer_key = 'k3'",
        ("marts.mart_tiers", "accepted_values", "tier"),
        ({**K3, "tier": "lead"},),
    ),
    "between": (
        "update marts.mart_tiers set score = 6 where customer_key = 'k3'",
        ("marts.mart_tiers", "between", "score"),
        ({**K3, "score": "6"},),
    ),
    "relationships": (
        "delete from marts.dim_keys where customer_key = 'k3'",
        ("marts.mart_tiers", "relationships", "customer_key"),
        (K3,),
    ),
    "check": (
        "update marts.mart_tiers set amount = -1 where customer_key = 'k3'",
        ("marts.mart_tiers", "check", ""),
        (K3,),
    ),
}
CASES = [
    pytest.param(checkpoint, *case, id=f"{checkpoint}: {name}")
    for checkpoint, cases in (("landings", LANDING_CASES), ("marts", MART_CASES))
    for name, case in cases.items()
]


@pytest.mark.parametrize(("checkpoint", "sql", "where", "rows"), CASES)
def test_each_broken_rule_is_caught_alone(settings, manifest, checkpoint, sql, where, rows):
    change(settings, sql)
    result = check(checkpoint, settings, manifest)

    assert not result.ok
    (failure,) = result.failures
    assert (failure.table, failure.rule, failure.column) == where
    assert failure.severity == "error"
    assert failure.kind == "broken"
    assert failure.rows == rows
    assert failure.hint
    message = explain_failures(result)
    assert failure.rule in message
    assert failure.hint in message
    assert "Nothing is published" in message


@pytest.mark.parametrize(
    ("checkpoint", "sql", "rule"),
    [
        ("landings", "update raw_demo.orders set status = 'odd'", "accepted_values"),
        ("marts", "update marts.mart_tiers set amount = 5000", "between"),
    ],
)
def test_a_warning_is_told_and_does_not_block(settings, manifest, checkpoint, sql, rule):
    change(settings, sql)
    result = check(checkpoint, settings, manifest)

    assert result.ok
    assert [(f.rule, f.severity, len(f.rows)) for f in result.failures] == [(rule, "warn", 5)]
    assert "Warnings do not stop the run." in explain_failures(result)


def test_a_rule_that_cannot_be_evaluated_is_not_a_pass(settings, manifest):
    change(settings, "alter table marts.dim_keys alter column visits type varchar")
    result = check_marts(settings, manifest)

    assert not result.ok
    (failure,) = result.failures
    assert (failure.table, failure.rule, failure.column) == (
        "marts.dim_keys",
        "between",
        "visits",
    )
    assert failure.kind == NOT_EVALUATED
    assert NOT_EVALUATED in explain_failures(result)


def test_personal_data_is_neither_told_nor_written(settings, manifest):
    change(settings, f"update raw_demo.orders set customer_id = '{PHONE}', status = '{NAME}'")
    change(settings, "insert into raw_demo.customers from raw_demo.customers")
    result = check_landings(settings, manifest, ["demo"])

    rules = {failure.rule for failure in result.failures}
    assert {"unique", "relationships", "accepted_values"} <= rules
    told = explain_failures(result) + repr(result) + written_text(settings)
    assert PHONE not in told
    assert NAME not in told
    assert "orders.csv row 2" in told


def test_an_error_message_does_not_leak_personal_data(settings, manifest):
    change(settings, "update raw_demo.customers set phone = null where _row = 5")
    text = manifest.read_text().replace("try_cast(customer_id as", "cast(full_name as")
    result = check_landings(settings, json.loads(text), ["demo"])

    (failure,) = result.failures
    assert failure.kind == NOT_EVALUATED
    assert not result.ok
    assert NAME not in explain_failures(result) + repr(result) + written_text(settings)


def test_data_docs_keep_both_checkpoints_and_only_the_last_run(settings, manifest):
    check_landings(settings, manifest, ["demo"])
    check_marts(settings, manifest)
    check_landings(settings, manifest, ["demo"])

    pages = list(settings.data_docs_dir.glob("validations/**/*.html"))
    index = (settings.data_docs_dir / "index.html").read_text(encoding="utf-8")
    assert len(pages) == 7  # 2 + 3 tables, and one page for each checkpoint's list of tables
    assert "raw_demo.orders" in index
    assert "marts.mart_tiers" in index
    assert "http" not in index


@pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed")
def test_data_docs_open_from_disk_without_any_request(settings, manifest):
    from playwright.sync_api import sync_playwright

    change(settings, "update marts.mart_tiers set tier = 'lead' where customer_key = 'k3'")
    check_landings(settings, manifest, ["demo"])
    result = check_marts(settings, manifest)
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
        page.click("td >> text=marts.mart_tiers >> nth=0")
        shown = page.inner_text("main")
        page.check("#failed-only")
        failed_only = page.inner_text("main")
        page.click("text=Strata guard")
        back_at = page.url
        others = list(result.docs.rglob("*.html"))
        for other in others:
            page.goto(other.as_uri())
        browser.close()

    assert "marts.mart_tiers" in first_row
    assert "accepted_values: tier is one of gold, silver" in shown
    assert "not_empty" in shown
    assert "not_empty" not in failed_only
    assert "accepted_values: tier is one of gold, silver" in failed_only
    assert back_at == (result.docs / "index.html").as_uri()
    assert len(requests) >= len(others)
    assert [url for url in requests if not url.startswith("file://")] == []
    assert errors == []


def test_what_cannot_be_checked_says_what_to_do(settings, manifest, tmp_path):
    with pytest.raises(StrataError, match="'nowhere' is not declared"):
        check_landings(settings, manifest, ["nowhere"])
    with pytest.raises(StrataError, match="manifest .* cannot be read"):
        check_marts(settings, tmp_path / "manifest.json")
    with pytest.raises(StrataError, match="there is no warehouse"):
        check_marts(Settings(tmp_path / "elsewhere"), manifest)
    with (
        duckdb.connect(str(settings.database)),
        pytest.raises(StrataError, match="cannot be opened for reading"),
    ):
        check_marts(settings, manifest)
