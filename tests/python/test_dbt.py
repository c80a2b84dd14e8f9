"""What dbt is given: variables that make another project, or only another build."""

import re
from pathlib import Path

import pytest

from strata.dbt import LOOKED_UP_LATE, Dbt
from strata.settings import PROJECT_DIR, Settings

ROOMS = ("models", "macros", "seeds", "tests/generic", "tests/singular", "analyses")


def test_only_what_the_project_does_not_say_itself_is_a_variable(tmp_path: Path) -> None:
    said = {"sources": ["demo"], "clv_model": "formula"}
    day = {"as_of_date": "2025-06-30", "refresh": True}
    dbt = Dbt(Settings(tmp_path), said | day | {"ruleset": "retail"})
    # The build is another one with another rule set or model, whatever its day.
    assert dbt.built_variables == {"clv_model": "formula", "ruleset": "retail"}
    assert dbt.read_variables == {"clv_model": "formula"}


@pytest.mark.parametrize("name", sorted(LOOKED_UP_LATE))
def test_what_is_looked_up_late_changes_no_node(name: str) -> None:
    """No property and no `config()` names it; a `ref` that follows from it dbt refuses."""
    asked = re.compile(rf"var\(\s*['\"]{name}['\"]")
    config = re.compile(r"config\((?:[^()]|\([^()]*\))*\)")
    files = [file for room in ROOMS for file in (PROJECT_DIR / room).rglob("*.*")]
    files.append(PROJECT_DIR / "dbt_project.yml")
    texts = {file: file.read_text("utf-8") for file in files if file.suffix in (".sql", ".yml")}
    assert any(asked.search(text) for text in texts.values())
    for file, text in texts.items():
        said = text if file.suffix == ".yml" else " ".join(config.findall(text))
        assert not asked.search(said), file
