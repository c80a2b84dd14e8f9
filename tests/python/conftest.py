"""Fixtures that several test files share."""

from pathlib import Path

import pytest

import builder  # noqa: F401 - the secret of the tests, also for commands in processes
from shop import DECLARATION, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    staging = tmp_path / "project" / "models" / "staging" / "shop"
    staging.mkdir(parents=True)
    (staging / "_shop__sources.yml").write_text(DECLARATION, encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    return Shop(tmp_path)
