"""What Strata writes for itself: whole, private, and of no harm whatever becomes of it."""

import errno
import importlib
import io
import json
import logging
import os
import resource
import shutil
import stat
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from rich.table import Table

from strata import record
from strata.__main__ import main
from strata.cli import app
from strata.console import SafeConsole
from strata.dbt import Dbt
from strata.errors import StrataError
from strata.files import close_doors, succeed, write_aside
from strata.history import snapshots
from strata.history.believed import record_publication
from strata.landing.bookkeeping import create_bookkeeping
from strata.listing import plain_cell, write_csv
from strata.lock import is_held, only_writer, require_closed
from strata.options import RunOptions
from strata.publish import _replace_served, begin_next, go_on_from_served
from strata.record import DONE, last_run, recorded, require_whole_build
from strata.refresh import forget_built_days, plan_build, record_finished_build
from strata.run import audit_and_publish, run
from strata.served import diagnose, heal_published, note_digests, why_damaged
from strata.settings import PROJECT_DIR, Settings, load_settings
from strata.trouble import BUSY, in_words
from strata.warehouse import built_marts, built_medical, connect_patiently


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "warehouse")
    close_doors(settings.warehouse_dir, settings.published_dir)
    return settings


# --- files that are written aside -------------------------------------------------------------


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "deep" / "record.json"
    write_aside(file, b"before")
    assert mode_of(file) == 0o600
    assert mode_of(file.parent) == 0o700

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_aside(file, b"after, and much longer")
    assert file.read_bytes() == b"before"
    assert list(file.parent.iterdir()) == [file]


def test_a_served_file_keeps_the_group_and_mode_that_it_was_given(tmp_path: Path) -> None:
    new, former = tmp_path / "new", tmp_path / "former"
    new.write_text("")
    succeed(new, former, 0o600)
    assert mode_of(new) == 0o600
    for given, kept in ((0o640, 0o640), (0o600, 0o600), (0o664, 0o640), (0o604, 0o600)):
        former.write_text("")
        former.chmod(given)
        succeed(new, former, 0o600)
        assert mode_of(new) == kept
    if os.geteuid() == 0:
        os.chown(former, -1, 12345)
        succeed(new, former, 0o600)
        assert new.stat().st_gid == 12345


def test_an_open_warehouse_is_narrowed_and_what_is_new_in_it_is_private(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "w")
    history = settings.published_dir / "history"
    history.mkdir(parents=True)
    for file in (settings.database, settings.published_medical, history / "marts-1.duckdb"):
        file.write_text("")
        file.chmod(0o666)
    settings.target_dir.mkdir(mode=0o777)
    with only_writer(settings):
        (settings.warehouse_dir / "new").write_text("")
        (settings.published_dir / "new").mkdir()
    assert mode_of(settings.database) == 0o600
    assert mode_of(settings.published_medical) == 0o640
    assert mode_of(history / "marts-1.duckdb") == 0o640
    assert mode_of(settings.published_dir) == 0o750
    assert mode_of(settings.target_dir) == 0o700
    assert mode_of(settings.warehouse_dir / "new") == 0o600
    assert mode_of(settings.published_dir / "new") == 0o700
    assert mode_of(settings.lock_file) == 0o600


# --- the record of the last run ---------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"null", b"[]", b"7", b"\x00" * 100, os.urandom(300), b"[" * 100_000,
        b'{"run_id": "a"}', b'{"run_id": 1, "status": "published", "message": ""}',
        b'{"run_id": "a", "status": ["published"], "message": ""}',
        b'{"run_id": "a", "status": "splendid", "message": ""}',
        b'{"run_id": "a", "status": "published", "message": "", "is_build_whole": "no"}',
        b'{"run_id": "a", "status": "published", "message": ""}{"more": 1}',
    ],
)  # fmt: skip
def test_a_damaged_record_is_unknown_and_the_next_run_mends_it(settings, content) -> None:
    settings.last_run_file.write_bytes(content)
    assert last_run(settings).status == "unknown"
    with pytest.raises(StrataError, match="no record that can be read"):
        require_whole_build(settings)
    with recorded(settings):
        pass
    assert last_run(settings).status == "published"
    require_whole_build(settings)


def test_a_record_of_an_earlier_or_later_version_is_read(settings) -> None:
    for more in ({}, {"new": [1]}):
        said = {"run_id": "r", "status": "published", "message": ""} | more
        settings.last_run_file.write_text(json.dumps(said))
        assert last_run(settings) == record.LastRun("r", "published")
    settings.last_run_file.unlink()
    assert last_run(settings) is None
    require_whole_build(settings)


def test_a_run_says_that_it_runs_and_a_killed_one_that_it_was_killed(settings) -> None:
    with only_writer(settings), recorded(settings) as run:
        assert last_run(settings).status == "running"
        require_whole_build(settings)
        run.build_begins()
        assert not last_run(settings).is_build_whole
        left = settings.last_run_file.read_bytes()
    settings.last_run_file.write_bytes(left)  # as a kill leaves it
    assert last_run(settings).status == "killed"
    with pytest.raises(StrataError, match="was killed half-way"):
        require_whole_build(settings)
    # What failed before it built anything leaves the build as half as it was.
    with pytest.raises(StrataError), recorded(settings):
        raise StrataError("late files")
    assert last_run(settings).status == "failed"
    assert last_run(settings).message == "late files"
    assert not last_run(settings).is_build_whole
    with recorded(settings):
        pass
    with pytest.raises(KeyboardInterrupt), recorded(settings):
        raise KeyboardInterrupt
    assert last_run(settings).status == "stopped"
    require_whole_build(settings)


def leave_killed(settings: Settings) -> None:
    """The record of a run that was killed while it built."""
    with recorded(settings) as run:
        run.build_begins()
        left = settings.last_run_file.read_bytes()
    settings.last_run_file.write_bytes(left)


def test_history_that_is_computed_leaves_word(settings, monkeypatch) -> None:
    dbt = SimpleNamespace(build_models=lambda **_: None, manifest=None)
    plan = SimpleNamespace(is_current=True, is_refresh=True)
    for name, answer in (
        ("require_sense", None), ("read_project", dbt), ("build_days", None),
        ("plan_build", plan), ("forget_built_days", None), ("note_whole_days", None),
    ):  # fmt: skip
        monkeypatch.setattr(snapshots, name, lambda *_, answer=answer: answer)
    month = date(2025, 5, 31)

    def compute() -> None:
        snapshots.build_snapshots(
            settings, RunOptions(), snapshots.SnapshotOptions(month, month)
        )

    compute()
    assert last_run(settings).status == DONE
    assert not last_run(settings).is_build_whole

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(snapshots, "build_days", stopped)
    with pytest.raises(KeyboardInterrupt):
        compute()
    assert last_run(settings).status == "stopped"
    with pytest.raises(StrataError, match="stopped half-way"):
        require_whole_build(settings)


@pytest.mark.parametrize(
    "command", ["actions", "book", "explain", "retention", "simulate", "thresholds", "weights"]
)
def test_what_is_half_built_is_neither_shown_nor_gone_on_from(
    settings, command, tmp_path, capsys
) -> None:
    leave_killed(settings)
    duckdb.connect(str(settings.database)).close()
    asked = [part.format(dir=tmp_path) for part in ARGUMENTS.get(command, [command])]
    with pytest.raises(SystemExit) as refused:
        app([*asked, "--warehouse", str(settings.warehouse_dir)])
    assert refused.value.code == 1
    assert "killed half-way" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["book", "report"])
def test_no_page_of_another_day_is_written_over_that_of_a_run(settings, command) -> None:
    put_served(settings)
    with only_writer(settings), pytest.raises(SystemExit) as refused:
        app([command, "--warehouse", str(settings.warehouse_dir)])
    assert refused.value.code == BUSY


def test_what_is_half_built_is_not_taken_for_what_is_served(settings, monkeypatch) -> None:
    """A kill leaves nothing in next/, or one of its two files."""
    put_served(settings)
    leave_killed(settings)
    monkeypatch.setattr("strata.run.require_sense", lambda *_: None)
    with pytest.raises(StrataError, match="killed half-way"):
        audit_and_publish(settings, RunOptions())
    assert last_run(settings).status == "killed"


def test_the_first_failure_is_kept_where_the_record_cannot_be_written(
    settings, monkeypatch, capsys
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    def fail_on_a_full_disk() -> None:
        with recorded(settings):
            monkeypatch.setattr(record, "write_aside", full)
            raise StrataError("the first")

    with pytest.raises(StrataError, match="the first"):
        fail_on_a_full_disk()
    assert "could not be recorded" in capsys.readouterr().err
    monkeypatch.undo()
    assert last_run(settings).status == "killed"


def test_the_lock_is_seen_without_being_taken(settings) -> None:
    assert not is_held(settings)
    with only_writer(settings):
        assert is_held(settings)
        with pytest.raises(StrataError) as second, only_writer(settings):
            pass
        assert second.value.exit_code == BUSY
    assert not is_held(settings)


# --- what else comes by between two runs ------------------------------------------------------


@pytest.mark.parametrize("left", [b"", os.urandom(5000), None])
def test_what_dbt_or_a_kill_leaves_in_next_is_no_build(settings, left) -> None:
    """dbt makes empty files whenever it looks around, as `strata moves` lets it."""
    served = put_served(settings)
    settings.next_marts.parent.mkdir()
    for file in (settings.next_marts, settings.next_medical):
        if left is None:
            duckdb.connect(str(file)).close()
        else:
            file.write_bytes(left)
    assert (built_marts(settings), built_medical(settings)) == served
    go_on_from_served(settings)
    assert (built_marts(settings), built_medical(settings)) == (
        settings.next_marts,
        settings.next_medical,
    )


def test_a_copy_that_ends_half_way_is_no_build(settings, monkeypatch) -> None:
    marts, _ = put_served(settings)

    def full(_: Path, target: Path) -> None:
        target.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copy", full)
    with pytest.raises(OSError, match="No space"):
        go_on_from_served(settings)
    assert built_marts(settings) == marts
    begin_next(settings)
    assert list(settings.next_marts.parent.iterdir()) == []


@pytest.mark.parametrize("served", [0, 1, 2])
def test_without_a_build_and_both_files_of_one_publication_there_is_nothing_to_publish(
    settings, served
) -> None:
    _, medical = files = put_served(settings)
    for file in files[served:]:
        file.unlink()
    if medical.exists():  # a kill between the two
        with duckdb.connect(str(medical)) as newer:
            newer.execute("update publication set run_id = 'later'")
    with pytest.raises(StrataError, match="no mart to publish") as told:
        go_on_from_served(settings)
    assert "strata run" in told.value.hint


@pytest.fixture
def finished(settings: Settings) -> Dbt:
    """The project of a build that a run has finished."""
    with duckdb.connect(str(settings.database)) as build:
        create_bookkeeping(build)
        build.execute("create schema refresh")
        build.execute("create schema measures")
        build.execute(
            "create table measures.as_of_dates as select date '2025-12-31' as as_of_date"
        )
        build.execute(
            "create table refresh.finished_build (fingerprint varchar, started_at timestamp,"
            " as_of_dates varchar, last_file_id integer, landed varchar, asked_day varchar,"
            " withdrawn_files bigint)"
        )
    dbt = Dbt(settings, {})
    dbt.manifest = SimpleNamespace(nodes={}, sources={})
    record_finished_build(settings, plan_build(settings, dbt, ["demo"]))
    assert plan_build(settings, dbt, ["demo"]).is_idle
    return dbt


def answer_with(monkeypatch: pytest.MonkeyPatch, **answers: Any) -> None:
    """Let functions that strata.run calls give these answers, whatever they are asked."""
    for name, answer in answers.items():
        monkeypatch.setattr(f"strata.run.{name}", lambda *_, answer=answer, **__: answer)


def test_what_the_audit_alone_stopped_is_built(settings, finished, monkeypatch) -> None:
    answer_with(
        monkeypatch, require_sense=None, read_project=finished, record_publication=None,
        build=None, check_landings=SimpleNamespace(ok=True, failures=()),
    )  # fmt: skip

    def stop(*_: Any) -> None:
        raise StrataError("too much moved")

    monkeypatch.setattr("strata.run._audit_and_publish", stop)
    with duckdb.connect(str(settings.database)) as build:
        build.execute("insert into landing.withdrawn_files values (1, now()::timestamp)")
    assert not plan_build(settings, finished, ["demo"]).is_current
    with pytest.raises(StrataError, match="too much moved"):
        run(settings, RunOptions())
    # A person accepts it, and nothing is left to build. Or not, and all is built anew.
    assert plan_build(settings, finished, ["demo"]).is_idle
    assert not last_run(settings).is_build_whole
    with pytest.raises(StrataError, match="too much moved"):
        run(settings, RunOptions())
    assert "no finished build" in plan_build(settings, finished, ["demo"]).reason


@pytest.mark.parametrize(("left", "is_idle"), [(DONE, True), ("failed", False)])
def test_history_that_is_published_is_no_news(
    settings, finished, monkeypatch, left, is_idle
) -> None:
    """What a command left that did not come to its end is built once more."""
    put_served(settings)
    answer_with(
        monkeypatch, require_sense=None, read_build=None, read_project=finished,
        record_publication=None, is_built=True, go_on_from_served=None,
        _audit_and_publish=None,
    )  # fmt: skip
    monkeypatch.setattr(finished, "test", lambda **_: None)
    forget_built_days(settings, finished.manifest)
    with recorded(settings, left) as run:
        run.build_begins()
    audit_and_publish(settings, RunOptions())
    assert plan_build(settings, finished, ["demo"]).is_idle == is_idle


def test_where_the_clock_went_back_nothing_is_told_by_its_time(settings, finished) -> None:
    with duckdb.connect(str(settings.database)) as build:
        build.execute(
            "update refresh.finished_build set started_at = started_at + interval 1 hour"
        )
    plan = plan_build(settings, finished, ["demo"])
    assert not plan.is_refresh
    assert "the clock went back" in plan.reason


def test_what_is_kept_is_the_last_whatever_the_clock_said(settings) -> None:
    files = put_served(settings)
    history = settings.published_dir / "history"
    begin_next(settings)
    # Five runs under a clock of 2099, then one of today, and another one.
    runs = [*(f"2099010{day}T000000Z" for day in range(1, 6)), "20260101T0", "20260102T0"]
    for run_id in runs:
        for building, served in zip(
            (settings.next_marts, settings.next_medical), files, strict=True
        ):
            shutil.copy(served, building)
            with duckdb.connect(str(building)) as marts:
                marts.execute("update publication set run_id = ?", [run_id])
        _replace_served(settings)
    kept = [file.stem for file in sorted(history.glob("marts-*"))]
    assert len(kept) == 5
    assert f"marts-{runs[5]}" in kept


# --- damaged files that are served ------------------------------------------------------------


def put_served(settings: Settings) -> tuple[Path, Path]:
    """Two files of about a megabyte, as if they had been published."""
    files = (settings.published_marts, settings.published_medical)
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(file)) as marts:
            marts.execute(
                "create table t as select md5(i::varchar) as a from range(50000) r(i);"
                "create table publication as select 'r' as run_id"
            )
    note_digests(settings, *files)
    return files


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def garbage(file: Path) -> None:
    file.write_bytes(os.urandom(50_000))


def flip(file: Path) -> None:
    """A few bytes in the middle of the data, where only a checksum sees them."""
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 2)
        stream.write(bytes(byte ^ 0xFF for byte in stream.read(16)))
        stream.seek(file.stat().st_size // 2)
        stream.write(b"\xaa" * 16)


def extend_front(file: Path) -> None:
    file.write_bytes(b"x" + file.read_bytes())


def folder_instead(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES = [truncate, empty, garbage, flip, extend_front, folder_instead]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_published_file_is_set_aside_and_counts_as_none(settings, damage) -> None:
    marts, medical = put_served(settings)
    said: list[str] = []
    assert heal_published(settings, said.append)
    assert said == []
    damage(marts)
    assert not heal_published(settings, said.append)
    assert not marts.exists()
    assert medical.exists()
    (aside,) = (settings.warehouse_dir / "damaged").iterdir()
    assert f"damaged/{aside.name}" in said[0]
    assert "marts.duckdb, which is served, is damaged" in said[0]
    assert not heal_published(settings, said.append)  # one is missing
    assert len(said) == 1


def test_another_whole_file_stays_until_the_next_publication(settings) -> None:
    marts, _ = put_served(settings)
    with duckdb.connect(str(marts)) as other:
        other.execute("delete from t where a like '0%'")
    said: list[str] = []
    assert not heal_published(settings, said.append)
    assert marts.exists()
    assert said == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"marts.duckdb": 1}', b"\xff\xfe"])
def test_without_its_note_a_published_file_is_read_to_its_end(settings, content) -> None:
    marts, medical = put_served(settings)
    settings.digests_file.write_bytes(content)
    said: list[str] = []
    assert not heal_published(settings, said.append)
    assert said == []
    flip(medical)
    heal_published(settings, said.append)
    assert "medical.duckdb" in said[0]
    assert marts.exists()


def test_the_damaged_file_is_named_with_the_way_out(settings) -> None:
    marts, _ = put_served(settings)
    with duckdb.connect(str(settings.database)) as build:
        build.execute("create table t as select md5(i::varchar) as a from range(50000) r(i)")
    assert diagnose(settings) is None
    truncate(marts)
    assert f"The published file {marts} is damaged" in diagnose(settings).message
    assert "strata run" in diagnose(settings).hint
    garbage(settings.database)
    told = diagnose(settings)
    assert f"The build, {settings.database}, is damaged" in told.message
    for way_out in ("Move it", "strata load", "strata run", "kept publications"):
        assert way_out in told.hint
    assert why_damaged(settings.database)


def test_a_build_that_was_lost_takes_up_the_kept_publications(settings) -> None:
    key = "md5('a')::uuid as customer_key"
    kept = settings.published_dir / "history"
    for run_id, tier, file in (
        ("20260101", "trial", kept / "marts-20260101.duckdb"),
        ("20260201", "repeat", kept / "marts-20260201.duckdb"),
        ("20260301", "core", settings.published_marts),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(file)) as marts:
            marts.execute(
                f"create table publication as select '{run_id}' as run_id, now()::timestamp as"
                " published_at, date '2026-01-01' as as_of_date, 'r' as ruleset, 'demo' as"
                " sources, 'rev' as git_revision;"
                f"create table mart_customer_tiers as select {key}, date '2026-01-01' as"
                f" as_of_date, '{tier}' as final_tier;"
                f"create table dim_customers as select {key}, 1 as source_records"
            )
    truncate(kept / "marts-20260101.duckdb")
    assert not record_publication(settings)  # no build, nothing to record into
    with duckdb.connect(str(settings.database)) as build:
        build.execute(
            "create schema history;"
            "create table history.publications (publication_number integer, run_id varchar,"
            " published_at timestamp, as_of_date date, ruleset varchar, sources varchar,"
            " git_revision varchar, loaded_through timestamp);"
            "create table history.published_tiers (publication_number integer, customer_key"
            " uuid, is_known boolean, source_records integer, final_tier varchar);"
            "create table history.snapshot_days (as_of_date date, ruleset varchar,"
            " loaded_through timestamp)"
        )
    assert record_publication(settings)
    assert not record_publication(settings)
    with duckdb.connect(str(settings.database)) as build:
        # The damaged one is left out; the others are in their order.
        assert build.execute(
            "select run_id, final_tier from history.publications"
            " join history.published_tiers using (publication_number)"
            " order by publication_number"
        ).fetchall() == [("20260201", "repeat"), ("20260301", "core")]


# --- another program in the way ---------------------------------------------------------------


def test_a_reader_between_two_phases_is_waited_for(tmp_path: Path, monkeypatch) -> None:
    database = tmp_path / "strata.duckdb"
    duckdb.connect(str(database)).close()
    program = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1], read_only=True);"
        " print('open', flush=True); time.sleep(float(sys.argv[2]))"
    )
    for seconds, patience in ((0.5, 30.0), (30, 0.1)):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(database), str(seconds)],
            stdout=subprocess.PIPE, text=True,
        ) as reader:  # fmt: skip
            assert reader.stdout.readline()
            monkeypatch.setattr("strata.warehouse._PATIENCE", patience)
            if patience > seconds:
                connect_patiently(database).close()
                assert reader.wait() == 0
            else:
                with pytest.raises(StrataError) as refused:
                    connect_patiently(database)
                assert refused.value.exit_code == BUSY
                assert str(reader.pid) in refused.value.message
                reader.kill()


def test_what_a_killed_program_worked_on_beside_the_build_goes(settings) -> None:
    with duckdb.connect(str(settings.database)) as build:
        (place,) = build.execute("select current_setting('temp_directory')").fetchone()
    assert place == str(settings.spill_dir)
    settings.spill_dir.mkdir()
    (settings.spill_dir / "duckdb_temp_storage_DEFAULT-0.tmp").write_text("names and phones")
    require_closed(settings)
    assert not settings.spill_dir.exists()


# --- what is printed and listed ---------------------------------------------------------------


def test_no_text_steers_the_terminal() -> None:
    target = io.StringIO()
    console = SafeConsole(file=target, force_terminal=False, width=200)
    evil = "a\x1b[31mred\x1b]0;title\x07\r\x9b2J\u202eevil\u2066\x7f\u200fz"
    table = Table(title=f"title {evil}", caption=evil)
    table.add_column(evil)
    table.add_row(f"cell {evil}")
    console.print(evil, markup=False)
    console.print(table)
    shown = target.getvalue()
    assert not [c for c in shown if (ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0]
    assert not set(shown) & set("\u202e\u2066\u200f")
    assert "\\x1b[31mred" in shown
    assert "皮肤 ok" in SafeConsole().render_str("皮肤 ok").plain


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'), ("+1", "'+1"),
        ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"),
        ("＝1", "'＝1"), ("a=1", "a=1"), ("", ""), (-5, -5), (None, None), ("北院", "北院"),
    ],
)  # fmt: skip
def test_a_spreadsheet_computes_nothing_that_a_source_delivered(value, written) -> None:
    assert plain_cell(value) == written


def test_a_list_is_read_back_as_it_was_but_for_formulas(tmp_path: Path) -> None:
    file = tmp_path / "a 'list'.csv"
    write_csv(file, ["a", "=b"], [["=1", -2], ['x"y', "北\n院"]])
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig").splitlines()[:2] == ["a,'=b", "'=1,-2"]


# --- what the operating system refuses --------------------------------------------------------


ARGUMENTS = {
    "actions": ["actions", "--clinic", "north", "--csv", "{dir}/list.csv"],
    "demo": ["demo", "{dir}/made", "--customers", "100"],
    "load": ["load", "{dir}/files", "--source", "demo"],
    "withdraw": ["withdraw", "orders.csv", "--source", "demo"],
    "explain": ["explain", "somebody"],
    "forget": ["forget", "somebody"],
    "init": ["init", "his", "{dir}/not there"],  # it would write into the project
    "retention": ["retention", "--months", "36"],
    "simulate": ["simulate", "--set", "four_level_super_min_clv=1", "--csv", "{dir}/out.csv"],
    "moves": ["moves", "--from", "2025-01-31", "--to", "2025-02-28"],
    "bench": ["bench", "--orders", "1000"],
    "quickstart": ["quickstart", "--customers", "100"],
}
WITHOUT_WAREHOUSE = {"demo", "init"}
# What a command imports when it begins, imported once for all children.
IMPORTED = (
    "strata.run", "strata.simulate.show", "strata.weights.show", "strata.clv.command",
    "strata.bench.command", "strata.demo", "strata.history.snapshots", "strata.history.moves",
    "strata.explain", "strata.landing", "strata.report", "strata.book",
)  # fmt: skip
COMMANDS = sorted(
    (command.name or command.callback.__name__) for command in app.registered_commands
)


def in_child(arguments: list[str], before: Callable[[], None]) -> tuple[int, str]:
    """Run a command in a child of this process, which has imported all; code and output."""
    for module in IMPORTED:
        importlib.import_module(module)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 99
        try:
            os.dup2(writing, 1)
            os.dup2(writing, 2)
            # pytest has put files of its own in their place.
            sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
            before()
            try:
                sys.argv = ["strata", *arguments]
                main()
            except SystemExit as ended:
                code = int(ended.code or 0)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, errors="replace") as output:
        said = output.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said


def limit(kind: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (value, value))


def set_threads() -> None:
    os.environ["STRATA_THREADS"] = "abc"


REFUSALS: dict[str, Callable[[], None]] = {
    "too many files": limit(resource.RLIMIT_NOFILE, 4),
    "a file too large": limit(resource.RLIMIT_FSIZE, 0),
    "locked parent": lambda: None,
    "threads": set_threads,
}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_what_the_system_refuses(tmp_path, command, refusal) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "orders.csv").write_text("order_id,customer_id\n1,a\n")
    (tmp_path / "a file").write_text("")
    asked = [part.format(dir=tmp_path) for part in ARGUMENTS.get(command, [command])]
    is_parent = refusal == "locked parent"
    if command not in WITHOUT_WAREHOUSE:
        # A file where the warehouse's parent folder should be refuses root as well.
        place = "a file" if is_parent else "warehouse"
        asked += ["--warehouse", str(tmp_path / place / "deeper")]
    elif is_parent and command == "demo":
        asked[1] = str(tmp_path / "a file" / "made")
    elif refusal == "threads":
        pytest.skip("takes no threads")
    code, said = in_child(asked, REFUSALS[refusal])
    assert "Usage:" not in said, f"ARGUMENTS lacks {command}"
    assert "Traceback" not in said
    assert "went wrong that should not have" not in said
    assert code != 0 or refusal == "a file too large", said
    if code != 0 and refusal != "a file too large":
        assert "→" in said or "Nothing is published yet" in said, said


def test_limits_of_the_environment_are_named(monkeypatch) -> None:
    for name, value in (
        ("STRATA_THREADS", "abc"), ("STRATA_THREADS", "0"), ("STRATA_THREADS", "-1"),
        ("STRATA_THREADS", "1025"), ("STRATA_MEMORY", "much"), ("STRATA_MEMORY", "8"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
        with pytest.raises(StrataError, match=name) as refused:
            load_settings()
        assert refused.value.exit_code == 2
        monkeypatch.delenv(name)
    for memory in ("600MB", "8 GB", "1.5gib", "50%"):
        monkeypatch.setenv("STRATA_MEMORY", memory)
        assert load_settings().memory == memory
    with pytest.raises(StrataError, match="question mark|takes what follows"):
        load_settings(Path("what?"))
    monkeypatch.setenv("STRATA_THREADS", "1024")
    assert load_settings().threads == 1024


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (OSError(28, os.strerror(28), "x.csv"), "The disk is full: x.csv"),
        (OSError(30, os.strerror(30)), "The disk can only be read"),
        (PermissionError(13, os.strerror(13), "w"), "Permission is denied: w"),
        (OSError(21, os.strerror(21), "a.new", None, "a"), "should be: a."),
        (OSError(24, os.strerror(24)), "Too many files are open"),
        (
            FileExistsError(17, os.strerror(17), "next"),
            "A file stands where a folder should be",
        ),
        (MemoryError(), "There is no memory left"),
        (duckdb.OutOfMemoryException("Out of Memory Error: 8 GB"), "not enough memory"),
        (
            duckdb.IOException("IO Error: Could not write: No space left on device"),
            "disk is full",
        ),
        (duckdb.IOException("IO Error: Corrupt database file"), "A file is damaged"),
        (duckdb.CatalogException("Catalog Error: Table x"), "What is built lacks something"),
        (RuntimeError("can't start new thread"), "No further thread"),
        (ImportError("\n x.so: failed to map segment from shared object"), "x.so"),
    ],
)
def test_a_refusal_is_told_in_words(failure, words) -> None:
    told = in_words(failure)
    assert words in told.message
    assert told.hint


def test_what_nobody_foresaw_goes_to_a_file(tmp_path, monkeypatch, capsys) -> None:
    def broken(_: Settings) -> bool:
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr("strata.summary.show_status", broken)
    with pytest.raises(SystemExit) as ended:
        app(["status", "--warehouse", str(tmp_path)])
    assert ended.value.code == 70
    told = capsys.readouterr().err
    assert "ZeroDivisionError: by hand" in told
    assert "Traceback" not in told
    assert "Traceback" in (tmp_path / "logs" / "failure.txt").read_text()


def test_a_log_on_a_full_disk_prints_no_traceback(settings, monkeypatch, capsys) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", True)
    Dbt(settings, {})
    log = RotatingFileHandler("/dev/full")  # as dbt's own
    log.emit(logging.LogRecord("dbt", logging.INFO, "", 0, "a line", None, None))
    assert capsys.readouterr().err == ""
    with suppress(OSError):
        log.close()


def test_a_full_disk_behind_the_output_is_told(tmp_path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "strata", "status", "--warehouse", str(tmp_path)],
            env=os.environ | {"PYTHONPATH": str(PROJECT_DIR / "scripts")},
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode == 1
    assert "The disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_scheduler_may_close_the_standard_streams(tmp_path) -> None:
    """Without them a traceback was printed, and the report could not be drawn."""
    program = (
        "import os, sys; from strata.__main__ import main;"
        " sys.argv = ['strata', 'status', '--warehouse', sys.argv[1]]\n"
        "try: main()\n"
        "finally: print(*(os.readlink(f'/proc/self/fd/{n}') for n in (0, 1)), file=sys.stderr)"
    )
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&-', "sh", sys.executable, "-c", program, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(PROJECT_DIR / "scripts")},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "/dev/null /dev/null\n"
