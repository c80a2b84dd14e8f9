"""The run as a scheduler meets it: published or not at all, twice the same, safe to kill."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from strata.errors import StrataError
from strata.publish import publish
from strata.publish_tables import put_table
from strata.refresh import query_of_changed_customers
from strata.settings import PROJECT_DIR, Settings

CUSTOMERS = 300


def strata(
    *arguments: str, warehouse: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command line, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "strata.cli", *arguments, "--warehouse", str(warehouse)],
        env=_environment(environment),
        capture_output=True,
        text=True,
    )


def _environment(more: dict[str, str]) -> dict[str, str]:
    path = {"PYTHONPATH": str(PROJECT_DIR / "scripts"), "COLUMNS": "200"}
    return os.environ | path | more


def published(warehouse: Path, order: str = "") -> dict[str, list[tuple]]:
    """Every published table, row by row as it lies there; not the run's own record."""
    with duckdb.connect(str(Settings(warehouse).published_marts), read_only=True) as marts:
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
    assert len(secrets) > CUSTOMERS
    shown = {
        str(cell) for rows in published(warehouse).values() for row in rows for cell in row
    }
    assert not shown & secrets
    report = Settings(warehouse).report_file.read_text(encoding="utf-8")
    assert not [secret for secret in secrets if len(secret) > 4 and secret in report]


def test_a_failing_check_publishes_nothing_and_says_which_rows(warehouse: Path) -> None:
    settings = Settings(warehouse)
    before = settings.published_marts.read_bytes()
    with duckdb.connect(str(settings.database)) as build:
        # Two raw rows with one id: what a broken load would leave behind.
        build.execute("insert into raw_demo.orders from raw_demo.orders limit 1")
    try:
        done = strata("run", warehouse=warehouse)
    finally:
        with duckdb.connect(str(settings.database)) as build:
            build.execute(
                "delete from raw_demo.orders"
                " where rowid = (select max(rowid) from raw_demo.orders)"
            )
    assert done.returncode == 1
    assert "raw_demo.orders" in done.stderr
    assert "_row_id" in done.stderr
    assert "orders_" in done.stderr  # the file of the rows
    assert settings.published_marts.read_bytes() == before
    assert "failed" in strata("status", warehouse=warehouse).stdout


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
        assert "cannot be opened" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert "is whole" in refused.stderr


def test_a_run_of_a_source_that_was_not_loaded_begins_nothing(warehouse: Path) -> None:
    before = Settings(warehouse).last_run_file.read_bytes()
    refused = strata("run", "--source", "salon", warehouse=warehouse)
    assert refused.returncode == 1
    assert "Nothing was loaded from the source salon" in refused.stderr
    assert Settings(warehouse).last_run_file.read_bytes() == before


def test_a_run_without_news_serves_the_same_marts_as_its_own(warehouse: Path) -> None:
    before, earlier_run = published(warehouse), served_run(warehouse)
    with duckdb.connect(str(Settings(warehouse).published_marts), read_only=True) as reader:
        idle = strata("run", warehouse=warehouse)
        # Who has the old file open goes on reading it.
        assert reader.execute("select any_value(run_id) from publication").fetchall() == [
            (earlier_run,)
        ]
    assert idle.returncode == 0, idle.stderr
    assert "nothing came since" in idle.stdout
    assert "the same marts, as of this run" in idle.stdout
    assert published(warehouse) == before
    assert served_run(warehouse) != earlier_run
    assert list(Settings(warehouse).published_dir.glob("history/marts-*.duckdb"))


def test_a_run_without_news_does_not_pass_on_an_older_file_put_in_its_place(
    warehouse: Path,
) -> None:
    settings, before = Settings(warehouse), published(warehouse)
    older = min((settings.published_dir / "history").glob("marts-*.duckdb"))
    shutil.copy(older, settings.published_marts)
    with duckdb.connect(str(settings.published_marts)) as marts:
        marts.execute("delete from mart_customer_tiers")
    done = strata("run", warehouse=warehouse)
    assert "nothing came since" in done.stdout
    assert "the same marts" not in done.stdout
    assert published(warehouse) == before


def test_a_reader_with_the_old_file_open_is_not_disturbed(warehouse: Path) -> None:
    with duckdb.connect(str(Settings(warehouse).published_marts), read_only=True) as reader:
        count = reader.execute("select count(*) from dim_customers").fetchone()
        assert strata("publish", warehouse=warehouse).returncode == 0
        assert reader.execute("select count(*) from dim_customers").fetchone() == count


def test_a_large_mart_is_sorted_in_parts_as_if_at_once(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put() -> list[tuple]:
        with duckdb.connect() as target:
            target.execute(f"attach '{Settings(warehouse).database}' as strata (read_only)")
            columns = ["customer_key", "model", "tier", "valid_from"]
            assert put_table(target, "mart", "marts.mart_tier_history", columns) > 3000
            return target.execute("from mart").fetchall()

    at_once = put()
    monkeypatch.setattr("strata.publish_tables.SORTED_AT_ONCE", 1000)
    assert put() == at_once


def test_a_publication_holds_no_more_than_it_may(warehouse: Path) -> None:
    before = served_run(warehouse)
    with pytest.raises(StrataError, match="publication stopped: Out of Memory") as error:
        publish(Settings(warehouse, memory="2MB"), "short", datetime(2026, 1, 1), ["demo"])
    assert "STRATA_MEMORY=12GB" in error.value.hint
    assert served_run(warehouse) == before


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


def test_the_published_file_gives_the_reasons_of_the_build(warehouse: Path) -> None:
    keys = [row[0] for row in published(warehouse)["mart_customer_tiers"][::60]]
    query = "select * from {} where customer_key in (select unnest(?)) order by all"
    settings = Settings(warehouse)
    with duckdb.connect(str(settings.database), read_only=True) as build:
        expected = build.execute(query.format("marts.mart_tier_reasons"), [keys]).fetchall()
    with duckdb.connect(str(settings.published_marts), read_only=True) as marts:
        assert marts.execute(query.format("mart_tier_reasons"), [keys]).fetchall() == expected
        rows = {
            table: marts.execute(f"select count(*) from explain.{table}").fetchone()[0]
            for (table,) in marts.execute(
                "select table_name from duckdb_tables() where schema_name = 'explain'"
            ).fetchall()
        }
    assert len(expected) > 20 * len(keys)
    assert rows["tier_lifecycle"] > CUSTOMERS / 2
    # The medical models' tables are there for the views, and empty.
    medical = ("medical_measures", "tier_care_risk", "tier_medical_need")
    assert [rows[table] for table in medical] == [0, 0, 0]


def test_reasons_of_another_build_are_not_published(warehouse: Path) -> None:
    settings = Settings(warehouse)
    before = settings.published_marts.read_bytes()
    move = "update tiers.tier_final set tier = {} where tier = {}"
    with duckdb.connect(str(settings.database)) as build:
        build.execute(move.format("'nobody'", "'potential'"))
    try:
        with pytest.raises(StrataError, match="views and the marts are of different builds"):
            publish(settings, "x", datetime(2026, 1, 1), ["demo"])
    finally:
        with duckdb.connect(str(settings.database)) as build:
            build.execute(move.format("'potential'", "'nobody'"))
    assert settings.published_marts.read_bytes() == before


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


def test_marts_of_different_builds_are_neither_published_nor_explained(
    warehouse: Path,
) -> None:
    settings = Settings(warehouse)
    before = settings.published_marts.read_bytes()
    key = str(published(warehouse)["mart_customer_tiers"][0][0])
    move = "update marts.mart_customer_tiers set as_of_date = as_of_date {} interval 7 day"
    with duckdb.connect(str(settings.database)) as build:
        build.execute(move.format("-"))
    try:
        told = strata("explain", key, warehouse=warehouse)
        tried = strata("simulate", "--ruleset", "retail", warehouse=warehouse)
        done = strata("publish", warehouse=warehouse)
    finally:
        with duckdb.connect(str(settings.database)) as build:
            build.execute(move.format("+"))
    assert done.returncode == 1
    assert "different builds" in done.stderr
    assert settings.published_marts.read_bytes() == before
    for asked in (told, tried):
        assert asked.returncode == 1
        assert "half-way" in asked.stderr


def test_a_killed_run_leaves_the_publication_and_needs_no_cleaning(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What one thread published, two refresh and build anew.
    monkeypatch.setenv("STRATA_THREADS", "2")
    settings, before = Settings(warehouse), published(warehouse)
    assert len(before["mart_customer_tiers"]) > CUSTOMERS / 2
    with duckdb.connect(str(settings.database), read_only=True) as build:
        (buyer,) = build.execute("select min(customer_id) from entities.orders").fetchone()
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
    for last_words in ("Check the raw landings", "Compute what", "Audit the marts"):
        _kill(_begin_run(warehouse, last_words))
        assert published(warehouse) == before
    with duckdb.connect(str(settings.database), read_only=True) as build:
        # On record with what it knew, before the news were computed.
        assert build.execute(
            "select run_id, loaded_through < (select max(loaded_at) from landing.files)"
            " from history.publications order by publication_number desc limit 1"
        ).fetchone() == (served_run(warehouse), True)
    with duckdb.connect(str(settings.published_marts)) as marts:
        # A refresh starts from what is served; what was lost there must not stay lost.
        marts.execute("delete from fct_rfm where customer_key != (select min(customer_key)"
                      " from mart_customer_tiers)")  # fmt: skip
    done = strata("run", warehouse=warehouse)
    assert done.returncode == 0, done.stderr
    refreshed, in_order = published(warehouse), published(warehouse, " order by all")
    # What changed was put behind the rest; a table that is copied whole is sorted.
    assert refreshed["mart_customer_tiers"][-1] not in before["mart_customer_tiers"]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.database}' as strata (read_only)")
        assert query_of_changed_customers(connection, "mart_customer_tiers")
        # What the published views read, a view itself, is told as well.
        assert query_of_changed_customers(connection, "measure_events")
        assert query_of_changed_customers(connection, "mart_data_quality") is None
        assert query_of_changed_customers(connection, "no_such_model") is None
    kept = set(refreshed["mart_customer_tiers"]) & set(before["mart_customer_tiers"])
    assert len(kept) == len(before["mart_customer_tiers"]) - 1
    # A full build publishes the same rows, in order.
    anew = strata("run", "--full", warehouse=warehouse)
    assert anew.returncode == 0, anew.stderr
    assert "in full: asked for" in anew.stdout
    assert published(warehouse) == in_order


def _begin_run(warehouse: Path, until: str = "Read the project") -> subprocess.Popen[str]:
    """A run that has begun this step, and so holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-m", "strata.cli", "run", "--warehouse", str(warehouse)],
        env=_environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
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
