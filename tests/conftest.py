"""Imports of tests/python; long stories first; one thread a worker; a clean environment."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "python"))

# pytest-xdist keeps both cores busy; more threads in a build would only wait for each other.
os.environ.setdefault("STRATA_THREADS", "1")

# A few long tests each: begun last, they would keep one worker busy and the other waiting.
LONG = ("test_refresh", "test_run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; within a file as it stands there."""
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
