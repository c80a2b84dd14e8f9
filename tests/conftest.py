"""Makes tests/python importable from tests/golden; long stories first."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "python"))

# A few long tests each: begun last, they would keep one worker busy and the other waiting.
LONG = ("test_refresh", "test_run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; within a file as it stands there."""
    items.sort(
        key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG)
    )
