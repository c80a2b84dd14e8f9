"""Imports of tests/python; long stories first; one thread a worker; a clean environment; the
project read, its templates compiled and charts drawn once.
"""

import functools
import json
import os
import pprint
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
import vl_convert
import yaml

from strata.dbt import Dbt
from strata.settings import PROJECT_DIR

sys.path.insert(0, str(Path(__file__).parent / "python"))

from builder import Chain

# pytest-xdist keeps both cores busy; more threads in a build would only wait for each other.
os.environ.setdefault("STRATA_THREADS", "1")

# A few long tests each: begun last, they would keep one worker busy and the other waiting.
LONG = ("test_refresh", "test_run")


# Files without a warehouse that take as long.
SLOW = (
    "test_chaos", "test_dbt", "test_flat", "test_gate", "test_landing_together", "test_run",
    "test_trust",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; within a file as it stands there."""
    for item in items:
        if getattr(item.module, "Chain", None) is Chain or item.path.stem in SLOW:
            item.add_marker("builds")
    items.sort(
        key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG)
    )


@pytest.fixture(autouse=True, scope="module")
def own_environment() -> Iterator[None]:
    """What dbt's start sets for its profile does not reach the next file's tests."""
    before = {name: value for name, value in os.environ.items() if name.startswith("STRATA_")}
    yield
    for name in [name for name in os.environ if name.startswith("STRATA_")]:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(autouse=True, scope="session")
def project_read_once() -> Iterator[None]:
    """The project itself is read once in a test process, since no warehouse changes it.

    dbt reads it anew for every warehouse, which takes as long as a small build; the tests
    have dozens. Of a changed copy dbt reads what differs from the project.
    """
    parse, read, copies = Dbt.parse, {}, {}

    def parse_once(dbt: Dbt) -> None:
        key = json.dumps([dbt.database.stem, dbt.read_variables], sort_keys=True)
        if dbt.project_dir != PROJECT_DIR:
            at = (dbt.project_dir, dbt.manifest_file, key)
            files = _files_of(dbt.project_dir)
            if at not in copies or copies[at][0] != files:
                _take_up(dbt, read.get(key))
                parse(dbt)
                copies[at] = files, dbt.manifest
            dbt.manifest = copies[at][1]
            return
        if key not in read:
            parse(dbt)
            kept = _kept_file(dbt).read_bytes()
            own = _connection_hash(dbt)
            assert own in kept  # else dbt would read every copy in full, unnoticed
            read[key] = dbt.manifest, dbt.manifest_file.read_bytes(), kept, own
        dbt.manifest, file, _, _ = read[key]
        dbt.manifest_file.parent.mkdir(parents=True, exist_ok=True)
        dbt.manifest_file.write_bytes(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dbt, "parse", parse_once)
        yield


def _kept_file(dbt: Dbt) -> Path:
    """What dbt keeps of a project that it read, to read what changed only."""
    return dbt.manifest_file.with_name("partial_parse.msgpack")


def _take_up(dbt: Dbt, project: tuple[Any, bytes, bytes, bytes] | None) -> None:
    """A copy that dbt never read by this connection is read as a change of the project."""
    kept_file, own = _kept_file(dbt), _connection_hash(dbt)
    if project and not (kept_file.exists() and own in kept_file.read_bytes()):
        _, _, kept, connection = project
        kept_file.parent.mkdir(parents=True, exist_ok=True)
        kept_file.write_bytes(kept.replace(connection, own))


def _files_of(project_dir: Path) -> list[tuple[str, int, int]]:
    """The project's files, with when they were written last."""
    found = [file for file in project_dir.rglob("*") if file.is_file()]
    return sorted((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in found)


@pytest.fixture(autouse=True, scope="session")
def templates_compiled_once() -> Iterator[None]:
    """dbt compiles each model's Jinja anew in every build; the tests build the same models."""
    compile_template, codes = jinja2.Environment.compile, {}

    def compile_once(environment: Any, source: Any, *how: Any, **more: Any) -> Any:
        key = (type(environment), source, *how, *more.items())
        if key not in codes:
            codes[key] = compile_template(environment, source, *how, **more)
        return codes[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", compile_once)
        yield


@pytest.fixture(autouse=True, scope="session")
def pictures_drawn_once() -> Iterator[None]:
    """Most pages that tests write show the same charts."""
    with pytest.MonkeyPatch.context() as patch:
        draw = functools.cache(vl_convert.vegalite_to_svg)
        patch.setattr(vl_convert, "vegalite_to_svg", draw)
        yield


def _connection_hash(dbt: Dbt) -> bytes:
    """By which dbt knows for which connection it read the project."""
    from dbt.config.profile import Profile
    from dbt.config.renderer import ProfileRenderer
    from dbt.contracts.files import FileHash
    from dbt_common.context import set_invocation_context

    set_invocation_context(dict(os.environ))
    profiles = yaml.safe_load((PROJECT_DIR / "profiles/profiles.yml").read_text("utf-8"))
    target = dbt._fixed_arguments[dbt._fixed_arguments.index("--target") + 1]
    _, output = Profile.render_profile(
        profiles["strata"], "strata", target, ProfileRenderer({})
    )
    credentials = Profile._credentials_from_profile(output, "strata", target)
    said = pprint.pformat(sorted(credentials.connection_info()))
    return FileHash.from_contents(said).checksum.encode()
