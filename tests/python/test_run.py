"""The run as a scheduler meets it: published or not at all, twice the same, safe to kill."""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb
import pytest

from reference.kpis import differences
from strata.errors import StrataError
from strata.gate import check_publication, explain_failures
from strata.landing import load_directory
from strata.options import RunOptions, read_project
from strata.publish import begin_next
from strata.run import run
from strata.settings import PROJECT_DIR, Settings

CUSTOMERS = 300
COME_LATER = {
    "orders": "order_date", "refunds": "refund_date", "visits": "visit_date",
    "surveys": "survey_date", "outreach": "contact_date",
}  # fmt: skip


# What every command of this file would say to a network is written to this file.
CALLS = Path(tempfile.mkdtemp(prefix="strata-calls-")) / "calls.txt"
atexit.register(shutil.rmtree, CALLS.parent, ignore_errors=True)
# Python imports it by itself when it starts, in children as well.
RECORDER = f"""
import sys
def _note(event, arguments):
    asks = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
            "socket.getnameinfo", "socket.connect", "socket.sendto")
    # A path is the address of a program on this machine.
    if event in asks and not isinstance(arguments[-1], (str, bytes)) or event in asks[:3]:
            with open({str(CALLS)!r}, "a") as file:
                file.write(f"{{event}} {{arguments[-1]!r}}\\n")
sys.addaudithook(_note)
"""


def offline() -> list[str]:
    """The words before a command that take the network away from it, where that is allowed."""
    words = ["unshare", "--net", "--"]
    try:
        refused = subprocess.run([*words, "true"], capture_output=True).returncode
    except OSError:
        return []
    return [] if refused else words


OFFLINE = offline()


def strata(
    *arguments: str, warehouse: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command line, in a process of its own, without a network, overheard."""
    return subprocess.run(
        [*OFFLINE, *command(*arguments), "--warehouse", str(warehouse)],
        env=_environment(environment),
        capture_output=True,
        text=True,
    )


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "strata", *arguments]


def _environment(more: dict[str, str]) -> dict[str, str]:
    recorder = CALLS.with_name("sitecustomize.py")
    recorder.write_text(RECORDER, encoding="utf-8")
    path = f"{recorder.parent}{os.pathsep}{PROJECT_DIR / 'scripts'}"
    # Nothing here tells dbt and Great Expectations to be silent: the project does.
    silent = ("DO_NOT_TRACK", "DBT_SEND_ANONYMOUS_USAGE_STATS", "GX_ANALYTICS_ENABLED")
    said = {name: value for name, value in os.environ.items() if name not in silent}
    return said | {"PYTHONPATH": path, "COLUMNS": "200"} | more


def published(warehouse: Path, order: str = "") -> dict[str, list[tuple]]:
    """Every published table, row by row as it lies there; not the run's own record."""
    return tables_of(Settings(warehouse).published_marts, order)


def tables_of(file: Path, order: str = "") -> dict[str, list[tuple]]:
    with duckdb.connect(str(file), read_only=True) as marts:
        names = [
            name
            for (name,) in marts.execute(
                "select if(schema_name = 'main', '', schema_name || '.') || table_name"
                " from duckdb_tables()"
            ).fetchall()
        ]
        return {
            name: marts.execute(f"select * from {name}{order}").fetchall()
            for name in names
            if name != "publication"
        }


def differing(one: dict[str, list[tuple]], other: dict[str, list[tuple]]) -> list[str]:
    """The tables that are not alike. (pytest would compare all rows, for an hour.)"""
    assert one
    return [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]


def texts_of(file: Path) -> set[str]:
    """Every cell of every table and view of a file as text."""
    with duckdb.connect(str(file), read_only=True) as marts:
        names = marts.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
        rows = [row for (name,) in names for row in marts.execute(f"from {name}").fetchall()]
    return {str(cell) for row in rows for cell in row}


def write_later_rows(database: Path, folder: Path) -> date:
    """The last days of every feed once more as files, so many days later; gives the day that
    the warehouse describes."""
    days = 100
    folder.mkdir()
    with duckdb.connect(str(database), read_only=True) as build:
        (today,) = build.execute("select max(as_of_date) from measures.as_of_dates").fetchone()
        feeds = build.execute(
            "select table_name, list(column_name order by column_index)"
            " from duckdb_columns() where schema_name = 'raw_demo' and column_name[1] != '_'"
            " group by table_name"
        ).fetchall()
        for feed, columns in feeds:
            dates = [name for name in columns if name.endswith("_date")]
            # Of orders the lines come with them; customers stay who they are.
            if feed.startswith("customer") or not (dates or feed == "order_items"):
                continue
            moved = {
                name: f"cast(try_cast({name} as date) + {days} as varchar)" for name in dates
            }
            moved[columns[0]] = f"'L' || {feed}.{columns[0]}"
            shown = ", ".join(
                f"{moved.get(name, f'{feed}.{name}')} as {name}" for name in columns
            )
            orders = "" if dates else "join raw_demo.orders using (order_id)"
            build.execute(
                f"copy (select {shown} from raw_demo.{feed} {orders}"
                f" where try_cast({dates[0] if dates else 'order_date'} as date)"
                f" between date '{today}' - {days - 1} and date '{today}')"
                f" to '{folder / feed}_later.csv' (header)"
            )
    return today


def served_run(warehouse: Path) -> str:
    """The run that published what is served."""
    with duckdb.connect(str(Settings(warehouse).published_marts), read_only=True) as marts:
        return marts.execute("select any_value(run_id) from publication").fetchone()[0]


def forget_last_publication(settings: Settings) -> None:
    """Take the last publication off the record; it stays where it is served."""
    with duckdb.connect(str(settings.database)) as build:
        (last,) = build.execute(
            "select max(publication_number) from history.publications"
        ).fetchone()
        for table in ("publications", "published_tiers", "published_thresholds"):
            build.execute(f"delete from history.{table} where publication_number = {last}")


@contextmanager
def reading(database: Path) -> Iterator[int]:
    """A notebook, say, that has the file open; gives its process number."""
    program = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        " print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(database)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        assert reader.stdout.readline()
        try:
            yield reader.pid
        finally:
            reader.stdin.close()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo chain, published by one thread (conftest.py)."""
    directory = tmp_path_factory.mktemp("run") / "warehouse"
    done = strata("quickstart", "--customers", str(CUSTOMERS), warehouse=directory)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return directory


def test_the_publication_names_its_run_and_counts_its_rows(warehouse: Path) -> None:
    with duckdb.connect(str(Settings(warehouse).published_marts), read_only=True) as marts:
        rows = marts.execute(
            "select table_name, row_count, ruleset, sources, as_of_date is not null,"
            " run_id != '', git_revision != '' from publication"
        ).fetchall()
    counts = {name: len(rows) for name, rows in published(warehouse).items() if "." not in name}
    assert {name: count for name, count, *_ in rows} == counts
    assert {tuple(rest) for _, _, *rest in rows} == {
        ("medical_aesthetics", "demo", True, True, True)
    }


def test_nothing_personal_is_published(warehouse: Path) -> None:
    with duckdb.connect(str(Settings(warehouse).database), read_only=True) as build:
        secrets = {
            value
            for row in build.execute(
                "select full_name, phone, wechat_unionid from entities.customers"
            ).fetchall()
            for value in row
            if value
        }
        secrets |= {
            text
            for (text,) in build.execute("select comment_text from entities.surveys").fetchall()
            if text
        }
    secrets -= {"无", "None", "00000000000"}  # what a desk wrote where it knew nothing
    assert len(secrets) > CUSTOMERS
    # Views as well: the reasons of every customer, in words.
    for file in (Settings(warehouse).published_marts, Settings(warehouse).published_medical):
        shown = texts_of(file)
        assert len(shown) > CUSTOMERS
        assert not shown & secrets
        long = {secret for secret in secrets if len(secret) > 4}
        assert not [text for text in shown if any(secret in text for secret in long)]
    report = Settings(warehouse).report_file.read_text(encoding="utf-8")
    assert not [secret for secret in secrets if len(secret) > 4 and secret in report]


@pytest.mark.parametrize("month", [date(2024, 3, 1), date(2025, 6, 1)])
def test_kpis_of_the_chain_and_each_clinic_are_those_of_the_raw_rows(
    warehouse: Path, month: date
) -> None:
    settings = Settings(warehouse)
    found = differences(settings.database, settings.published_marts, month)
    assert not found, "\n".join(found)


def test_a_failing_check_publishes_nothing_and_says_why(
    warehouse: Path, tmp_path: Path
) -> None:
    settings = Settings(tmp_path / "warehouse")
    shutil.copytree(warehouse, settings.warehouse_dir)
    before = settings.published_marts.read_bytes()
    orders = (
        f"N{n},nobody delivered {n},2025-11-0{n % 9 + 1},north,paid" for n in range(CUSTOMERS)
    )
    (tmp_path / "orders_news.csv").write_text(
        "\n".join(["order_id,customer_id,order_date,clinic_id,status", *orders])
    )
    loaded = strata("load", str(tmp_path), "--source", "demo", warehouse=settings.warehouse_dir)
    assert loaded.returncode == 0, loaded.stderr
    done = strata("run", warehouse=settings.warehouse_dir)
    assert done.returncode == 1
    assert "orders_news.csv" in done.stderr
    assert "rejected" in done.stderr
    assert settings.published_marts.read_bytes() == before
    assert "failed" in strata("status", warehouse=settings.warehouse_dir).stdout


def test_a_second_run_at_the_same_time_says_so_and_leaves(warehouse: Path) -> None:
    first = _begin_run(warehouse)
    try:
        second = strata("run", warehouse=warehouse)
        assert second.returncode == 75
        assert "Another Strata process" in second.stderr
    finally:
        _kill(first)


def test_a_run_waits_for_no_reader_of_the_build_and_names_it(warehouse: Path) -> None:
    settings = Settings(warehouse)
    before = settings.last_run_file.read_bytes()
    with reading(settings.database) as reader:
        for command in (
            ["run"], ["publish"], ["snapshots"], ["backtest"],
            ["moves", "--from", "2025-01-31", "--to", "2025-02-28"],
        ):  # fmt: skip
            refused = strata(*command, warehouse=warehouse)
            assert refused.returncode == 75, refused.stderr
            assert f"{settings.database} open" in refused.stderr
            assert f"PID {reader}" in refused.stderr
            assert "published/marts.duckdb" in refused.stderr
    # Nothing was begun: what is built is whole, and `strata simulate` goes on from it.
    assert settings.last_run_file.read_bytes() == before


def test_a_file_that_is_no_warehouse_is_told(tmp_path: Path) -> None:
    Settings(tmp_path).database.write_text("this is no database\n" * 1000)
    for command in ("run", "book"):
        refused = strata(command, warehouse=tmp_path)
        assert refused.returncode == 1
        assert f"{Settings(tmp_path).database}, is damaged" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert "load the files again" in refused.stderr


def test_a_run_of_a_source_that_was_not_loaded_begins_nothing(warehouse: Path) -> None:
    before = Settings(warehouse).last_run_file.read_bytes()
    refused = strata("run", "--source", "salon", warehouse=warehouse)
    assert refused.returncode == 1
    assert "Nothing was loaded from the source salon" in refused.stderr
    assert Settings(warehouse).last_run_file.read_bytes() == before


def test_runs_without_news_serve_the_same_marts_as_of_now(warehouse: Path) -> None:
    """One after the other: a scheduler runs every few minutes."""
    settings = Settings(warehouse)
    before, built_by = published(warehouse), served_run(warehouse)
    kept = sorted(settings.published_dir.glob("history/*.duckdb"))
    said_at = "select any_value(published_at) from publication"
    for _ in range(2):
        with duckdb.connect(str(settings.published_marts), read_only=True) as reader:
            (earlier,) = reader.execute(said_at).fetchone()
            idle = strata("run", warehouse=warehouse)
            # Who has the old file open goes on reading it.
            assert reader.execute(said_at).fetchone() == (earlier,)
        assert idle.returncode == 0, idle.stderr
        assert "nothing came since" in idle.stdout
        assert "the same marts, as of this run" in idle.stdout
        assert differing(published(warehouse), before) == []
        with duckdb.connect(str(settings.published_marts), read_only=True) as reader:
            assert reader.execute(said_at).fetchone() > (earlier,)
        # It stays the publication of the run that built it, and no kept one gives way to it.
        assert served_run(warehouse) == built_by
        assert sorted(settings.published_dir.glob("history/*.duckdb")) == kept


def test_a_run_without_news_does_not_pass_on_an_older_file_put_in_its_place(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(warehouse)
    left = {
        file: file.read_bytes() for file in (settings.published_marts, settings.last_run_file)
    }
    with duckdb.connect(str(settings.published_marts)) as marts:
        marts.execute("update publication set run_id = '20200101T000000Z'")

    def begins(*_: Any) -> None:
        raise StrataError("it is built anew")

    monkeypatch.setattr("strata.run.build", begins)
    with pytest.raises(StrataError, match="it is built anew"):
        run(settings, RunOptions())
    for file, content in left.items():
        file.write_bytes(content)


def test_a_reader_with_the_old_file_open_is_not_disturbed(warehouse: Path) -> None:
    with duckdb.connect(str(Settings(warehouse).published_marts), read_only=True) as reader:
        count = reader.execute("select count(*) from dim_customers").fetchone()
        assert strata("publish", warehouse=warehouse).returncode == 0
        assert reader.execute("select count(*) from dim_customers").fetchone() == count


def test_only_the_last_publications_are_kept(warehouse: Path) -> None:
    kept = list((Settings(warehouse).published_dir / "history").glob("marts-*.duckdb"))
    assert 1 <= len(kept) <= 5


@pytest.mark.parametrize("language", ["en", "zh"])
def test_explain_says_what_the_mart_says(warehouse: Path, language: str) -> None:
    rows = published(warehouse)["mart_customer_tiers"]
    key = str(next(row[0] for row in rows if "lapsing" in row))
    told = strata("explain", key, "--lang", language, "--evidence", warehouse=warehouse)
    assert told.returncode == 0, told.stderr
    assert "orders_" in told.stdout or "visits_" in told.stdout
    words = " ".join(told.stdout.split())
    with duckdb.connect(str(Settings(warehouse).published_marts), read_only=True) as marts:
        reasons = marts.execute(
            f"select why_{language}, missing_{language}, keeps_{language}"
            " from mart_tier_reasons where customer_key = ?",
            [key],
        ).fetchall()
    assert len(reasons) > 20
    if language == "en":  # Chinese is folded between any two characters.
        assert [half for row in reasons for half in row if half and half not in words] == []


def test_explain_keeps_the_medical_models_apart(warehouse: Path) -> None:
    key = str(published(warehouse)["mart_customer_tiers"][0][0])
    told = strata("explain", key, warehouse=warehouse)
    medical = strata("explain", key, "--medical", warehouse=warehouse)
    assert "Care risk" not in told.stdout
    assert "Care risk" in medical.stdout
    assert "for the medical team only" in medical.stdout
    one = strata("explain", key, "--model", "lifecycle", warehouse=warehouse)
    assert "Seven-stage lifecycle ·" in one.stdout
    assert "RFM segment ·" not in one.stdout
    none = strata("explain", key, "--model", "care_risk", warehouse=warehouse)
    assert none.returncode == 2
    assert "lifecycle" in none.stderr


def test_the_published_file_explains_itself_under_any_name(
    warehouse: Path, tmp_path: Path
) -> None:
    """A copy elsewhere answers as the served file does; it asks for no other file."""
    keys = [row[0] for row in published(warehouse)["mart_customer_tiers"][::60]]
    copy = tmp_path / "in another place.duckdb"
    shutil.copy(Settings(warehouse).published_marts, copy)
    answers = []
    for file in (Settings(warehouse).published_marts, copy):
        with duckdb.connect(str(file), read_only=True) as marts:
            answers.append(
                [
                    marts.execute(
                        f"select * from {view} where customer_key in (select unnest(?))"
                        " order by all",
                        [keys],
                    ).fetchall()
                    for view in ("mart_tier_reasons", "mart_tier_conditions")
                ]
            )
    assert answers[0] == answers[1]
    assert len(answers[0][0]) > 20 * len(keys)
    assert len(answers[0][1]) > 20 * len(keys)


@pytest.mark.parametrize(
    "words", ["why_en", "why_zh", "missing_en", "missing_zh", "keeps_en", "keeps_zh"]
)
def test_customers_are_found_by_what_is_said_of_them(warehouse: Path, words: str) -> None:
    """DuckDB would ask this of the lists that the words are made of, again for every word."""
    with duckdb.connect(str(Settings(warehouse).published_marts), read_only=True) as marts:
        patience = Timer(30, marts.interrupt)
        patience.start()
        try:
            found = marts.execute(
                f"select customer_key, model from mart_tier_reasons where {words} like '%1%'"
            ).fetchall()
        finally:
            patience.cancel()
        said = marts.execute(f"select customer_key, model, {words} from mart_tier_reasons")
        expected = {(key, model) for key, model, text in said.fetchall() if "1" in (text or "")}
    assert set(found) == expected
    assert len(expected) > CUSTOMERS


def test_errors_name_the_way_out(warehouse: Path, tmp_path: Path) -> None:
    nobody = strata("explain", "nobody", warehouse=warehouse)
    assert nobody.returncode == 1
    assert "'nobody'" in nobody.stderr
    for command in ("run", "publish"):
        empty = strata(command, warehouse=tmp_path)
        assert empty.returncode == 1
        assert "strata load --source demo" in empty.stderr
    unknown = strata("load", str(tmp_path), "--source", "nonsense", warehouse=tmp_path)
    assert unknown.returncode == 2
    assert "CONTRIBUTING.md" in unknown.stderr


def test_what_cannot_be_right_is_refused_at_once(warehouse: Path) -> None:
    before = Settings(warehouse).published_marts.read_bytes()
    future = strata("run", "--as-of", "2100-01-01", warehouse=warehouse)
    assert future.returncode == 2
    assert "2100-01-01 has not come yet" in future.stderr
    ruleset = strata("run", "--ruleset", "nonsense", warehouse=warehouse)
    assert ruleset.returncode == 2
    assert "medical_aesthetics" in ruleset.stderr
    assert Settings(warehouse).published_marts.read_bytes() == before


def test_marts_of_different_builds_are_not_published(warehouse: Path) -> None:
    settings = Settings(warehouse)
    shutil.copy(settings.published_marts, settings.next_marts)
    shutil.copy(settings.published_medical, settings.next_medical)
    assert check_publication(settings).ok
    with duckdb.connect(str(settings.next_marts)) as marts:
        marts.execute("update fct_rfm set as_of_date = as_of_date - interval 7 day")
    checked = check_publication(settings)
    settings.next_marts.unlink()
    settings.next_medical.unlink()
    assert not checked.ok
    assert "fct_rfm" in explain_failures(checked)


def test_a_killed_run_leaves_the_publication_and_needs_no_cleaning(
    warehouse: Path, tmp_path: Path
) -> None:
    settings, before = Settings(warehouse), published(warehouse, " order by all")
    assert len(before["mart_customer_tiers"]) > CUSTOMERS / 2
    with duckdb.connect(str(settings.database), read_only=True) as build:
        # The first by gross profit: whatever they buy, they pass nobody.
        (buyer,) = build.execute(
            "select customer_id from customers.customer_bridge"
            " join measures.customer_measures using (customer_sk)"
            " order by gross_profit_365 desc nulls last, customer_id limit 1"
        ).fetchone()
        (day,) = build.execute("select max(order_date) from entities.orders").fetchone()
    (tmp_path / "orders_news.csv").write_text(
        f"order_id,customer_id,order_date,clinic_id,status\nNEWS,{buyer},{day},n,paid\n"
    )
    (tmp_path / "order_items_news.csv").write_text(
        "order_id,line_number,product_id,quantity,list_amount,net_amount\nNEWS,1,,1,7777,7777\n"
    )
    loaded = strata("load", str(tmp_path), "--source", "demo", warehouse=warehouse)
    assert loaded.returncode == 0, loaded.stderr
    forget_last_publication(settings)  # as if its run had been killed before it was recorded
    for until, number, code in (
        ("Check the raw landings", signal.SIGTERM, 143), ("Take in", signal.SIGINT, 130),
    ):  # fmt: skip
        stopped = _begin_run(warehouse, until)
        stopped.send_signal(number)
        words = stopped.stdout.read()
        assert stopped.wait() == code
        assert "Stopped. What is published is whole" in words
        assert "Traceback" not in words
        assert "stopped" in strata("status", warehouse=warehouse).stdout
    begun = _begin_run(warehouse, "Compute the cust")
    time.sleep(3)  # some tables are of the news then, others are not
    _kill(begun)
    assert differing(published(warehouse, " order by all"), before) == []
    # Killed half-way: it left word, and nobody takes what is built for what was audited.
    told = strata("status", warehouse=warehouse)
    assert "killed" in told.stdout
    assert "half done" in told.stdout
    assert served_run(warehouse) in told.stdout
    for ask in (["explain", buyer], ["simulate", "--set", "four_level_super_min_clv=1"]):
        refused = strata(*ask, warehouse=warehouse)
        assert refused.returncode == 1
        assert "was killed half-way" in refused.stderr
    with duckdb.connect(str(settings.database), read_only=True) as build:
        # On record with what it knew, before the news were computed.
        assert build.execute(
            "select run_id, loaded_through < (select max(loaded_at) from landing.files)"
            " from history.publications order by publication_number desc limit 1"
        ).fetchone() == (served_run(warehouse), True)
    done = strata("run", warehouse=warehouse)
    assert done.returncode == 0, done.stderr
    assert "Compute the customers that they touch" in done.stdout
    refreshed = published(warehouse, " order by all")
    kept = set(refreshed["mart_customer_tiers"]) & set(before["mart_customer_tiers"])
    assert len(kept) == len(before["mart_customer_tiers"]) - 1


def _begin_run(warehouse: Path, until: str = "Read the project") -> subprocess.Popen[str]:
    """A run that has begun this step, and so holds the lock."""
    process = subprocess.Popen(
        [*command("run"), "--warehouse", str(warehouse)],
        env=_environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Where the tests run in the background, Ctrl-C would be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if until in line:
            return process
    raise AssertionError(f"the run ended before {until!r}: {''.join(said)}")


def _kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_rows_of_later_days_move_no_figure_of_the_day(warehouse: Path, tmp_path: Path) -> None:
    """KPIs of the past, lists, forecasts, and how these did before: all as if nothing came."""
    settings = Settings(tmp_path / "warehouse")
    shutil.copytree(warehouse, settings.warehouse_dir)
    day = write_later_rows(settings.database, tmp_path / "later")
    load_directory(settings, "demo", tmp_path / "later")
    begin_next(settings)
    # What one thread published, two build anew.
    read_project(replace(settings, threads=2), RunOptions()).build_models(
        as_of_date=day.isoformat()
    )
    with duckdb.connect(str(settings.database), read_only=True) as build:
        for feed, came in COME_LATER.items():
            found = build.execute(f"from entities.{feed} where {came} > '{day}' limit 1")
            assert found.fetchall(), feed
    before = published(warehouse, " order by all")
    after = tables_of(settings.next_marts, " order by all")
    assert before["mart_tier_kpis"]
    assert before["mart_outlook_backtest"]
    # Rows are counted when they come, whatever their day.
    assert differing(after, before) == ["mart_data_quality"]


def test_nothing_of_this_file_called_anybody(warehouse: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import socket; socket.getaddrinfo('localhost', 1)"],
        env=_environment({}),
    )
    assert done.returncode == 0
    heard = CALLS.read_text().splitlines()
    # The recorder hears; and nobody but this test has said anything.
    assert len(heard) == 1
    assert heard[0].startswith("socket.getaddrinfo")
