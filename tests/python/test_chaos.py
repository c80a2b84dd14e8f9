"""Kills at random moments, readers during publications, full disks: nothing torn, nothing lost.

30 kills; STRATA_KILLS=300 asks for more, and then kills whole runs of a demo chain as well.
"""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from strata.landing import load_directory
from strata.publish import publish
from strata.record import last_run, recorded
from strata.settings import PROJECT_DIR, Settings

KILLS = int(os.environ.get("STRATA_KILLS", "30"))
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
        settings.next_marts.parent.mkdir(parents=True, exist_ok=True)
        for file, sql in ((settings.next_marts, MARTS), (settings.next_medical, MEDICAL)):
            file.unlink(missing_ok=True)
            with duckdb.connect(str(file)) as marts:
                marts.execute(sql.format(version=version))
        with recorded(settings) as record:
            record.build_begins()
            publish(settings, f"{version:06}", datetime(2026, 1, 1), ["demo"])
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
    """Starts a function in a process of its own that has all modules already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["test_chaos"])

    def begin(target: Callable[..., None], *arguments: Any) -> multiprocessing.Process:
        begun = context.Event()
        process = context.Process(target=target, args=(*arguments, begun))
        process.start()
        assert begun.wait(60)
        return process

    return begin


def kill(process: multiprocessing.Process, after: float) -> None:
    time.sleep(after)
    os.kill(process.pid, signal.SIGKILL)
    process.join()


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
        for _ in range(KILLS // 2):
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
    for _ in range(KILLS // 2):
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
            marts.execute(f"from {table} order by all").fetchall()
            for (table,) in marts.execute(
                "select table_name from duckdb_tables() where table_name != 'publication'"
                " order by all"
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
    return settings, time.monotonic() - started


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


@ON_DEMAND
def test_runs_that_are_killed_leave_the_publication(chain) -> None:
    settings, seconds = chain
    at = ("--warehouse", str(settings.warehouse_dir))
    before, draw = served_tables(settings), random.Random(27)
    commands = (["run", "--full"], ["publish"], ["snapshots", "--from", "2025-06"], ["report"])
    for n in range(KILLS):
        asked = commands[n % len(commands)]
        process = subprocess.Popen(
            [sys.executable, "-m", "strata", *asked, *at],
            env=os.environ | {"PYTHONPATH": str(PROJECT_DIR / "scripts")},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(draw.uniform(0, seconds))
        process.send_signal(draw.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        process.wait()
        assert served_tables(settings) == before
        assert "Traceback" not in strata("status", *at).stderr
    done = strata("run", *at)
    assert done.returncode == 0, done.stderr
    assert served_tables(settings) == before
