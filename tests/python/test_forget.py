"""Forgetting a person: no value and no byte of them is left, and who returns is known."""

import hashlib
import json
import random
import re
import shutil
import sys
import time
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

import strata.report
from builder import Chain
from kills import KILLS, kill, starter
from strata.cli import app
from strata.errors import StrataError
from strata.forget import command as forgetting
from strata.forget import finish_forgetting, forget_customer, retain
from strata.landing import load_directory
from strata.landing.installation import ensure_secret
from strata.options import RunOptions
from strata.publish import Publication
from strata.record import last_run
from strata.served import DAMAGED_BUILD, why_damaged
from strata.settings import Settings
from strata.warehouse import quoted

# Spelled in the raw rows in several ways; nobody else has any of them.
PERSONAL = (
    "his-4711", "mini-0815", "欧阳娜娜丽莎", "13728465917", "+86 137-2846-5917",
    "oUnionOfNana", "她说疼得厉害", "不再来了,真的", "手写备注在此",
    # The comment's hash: a refresh adds to comment_scores and takes nothing out.
    hashlib.md5("她说疼得厉害".encode()).hexdigest(),
)  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """Two records of one person, another person, and a served file of each room."""
    chain = Chain(Path(tmp_path_factory.mktemp("forget")))
    chain.customer(
        "his-4711", full_name="欧阳娜娜丽莎", phone="13728465917", is_phone_verified="true",
        registered_date="2020-01-05",
    )  # fmt: skip
    chain.customer(
        "mini-0815", full_name="欧阳娜娜丽莎", phone="+86 137-2846-5917",
        is_phone_verified="true", wechat_unionid="oUnionOfNana", registered_date="2021-01-05",
    )  # fmt: skip
    chain.customer("other", full_name="赵一", phone="13900000001", is_phone_verified="true")
    chain.product("facial")
    for customer in ("his-4711", " mini-0815 ", "other"):
        chain.order(customer, "2024-05-01", 700)
    chain.visit("other", "2025-06-30")
    chain.referral("other", "his-4711", "2024-04-01")
    for customer, text in (("his-4711", "她说疼得厉害"), ("other", "很好")):
        chain.add(
            "surveys", survey_id=f"s{len(text)}", customer_id=customer,
            survey_date="2024-05-02", nps_score=3, comment_text=text,
        )  # fmt: skip
    chain.load()
    folder = chain.files / "by hand"
    folder.mkdir()
    # A column that nobody declared, and lines that cannot be read.
    (folder / "surveys_x.csv").write_text(
        "survey_id,customer_id,survey_date,comment_text,备注\n"
        'x1,his-4711,2024-05-03,"不再来了,真的",手写备注在此\n'
        "x2,his-4711,too,many,fields,13728465917,here\n"
        "x3,other,too,many,fields,kept,here\n",
        encoding="utf-8",
    )
    load_directory(chain.settings, "demo", folder)
    chain.build(
        "--select", "+customer_bridge", "+surveys", "+orders", "+visits", "shared_identifiers",
        "+comment_scores", tests=False,
    )  # fmt: skip
    return chain


@pytest.fixture
def warehouse(built: Chain, tmp_path: Path) -> Settings:
    return published_copy(built, tmp_path / "it's a warehouse")


def published_copy(built: Chain, directory: Path) -> Settings:
    """A copy of it, with history and publications as they would be."""
    settings = Settings(directory)
    shutil.copytree(built.settings.warehouse_dir, settings.warehouse_dir)
    with duckdb.connect(str(settings.database)) as build:
        rows = (
            "select distinct customer_key, date '2024-05-31' as as_of_date from"
            " customers.customer_bridge"
        )
        build.execute(f"create table history.customer_snapshots as {rows}")
        build.execute(
            "create schema if not exists tiers; create table tiers.customer_tiers as"
            f" select *, 'medical_aesthetics' as ruleset from ({rows})"
        )
    files = (settings.published_marts, settings.published_medical,
             settings.published_dir / "history" / "marts-1.duckdb")  # fmt: skip
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(file)) as marts:
            marts.execute(f"attach '{quoted(settings.database)}' as b (read_only)")
            marts.execute(
                "create table fct as select customer_key, 700 as amount"
                " from b.history.customer_snapshots;"
                "create view v as select * from fct;"
                "create table publication as"
                " select 'r' as run_id, 'fct' as table_name, 2 as row_count"
            )
    settings.target_dir.mkdir(exist_ok=True)
    (settings.warehouse_dir / "logs").mkdir(exist_ok=True)
    (settings.warehouse_dir / "logs" / "dbt.log").write_text("failed for 欧阳娜娜丽莎")
    (settings.warehouse_dir / "gate").mkdir()
    (settings.warehouse_dir / "gate" / "sample.json").write_text("13728465917")
    (settings.warehouse_dir / "check").mkdir()
    for copy in ("check/strata.duckdb.wal", f"{DAMAGED_BUILD}.wal"):
        (settings.warehouse_dir / copy).write_text("13728465917")
    return settings


@pytest.fixture(autouse=True)
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handmade marts have no figures."""
    monkeypatch.setattr("strata.report.write_report", lambda *_: None)


def key_of(settings: Settings, customer: str) -> uuid.UUID:
    with duckdb.connect(str(settings.database), read_only=True) as build:
        (key,) = build.execute(
            "select customer_key from customers.customer_bridge where customer_id = ?",
            [customer],
        ).fetchone()
    return key


def databases(settings: Settings) -> list[Path]:
    return sorted(settings.warehouse_dir.rglob("*.duckdb"))


def cells(file: Path) -> set[str]:
    """Every cell of every table and view as text."""
    with duckdb.connect(str(file), read_only=True) as reader:
        names = reader.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
        return {
            str(cell)
            for schema, name in names
            for row in reader.execute(f'from "{schema}"."{name}"').fetchall()
            for cell in row
        }


def left_over(settings: Settings, words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Which of the words are in which file: as bytes, or, compressed, as a value."""
    found = []
    for file in settings.warehouse_dir.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            values = cells(file) if file.suffix == ".duckdb" else set()
            found += [
                (file.name, word)
                for word in words
                if word.encode() in content or any(word in value for value in values)
            ]
    return found


def test_no_byte_and_no_value_of_the_person_is_left(warehouse: Settings) -> None:
    key = str(key_of(warehouse, "his-4711"))
    assert str(key_of(warehouse, "mini-0815")) == key  # one person
    words = (*PERSONAL, key)
    assert {word for _, word in left_over(warehouse, words)} == set(words)

    certificate = forget_customer(warehouse, "mini-0815", with_facts=False)

    assert left_over(warehouse, words) == []
    assert certificate.people == 1
    assert certificate.rows_in_history == 1
    assert certificate.rows_in_publications == {
        "marts.duckdb": 1, "medical.duckdb": 1, "history/marts-1.duckdb": 1,
    }  # fmt: skip
    assert certificate.rows_in_build == {
        "raw_demo.customers": 2, "raw_demo.orders": 2, "raw_demo.referrals": 1,
        "raw_demo.surveys": 2, "landing.unreadable_rows": 1,
    }  # fmt: skip
    assert certificate.delivered_in == [
        "demo/customers_1.csv", "demo/orders_1.csv", "demo/referrals_1.csv",
        "demo/surveys_1.csv", "demo/surveys_x.csv",
    ]  # fmt: skip
    (written,) = (warehouse.warehouse_dir / "certificates").iterdir()
    assert json.loads(written.read_text())["people"] == 1


def test_the_facts_stay_under_a_key_that_leads_to_nobody(warehouse: Settings) -> None:
    old = key_of(warehouse, "his-4711")
    other = key_of(warehouse, "other")
    forget_customer(warehouse, str(old), with_facts=False)
    with duckdb.connect(str(warehouse.database), read_only=True) as build:
        ids = build.execute("select customer_id from raw_demo.orders order by 1").fetchall()
        people = build.execute(
            "select customer_id, full_name, phone, wechat_unionid from raw_demo.customers"
        ).fetchall()
        (snapshots,) = build.execute(
            "select list(customer_key) from history.customer_snapshots"
        ).fetchone()
        comments = build.execute("select comment_text from raw_demo.surveys").fetchall()
        referral = build.execute("select * from raw_demo.referrals").fetchone()
    pseudonyms = {name for (name,) in ids if name.startswith("forgotten-")}
    assert len(pseudonyms) == 1
    assert [name for (name,) in ids].count(*pseudonyms) == 2
    (pseudonym,) = pseudonyms
    # Both records say the same id and unionid, so they stay one person; nothing else.
    assert sorted(people, key=str) == sorted(
        [("other", "赵一", "13900000001", None), *[(pseudonym, None, None, pseudonym)] * 2],
        key=str,
    )
    assert ("很好",) in comments
    assert "other" in referral
    assert pseudonym in referral
    assert len(snapshots) == 2
    assert other in snapshots
    assert old not in snapshots
    with duckdb.connect(str(warehouse.published_marts), read_only=True) as marts:
        assert set(marts.execute("select customer_key from v").fetchall()) == {
            (key,) for key in snapshots
        }


def test_facts_go_as_well_if_asked_for(warehouse: Settings) -> None:
    other = key_of(warehouse, "other")
    forget_customer(warehouse, "his-4711", with_facts=True)
    with duckdb.connect(str(warehouse.database), read_only=True) as build:
        assert build.execute("select customer_id from raw_demo.orders").fetchall() == [
            ("other",)
        ]
        assert build.execute("select count(*) from raw_demo.customers").fetchone() == (1,)
        assert build.execute(
            "select customer_key from history.customer_snapshots"
        ).fetchall() == [(other,)]
    with duckdb.connect(str(warehouse.published_marts), read_only=True) as marts:
        assert marts.execute("select customer_key from fct").fetchall() == [(other,)]
        assert marts.execute("select row_count from publication").fetchone() == (1,)


def test_the_person_is_known_again_and_set_aside(warehouse: Settings, tmp_path: Path) -> None:
    forget_customer(warehouse, "his-4711", with_facts=False)
    folder = tmp_path / "later"
    folder.mkdir()
    # The old id, dirty; the phone under a new id, whose orders go as well; a stranger stays.
    (folder / "customers_2.csv").write_text(
        "customer_id,system,full_name,phone,wechat_unionid,registered_date\n"
        " his-4711 ,his,欧阳娜娜丽莎,,,2020-01-05\n"
        "new-1,his,欧阳娜娜丽莎,0086 １３７2846-5917,,2026-01-05\n"
        "new-2,his,欧阳娜娜丽莎,,oUnionOfNana,2026-01-05\n"
        "stranger,his,钱二,13728465918,,2026-01-05\n"
    )
    (folder / "orders_2.csv").write_text(
        "order_id,customer_id,clinic_id,order_date,status\n"
        "n1,his-4711,north,2026-02-01,paid\nn2,new-1,north,2026-02-01,paid\n"
        "n3,new-2,north,2026-02-01,paid\nn4,stranger,north,2026-02-01,paid\n"
        "n5,his-47111,north,2026-02-01,paid\n"
    )
    report = load_directory(warehouse, "demo", folder)
    assert [file.rows_loaded for file in report.files] == [1, 2]
    notes = " ".join(report.warnings)
    assert "customers: 3 rows of people who were forgotten" in notes
    assert "orders: 3 rows of people who were forgotten" in notes
    with duckdb.connect(str(warehouse.database)) as build:
        build.execute("checkpoint")
        assert set(
            build.execute(
                "select customer_id from raw_demo.orders where order_id like 'n%'"
            ).fetchall()
        ) == {("stranger",), ("his-47111",)}
        assert build.execute(
            "select rows_loaded from landing.files where file_name = 'customers_2.csv'"
        ).fetchone() == (1,)
    assert left_over(warehouse, ("欧阳娜娜丽莎", "new-1", "oUnionOfNana")) == []
    # Asked for once more, there is nobody left; and nobody at all is still a mistake.
    shutil.rmtree(warehouse.published_dir)  # as if nothing was published, nothing is built
    assert forget_customer(warehouse, "his-4711", with_facts=False).people == 0
    with pytest.raises(StrataError, match="Nobody has the key or customer id 'nobody'"):
        forget_customer(warehouse, "nobody", with_facts=False)


def deliver(warehouse: Settings, folder: Path, **texts: str) -> list[int]:
    """Load files by table name; the rows that landed, file by file."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [file.rows_loaded for file in load_directory(warehouse, "demo", folder).files]


INSIDE = {
    "customers_3": "customer_id,system,full_name,registered_date\n"
    "his-47111,his,孙三,2021-01-01\n12,his,李四,2021-01-01\n",
    "orders_3": "order_id,customer_id,clinic_id,order_date,status\n"
    "X-his-4711-1,his-4711,north,2024-05-01,paid\nhis-47111-1,his-47111,north,2024-05-01,paid\n"
    "o-12-1,12,north,2024-05-01,paid\n"
    # Not of this person alone: nobody can say whose it is.
    "his-4711-2,his-4711,north,2024-05-01,paid\nhis-4711-2,other,north,2024-05-01,paid\n",
    "order_items_3": "order_id,line_number,product_id,net_amount\n"
    "X-his-4711-1,1,facial,4711\nhis-47111-1,1,facial,7\no-12-1,1,facial,12\n",
    "refunds_3": "refund_id,order_id,refund_date,refund_amount\nr1,X-his-4711-1,2024-05-02,5\n",
    "surveys_3": "survey_id,customer_id,survey_date,comment_text\n"
    "y1,other,2024-05-02,介绍人his-4711说好\ny2,other,2024-05-02,his-47111说好\n"
    "y3,other,2024-05-02,打 13728465917 找\ny4,12,2024-05-02,疼了12天\n"
    "y5,other,2024-05-02,欧阳娜娜丽莎带我来\ny6,other,2024-05-02,12天\n",
}


@pytest.mark.parametrize("with_facts", [False, True])
def test_an_id_inside_another_value(warehouse: Settings, tmp_path, with_facts) -> None:
    deliver(warehouse, tmp_path / "inside", **INSIDE)
    forget_customer(warehouse, "his-4711", with_facts)
    shutil.rmtree(warehouse.published_dir)  # as if nothing was published: no run is needed
    forget_customer(warehouse, "12", with_facts)
    with duckdb.connect(str(warehouse.database), read_only=True) as build:

        def column(table: str, name: str, files: str) -> list[str]:
            rows = build.execute(
                f"select {name} from raw_demo.{table} where _file = '{files}' order by _row"
            ).fetchall()
            return [
                re.sub("forgotten-[0-9a-f]{32}", "nobody", value) if value else value
                for (value,) in rows
            ]

        orders = column("orders", "order_id", "orders_3.csv")
        lines = column("order_items", "order_id", "order_items_3.csv")
        refunds = column("refunds", "order_id", "refunds_3.csv")
        amounts = column("order_items", "net_amount", "order_items_3.csv")
        texts = column("surveys", "comment_text", "surveys_3.csv")
    theirs = ["X-nobody-1", "his-47111-1", "o-12-1"]
    kept = [each for each in theirs if each == "his-47111-1" or not with_facts]
    assert lines == kept
    assert orders == [*kept, *(["his-4711-2"] * (1 if with_facts else 2))]
    assert refunds == ([] if with_facts else ["X-nobody-1"])
    assert amounts == (["7"] if with_facts else ["4711", "7", "12"])
    # Other people's texts; an id of two digits is looked for in no text.
    others = [None, "his-47111说好", None, None, "12天"]
    assert texts == (others if with_facts else [*others[:3], None, *others[3:]])
    # What belongs to such an order and comes later does not bring the id back.
    assert deliver(
        warehouse, tmp_path / "later",
        refunds_4="refund_id,order_id,refund_date,refund_amount\n"
        "r2,X-his-4711-1,2024-05-03,5\nr3,his-47111-1,2024-05-03,5\n",
    ) == [1]  # fmt: skip


def test_a_forgetting_that_was_killed_is_finished_by_the_next_command(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = str(key_of(warehouse, "his-4711"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(forgetting, "rewrite_publications", killed)
    with pytest.raises(KeyboardInterrupt):
        forget_customer(warehouse, "his-4711", with_facts=False)
    monkeypatch.undo()
    monkeypatch.setattr("strata.report.write_report", lambda *_: None)
    assert left_over(warehouse, (key,)) != []
    assert last_run(warehouse).status == "stopped"
    assert finish_forgetting(warehouse).rows_in_publications["marts.duckdb"] == 1
    assert left_over(warehouse, (*PERSONAL, key)) == []
    assert finish_forgetting(warehouse) is None


def test_who_was_forgotten_is_known_when_the_build_was_lost(
    warehouse: Settings, tmp_path: Path
) -> None:
    """A damaged build is moved away, and all files are loaded again."""
    forget_customer(warehouse, "his-4711", with_facts=False)
    warehouse.database.unlink()
    again = (
        "customer_id,system,registered_date\nhis-4711,his,2020-01-05\nother,his,2020-01-01\n"
    )
    assert deliver(warehouse, tmp_path / "again", customers_1=again) == [1]


def forget_it(warehouse: Path, begun: Any) -> None:
    strata.report.write_report = lambda *_: None  # as in no_report, in this process
    begun.set()
    forget_customer(Settings(warehouse), "his-4711", with_facts=False)


def test_a_forgetting_that_is_killed_at_any_moment_is_whole_or_not_begun(
    built: Chain, tmp_path: Path
) -> None:
    start, draw = starter("test_forget"), random.Random(27)
    whole = published_copy(built, tmp_path / "whole")
    key = str(key_of(whole, "his-4711"))
    words = (*PERSONAL, key)
    before = time.monotonic()
    start(forget_it, whole.warehouse_dir).join()
    seconds = time.monotonic() - before
    for n in range(KILLS // 10):
        settings = published_copy(built, tmp_path / str(n))
        kill(start(forget_it, settings.warehouse_dir), draw.uniform(0, seconds))
        finish_forgetting(settings)  # as each run does first
        left = {word for _, word in left_over(settings, words)}
        assert left in (set(), set(words))
        for file in (settings.database, settings.published_marts, settings.published_medical):
            assert not why_damaged(file)
        shutil.rmtree(settings.warehouse_dir)


@pytest.mark.parametrize(
    ("finished", "asked"),
    [(["null"], None), (['"2024-05-15"'], date(2024, 5, 15)), ([], date(2024, 5, 31))],
)
def test_the_run_that_builds_anew_is_told_the_day_and_not_the_id(
    warehouse, monkeypatch, finished, asked
) -> None:
    """The day is the one that the last run was asked for; of plain dbt's build, its own."""
    with duckdb.connect(str(warehouse.database)) as build:
        build.execute("create schema if not exists refresh")
        build.execute(
            "create or replace table refresh.finished_build as select '' as fingerprint,"
            " now()::timestamp as started_at, '' as as_of_dates, 1 as last_file_id,"
            " '' as landed, unnest($1) as asked_day, 0 as withdrawn_files",
            [finished],
        )
    seen: list[list[object]] = []

    def run(_: Settings, options: RunOptions) -> Publication:
        seen.append([*sys.argv, *options.sources, options.as_of_date])
        day = date(2024, 5, 31)
        return Publication(warehouse.published_marts, "the run", day, "r", "demo", "", {})

    monkeypatch.setattr("strata.run.run", run)
    command = ["forget", "his-4711", "--warehouse", str(warehouse.warehouse_dir)]
    monkeypatch.setattr(sys, "argv", ["strata", *command])
    app(command, standalone_mode=False)
    assert seen == [["strata", "demo", asked]]
    (certificate,) = (warehouse.warehouse_dir / "certificates").iterdir()
    assert json.loads(certificate.read_text())["run"] == "the run"


def test_without_persons_nobody_is_half_forgotten(warehouse: Settings) -> None:
    before = left_over(warehouse, PERSONAL)
    with duckdb.connect(str(warehouse.database)) as build:
        build.execute("drop table customers.customer_bridge")
    with pytest.raises(StrataError, match="which records are one person") as refused:
        forget_customer(warehouse, "his-4711", with_facts=False)
    assert "strata run" in refused.value.hint
    assert left_over(warehouse, PERSONAL) == before


def test_retention_forgets_by_the_last_contact(warehouse: Settings) -> None:
    # The day of the build is 2024-05-31; the last contact of the one is 2024-05-02 or -03,
    # of the other 2025-06-30.
    for months, people in ((1, 0), (0, 1)):
        certificate = retain(warehouse, months, with_facts=False)
        assert certificate.people == people
    assert {word for _, word in left_over(warehouse, PERSONAL)} == set()
    assert "赵一" in cells(warehouse.database)


def test_the_secret_outlives_the_build_and_old_keys_stay(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("STRATA_SECRET")
    settings = Settings(tmp_path)

    def salt_of(files: int, keep_build: bool = False) -> tuple[str, str]:
        if not keep_build:
            settings.database.unlink(missing_ok=True)
        with duckdb.connect(str(settings.database)) as build:
            build.execute("create schema if not exists landing")
            build.execute(
                "create table if not exists landing.installation (salt varchar, secret varchar)"
            )
            build.execute(f"create or replace table landing.files as from range({files})")
            build.execute(
                "create table if not exists landing.forgotten"
                " (hash varchar, forgotten_at timestamp)"
            )
            ensure_secret(build, settings)
            return build.execute("from landing.installation").fetchone()

    first = salt_of(0)
    assert len(first[0]) == 32
    assert len(first[1]) == 64
    assert settings.secret_file.stat().st_mode & 0o777 == 0o600
    assert salt_of(0) == first  # the build was lost
    settings.secret_file.write_text("garbage")
    assert salt_of(0, keep_build=True) == first  # the file was
    assert json.loads(settings.secret_file.read_text())["secret"] == first[1]
    settings.secret_file.unlink()
    assert salt_of(0) != first  # both were
    settings.secret_file.unlink()
    # Loaded by a version without salt: its keys are what readers know.
    unsalted = salt_of(3)
    assert unsalted[0] == ""
    assert len(unsalted[1]) == 64
    assert salt_of(0) == unsalted
