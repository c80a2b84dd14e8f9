"""What dbt is given: variables that make another project, or only another build."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from strata.dbt import LOOKED_UP_LATE, Dbt
from strata.errors import StrataError
from strata.settings import PROJECT_DIR, Settings

ROOMS = ("models", "macros", "seeds", "tests/generic", "tests/singular", "analyses")


def test_only_what_the_project_does_not_say_itself_is_a_variable(tmp_path: Path) -> None:
    said = {"sources": ["demo"], "clv_model": "formula"}
    day = {"as_of_date": "2025-06-30", "history_months": 0}
    dbt = Dbt(Settings(tmp_path), said | day | {"ruleset": "retail"})
    # The build is another one with another rule set or model, whatever its day.
    assert dbt.built_variables == {"clv_model": "formula", "ruleset": "retail"}
    assert dbt.read_variables == {"clv_model": "formula"}


def test_a_run_goes_on_from_nothing_that_plain_dbt_built(tmp_path: Path, monkeypatch) -> None:
    """It may be of any day, rule set or sources."""
    project, settings = tmp_path / "project", Settings(tmp_path)
    (project / "models").mkdir(parents=True)
    for folder in ("profiles", "macros/engines"):
        shutil.copytree(PROJECT_DIR / folder, project / folder)
    (project / "dbt_project.yml").write_text(
        "name: strata\nprofile: strata\nvars: {tier_models: []}\n"
        'on-run-start: "{{ prepare_records() }}"\n'
    )
    (project / "models" / "one.sql").write_text("select 1 as n")
    (project / "macros" / "none.sql").write_text(
        "{% macro clv_backtest_table() %}select 1{% endmacro %}"
    )
    with duckdb.connect(str(settings.database)) as build:
        build.execute("create schema refresh")
        build.execute("create table refresh.finished_build as select 'a' as fingerprint")
    dbt = Dbt(settings, {}, project)
    for rows in (1, 0):
        dbt._invoke("run")
        with duckdb.connect(str(settings.database)) as build:
            held = build.execute("select count(*) from refresh.finished_build").fetchone()
        assert held == (rows,)
        monkeypatch.delenv("STRATA_RUNS", raising=False)


# How much history a run fills in is asked by Python alone.
@pytest.mark.parametrize("name", sorted(LOOKED_UP_LATE - {"history_months"}))
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


@pytest.fixture
def short_of_memory(tmp_path: Path) -> Dbt:
    """A project whose first model runs out of memory until an invocation has ended."""
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    shutil.copytree(PROJECT_DIR / "profiles", project / "profiles")
    ended = tmp_path / "ended.csv"
    (project / "dbt_project.yml").write_text(
        "name: tiny\nprofile: strata\nvars: {}\n"
        f"on-run-end: \"copy (select 1) to '{ended}'\"\n"
    )
    (project / "models" / "large.sql").write_text(
        "{{ config(materialized='table') }}\n"
        f"select if((select count(*) from glob('{ended}')) > {{{{ var('asked', 0) }}}}, 1,"
        " cast(error('Out of Memory Error: failed to pin block') as integer)) as n\n"
    )
    (project / "models" / "after.sql").write_text(
        "{{ config(materialized='table') }}\nselect n + 1 as n from {{ ref('large') }}\n"
    )
    return Dbt(Settings(tmp_path), {}, project)


def test_what_ran_out_of_memory_is_done_again_and_what_follows_as_well(
    short_of_memory: Dbt, capsys: pytest.CaptureFixture[str]
) -> None:
    short_of_memory.parse()
    short_of_memory.build()
    assert "one at a time" in capsys.readouterr().out
    with duckdb.connect(str(short_of_memory.database), read_only=True) as build:
        assert build.execute("select n from after").fetchall() == [(2,)]


def test_who_has_too_little_memory_for_one_model_is_told(short_of_memory: Dbt) -> None:
    short_of_memory.variables["asked"] = 1
    short_of_memory.parse()
    with pytest.raises(StrataError, match="model large: (?s:.)*Out of Memory") as error:
        short_of_memory.build()
    assert "STRATA_MEMORY=12GB" in error.value.hint


def test_a_project_that_has_moved_loads_its_own_seeds(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "seeds").mkdir(parents=True)
    shutil.copytree(PROJECT_DIR / "profiles", here / "profiles")
    (here / "dbt_project.yml").write_text("name: tiny\nprofile: strata\nvars: {}\n")
    (here / "seeds" / "limits.csv").write_text("name,value\nlone_day,14\n")
    Dbt(Settings(tmp_path), {}, here).parse()
    shutil.copytree(here, there)
    moved = Dbt(Settings(tmp_path), {}, there)
    moved.parse()
    (there / "seeds" / "limits.csv").write_text("name,value\nlone_day,21\n")
    moved.build()
    with duckdb.connect(str(Settings(tmp_path).database)) as warehouse:
        assert warehouse.execute("select value from limits").fetchall() == [(21,)]
