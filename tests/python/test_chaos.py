"""Kills at random moments, readers during publications, full disks: nothing torn, nothing lost.

30 kills; STRATA_KILLS=300 asks for more. Then commands on a demo chain are killed as well, its
files are damaged, and its disk is filled at each step.
"""

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kills import KILLS, kill, starter
from strata.landing import load_directory
from strata.publish import publish
from strata.record import last_run, recorded
from strata.settings import PROJECT_DIR, Settings
from strata.trouble import in_words

ROWS = 400
FILES = 6

# One version of everything that is published: each cell says which.
MARTS = """
create table mart_customer_tiers as select i as customer_key, date '2025-12-31' as as_of_date,
    'trade' as ruleset, {version} as version, md5(i || '{version}') as filler
from range(2000) t(i);
create table fct_rfm as from mart_customer_tiers;
create table fct_rfm2 as from mart_customer_tiers;
create table fct_lifecycle as from mart_customer_tiers;
create table fct_lifecycle_intervals as select *, true as is_current from mart_customer_tiers;
create table mart_tier_summary as select as_of_date, ruleset, 'final' as model,
    2000 as customers, version from mart_customer_tiers limit 1;
"""
MEDICAL = "create table mart_medical_tiers as " + MARTS.split(" as ", 1)[1].split(";")[0]


def publish_for_ever(warehouse: Path, first: int, begun: Any) -> None:
    """Build and publish versions, one after another, until somebody kills this process."""
    settings = Settings(warehouse)
    for version in range(first, first + 1000):
        build_version(settings, version)
        publish_version(settings, version)
        begun.set()


def load_all(warehouse: Path, folder: Path, begun: Any) -> None:
    begun.set()
    load_directory(Settings(warehouse), "demo", folder)


def versions(file: Path) -> set[int]:
    """The versions that the tables of a published file are of."""
    with duckdb.connect(str(file), read_only=True) as marts:
        tables = marts.execute(
            "select table_name from duckdb_columns() where column_name = 'version'"
        ).fetchall()
        return {
            version
            for (table,) in tables
            for (version,) in marts.execute(f"select distinct version from {table}").fetchall()
        } | {int(run) for (run,) in marts.execute("select run_id from publication").fetchall()}


@pytest.fixture(scope="module")
def start() -> Callable[..., multiprocessing.Process]:
    return starter("test_chaos")


@contextmanager
def readers(file: Path) -> Iterator[list[str]]:
    """Reads the file again and again; what went wrong is in the list."""
    wrong: list[str] = []
    done = threading.Event()
    reads = []

    def read() -> None:
        newest = 0
        while not done.is_set():
            try:
                found = versions(file)
            except duckdb.Error as error:
                wrong.append(str(error))
                continue
            reads.append(1)
            if len(found) != 1 or max(found) < newest:
                wrong.append(f"{found} after {newest}")
            newest = max(newest, *found)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield wrong
    finally:
        done.set()
        thread.join()
        assert reads


def test_publications_that_are_killed_leave_one_whole_version(tmp_path, start) -> None:
    settings = Settings(tmp_path)
    draw = random.Random(27)
    kill(start(publish_for_ever, tmp_path, 1), 0)
    with readers(settings.published_marts) as wrong:
        for _ in range(KILLS * 2 // 5):
            (before,) = versions(settings.published_marts)
            kill(start(publish_for_ever, tmp_path, before + 1), draw.uniform(0, 0.4))
            (served,) = versions(settings.published_marts)
            (medical,) = versions(settings.published_medical)
            # Killed between the two, the medical team's is the newer one.
            assert served > before
            assert medical - served in (0, 1)
            assert last_run(settings).status in ("published", "killed")
    assert wrong == []
    kept = sorted((settings.published_dir / "history").glob("*.duckdb"))
    assert {len(versions(file)) for file in kept} == {1}


def test_a_load_that_is_killed_has_each_file_whole_or_not_at_all(tmp_path, start) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    for n in range(FILES):
        (folder / f"orders_{n}.csv").write_text(
            "order_id,customer_id,clinic_id,order_date,status\n"
            + "".join(f"o{n}_{i},c{i},north,2024-01-01,paid\n" for i in range(ROWS))
        )
    draw = random.Random(27)
    settings = Settings(tmp_path / "warehouse")
    for _ in range(KILLS * 2 // 5):
        kill(start(load_all, settings.warehouse_dir, folder), draw.uniform(0, 0.5))
        if not settings.database.exists():
            continue
        with duckdb.connect(str(settings.database)) as build:
            if not build.execute(
                "select 1 from duckdb_tables() where table_name = 'orders'"
            ).fetchall():
                continue
            rows = dict(
                build.execute(
                    "select _file, count(*) from raw_demo.orders group by 1"
                ).fetchall()
            )
            noted = dict(
                build.execute("select file_name, rows_loaded from landing.files").fetchall()
            )
        assert rows == noted
        assert set(rows.values()) <= {ROWS}
    load_directory(settings, "demo", folder)
    with duckdb.connect(str(settings.database)) as build:
        assert build.execute(
            "select count(*), count(distinct order_id), (select count(*) from landing.files)"
            " from raw_demo.orders"
        ).fetchone() == (FILES * ROWS, FILES * ROWS, FILES)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("may not mount a disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """The disk is full, and stays so whatever is removed from it meanwhile."""
    done, is_full = threading.Event(), threading.Event()

    def fill() -> None:
        size = 0
        with (disk / "filler").open("wb") as file:
            while not done.is_set():
                for more in (2**24, 2**18, 2**12):
                    try:
                        os.posix_fallocate(file.fileno(), size, more)
                    except OSError:
                        continue
                    size += more
                    break
                else:
                    is_full.set()
                    time.sleep(0.01)

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        assert is_full.wait(60)
        yield
    finally:
        done.set()
        thread.join()
        (disk / "filler").unlink()


def build_version(settings: Settings, version: int) -> None:
    """The marts of a version, as dbt would have built them."""
    settings.next_marts.parent.mkdir(parents=True, exist_ok=True)
    for file, sql in ((settings.next_marts, MARTS), (settings.next_medical, MEDICAL)):
        file.unlink(missing_ok=True)
        with duckdb.connect(str(file)) as marts:
            marts.execute(sql.format(version=version))


def publish_version(settings: Settings, version: int) -> None:
    with recorded(settings) as record:
        record.build_begins()
        publish(settings, f"{version:06}", datetime(2026, 1, 1), ["demo"])


def test_a_publication_on_a_full_disk_leaves_the_last_and_says_so(small_disk) -> None:
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    settings = Settings(small_disk / "warehouse")
    for version in (1, 2):
        build_version(settings, version)
        publish_version(settings, version)
    build_version(settings, 3)
    with filled(small_disk), pytest.raises((OSError, duckdb.Error)) as refused:
        publish_version(settings, 3)
    told = in_words(refused.value)
    assert "disk is full" in told.message
    assert "Free some space" in told.hint
    assert versions(settings.published_marts) == versions(settings.published_medical) == {2}
    # How it began is on record: no disk is needed for what is there already.
    assert last_run(settings).status in ("published", "killed", "failed")
    build_version(settings, 4)
    publish_version(settings, 4)
    assert versions(settings.published_marts) == {4}
    assert last_run(settings).status == "published"


def strata(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "strata", *arguments],
        env=os.environ | {"PYTHONPATH": str(PROJECT_DIR / "scripts")},
        capture_output=True, text=True,
    )  # fmt: skip


def test_a_full_disk_is_told_and_the_same_command_goes_on(small_disk, tmp_path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for n in range(2):
        (folder / f"orders_{n}.csv").write_text(
            "order_id,customer_id,clinic_id,order_date,status\n"
            + "".join(
                f"{random.Random(i * 2 + n).getrandbits(256):x},c{i},n,2024-01-01,paid\n"
                for i in range(30_000)
            )
        )
    command = ("load", str(folder), "--source", "demo", "--warehouse", str(small_disk / "w"))
    full = strata(*command)
    assert full.returncode == 1
    assert "The disk is full" in full.stderr
    assert "Free some space" in full.stderr
    assert "Traceback" not in full.stdout + full.stderr
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    done = strata(*command)
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(small_disk / "w" / "strata.duckdb"), read_only=True) as build:
        assert build.execute("select count(*) from raw_demo.orders").fetchone() == (60_000,)


def served_tables(settings: Settings) -> list[Any]:
    """The content of all tables that are served, but for the run's own record."""
    with duckdb.connect(str(settings.published_marts), read_only=True) as marts:
        return [
            marts.execute(f'from "{schema}"."{table}" order by all').fetchall()
            for schema, table in marts.execute(
                "select schema_name, table_name from duckdb_tables()"
                " where table_name != 'publication' order by all"
            ).fetchall()
        ]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, float]:
    """A published demo chain, and how many seconds its run took."""
    folder = tmp_path_factory.mktemp("chain")
    settings = Settings(folder / "it's a warehouse")
    at = ("--warehouse", str(settings.warehouse_dir))
    assert not strata("demo", str(folder / "demo"), "--customers", "300").returncode
    assert not strata("load", str(folder / "demo"), "--source", "demo", *at).returncode
    started = time.monotonic()
    assert not strata("run", *at).returncode
    seconds = time.monotonic() - started
    # A backtest that a later test runs is published by it: the same one.
    assert not strata("backtest", *at).returncode
    assert not strata("publish", *at).returncode
    return settings, seconds


ON_DEMAND = pytest.mark.skipif(KILLS <= 30, reason="on demand: STRATA_KILLS=300")


@ON_DEMAND
def test_damage_in_any_file_of_a_warehouse_heals(chain) -> None:
    settings, _ = chain
    at = ("--warehouse", str(settings.warehouse_dir))
    before, draw = served_tables(settings), random.Random(27)
    for _ in range(max(KILLS // 10, 3)):
        files = [
            file
            for file in sorted(settings.warehouse_dir.rglob("*"))
            if file.is_file() and not file.name.startswith("strata.duckdb")
        ]
        for file in draw.sample(files, 10):
            content = bytearray(file.read_bytes())
            how = draw.choice(["empty", "cut", "flip", "garbage"])
            if how == "flip" and content:
                content[draw.randrange(len(content))] ^= 0xFF
            elif how == "garbage":
                content = bytearray(draw.randbytes(500))
            else:
                content = content[: len(content) // 2 if how == "cut" else 0]
            file.write_bytes(content)
        for asked in (["status"], ["report"], ["book"], ["explain", "nobody"], ["run"]):
            done = strata(*asked, *at)
            assert "Traceback" not in done.stdout + done.stderr
            assert "should not have" not in done.stderr
        assert done.returncode == 0, done.stderr
        assert served_tables(settings) == before


# Every command that leaves what is served as it is. A run in full counts thrice.
COMMANDS = (
    ["run", "--full"], ["publish"], ["snapshots", "--from", "2025-06"], ["run", "--full"],
    ["report"], ["book"], ["load", "{demo}", "--source", "demo"], ["run", "--full"],
    ["backtest"], ["weights"], ["simulate", "--set", "four_level_super_min_clv=300000"],
    ["check"], ["explain", "nobody"], ["status"], ["thresholds", "--propose"],
)  # fmt: skip


def begin(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """A command on the warehouse, in a process of its own."""
    demo = str(settings.warehouse_dir.parent / "demo")
    return subprocess.Popen(
        [sys.executable, "-m", "strata", *(part.format(demo=demo) for part in arguments),
         "--warehouse", str(settings.warehouse_dir)],
        env=os.environ | {"PYTHONPATH": str(PROJECT_DIR / "scripts")},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


@ON_DEMAND
def test_commands_that_are_killed_leave_the_publication(chain, record_property) -> None:
    settings, _ = chain
    before, draw = served_tables(settings), random.Random(27)
    seconds: dict[str, float] = {}
    killed = 0
    for n in range(KILLS):
        asked = COMMANDS[n % len(COMMANDS)]
        started = time.monotonic()
        process = begin(settings, *asked)
        number = draw.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
        try:
            # As long as it took when nobody killed it; at first nobody does.
            patience = seconds.get(asked[0], 3600)
            said, _ = process.communicate(timeout=draw.uniform(0, patience))
            seconds.setdefault(asked[0], time.monotonic() - started)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            said, _ = process.communicate()
            killed += 1
        assert "Traceback" not in said, (asked, said)
        assert "should not have" not in said, (asked, said)
        assert served_tables(settings) == before, asked
        assert not begin(settings, "status").wait()
    record_property("killed", killed)
    done = strata("run", "--warehouse", str(settings.warehouse_dir))
    assert done.returncode == 0, done.stderr
    assert served_tables(settings) == before


FULL_AT = (
    "Read the project", "Check the raw landings", "Take in the raw rows",
    "Compute the customers", "Audit the marts", "Publish", "Write the report",
    "Write the tier book",
)  # fmt: skip


@ON_DEMAND
def test_a_disk_that_fills_up_in_the_middle_of_a_command(chain, small_disk) -> None:
    settings = Settings(small_disk / "warehouse")
    subprocess.run(["mount", "-o", "remount,size=4g", str(small_disk)], check=True)
    shutil.copytree(chain[0].warehouse_dir, settings.warehouse_dir)
    before = served_tables(settings)
    # A command, and the step in which the disk fills up; without one it is full before.
    cases = [(["run", "--full"], step) for step in FULL_AT] + [
        (["publish"], "Publish"), (["snapshots", "--from", "2025-06"], "Take in the raw rows"),
        (["report"], ""), (["book"], ""), (["publish"], ""), (["run"], ""),
        (["backtest"], "Predict from the past"),
    ]  # fmt: skip
    for asked, step in cases:
        with ExitStack() as full:
            if not step:
                full.enter_context(filled(small_disk))
            process = begin(settings, *asked)
            said = ""
            for line in process.stdout:
                said += line
                if step and f"▸ {step}" in line:
                    full.enter_context(filled(small_disk))
            assert process.wait() == 1, (asked, step, said)
        assert "disk is full" in said.lower() or "No space left" in said, (asked, step, said)
        assert "Free some space" in said, (asked, step, said)
        assert "Traceback" not in said, (asked, step, said)
        assert served_tables(settings) == before, (asked, step)
        told = strata("status", "--warehouse", str(settings.warehouse_dir))
        assert told.returncode == 0, told.stderr
        assert "unknown" not in told.stdout, told.stdout
        if asked[0] != "run" or step in FULL_AT[-3:]:
            again = strata("run", "--warehouse", str(settings.warehouse_dir))
            assert again.returncode == 0, (asked, step, again.stderr)
            assert served_tables(settings) == before, (asked, step)
    done = strata("run", "--warehouse", str(settings.warehouse_dir))
    assert done.returncode == 0, done.stderr
    assert served_tables(settings) == before
