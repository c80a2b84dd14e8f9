"""`strata simulate`: who would move, told without touching what is built or published."""

import csv
import hashlib
import io
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from rich.console import Console
from typer.testing import CliRunner

from builder import OUTPUTS, Chain, copy_project
from strata.cli import app
from strata.errors import StrataError
from strata.lock import only_writer
from strata.publish import publish
from strata.settings import Settings
from strata.simulate import show, simulate
from strata.simulate.policy import Present, parse_settings
from strata.simulate.run import Simulation, compare, open_simulation

TODAY = date(2025, 6, 30)
TWINS = "twin,medical_aesthetics,Twin,双胞,The same in all\n"
CAREFUL = "careful,medical_aesthetics,Careful,审慎,A fan buys five times a year\n"
FIVE = "careful,rfm_fan_min_purchases,chain,*,5,purchases,2000-01-01,ours,test\n"


def ago(days: int) -> str:
    return (TODAY - timedelta(days)).isoformat()


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """A built and published chain with two more rule sets, with customers named by case."""
    directory = tmp_path_factory.mktemp("simulate")
    project = copy_project(directory)
    with (project / "seeds/policy/rulesets.csv").open("a", encoding="utf-8") as seed:
        seed.write(TWINS + CAREFUL)
    with (project / "seeds/policy/thresholds.csv").open("a", encoding="utf-8") as seed:
        seed.write(FIVE)
    chain = Chain(directory, project)
    chain.product("facial")
    chain.product("filler", "injectables", "injection")
    for days, amount in ((60, 1000), (61, 2000), (90, 300), (91, 4000)):
        chain.customer(f"last_{days}", home_clinic_id="south" if days == 90 else "north")
        chain.order(f"last_{days}", ago(days), amount)
    for times in (4, 5):
        chain.customer(f"times_{times}")
        for n in range(times):
            chain.order(f"times_{times}", ago(n), 100)
    chain.customer("new_skin")
    chain.visit("new_skin", ago(20))
    chain.customer("new_injection")
    chain.visit("new_injection", ago(20), department="injection")
    chain.load()
    chain.build("--exclude", *OUTPUTS, tests=False, as_of_date=TODAY.isoformat())
    now = datetime.now(UTC).replace(tzinfo=None)
    publish(chain.settings, "first", now, ["demo"])
    return chain


def run(chain: Chain, *texts: str, ruleset: str | None = None) -> Simulation:
    return simulate(chain.settings, ruleset, texts, chain.project_dir)


def query(chain: Chain, simulation: Simulation, sql: str) -> list[tuple]:
    with open_simulation(chain.settings, simulation.file) as connection:
        connection.execute(
            "create temp table models as select model from strata.policy.tier_models"
        )
        compare(connection, simulation)
        return connection.execute(sql).fetchall()


def moves(chain: Chain, simulation: Simulation) -> set[tuple]:
    return set(
        query(
            chain,
            simulation,
            "select customer_id, model, tier, candidate_tier, direction"
            " from compared"
            " join strata.customers.customer_bridge using (customer_key)"
            " where tier is distinct from candidate_tier",
        )
    )


def state(chain: Chain) -> dict[str, str]:
    """Every file of the warehouse but the simulations, by content."""
    root = chain.settings.warehouse_dir
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "simulations" not in path.parts
    }


@pytest.fixture(scope="module")
def sixty(chain: Chain) -> tuple[Simulation, dict[str, str], dict[str, str]]:
    """`active` within 60 days instead of 90, while another process reads the build."""
    reader = subprocess.Popen(
        [
            sys.executable, "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
            " print('open', flush=True); sys.stdin.read()",
            str(chain.settings.database),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdout.readline() == "open\n"
    before = state(chain)
    try:
        simulation = run(chain, "rfm_active_within_days=60")
    finally:
        reader.communicate()
    return simulation, before, state(chain)


def test_exactly_those_move_whom_the_threshold_parts(chain: Chain, sixty) -> None:
    assert moves(chain, sixty[0]) == {
        ("last_61", "rfm_recency", "active", "cooling", "down"),
        ("last_90", "rfm_recency", "active", "cooling", "down"),
    }


def test_nothing_built_or_published_changes(sixty) -> None:
    _, before, after = sixty
    assert after == before
    assert {"published/marts.duckdb", "strata.duckdb"} <= before.keys()


def test_the_matrix_counts_every_customer_once_per_model(chain: Chain, sixty) -> None:
    rows = query(
        chain,
        sixty[0],
        "select model, count(*), count(*) filter (where candidate != 'what_if')"
        " from compared group by model",
    )
    assert {(customers, others) for _, customers, others in rows} == {(8, 0)}
    assert len(rows) == 25
    by_clinic = query(
        chain,
        sixty[0],
        "select clinic_id, count(*), sum(net_amount_365) from compared"
        " where model = 'rfm_recency' and tier != candidate_tier"
        " group by clinic_id order by clinic_id",
    )
    assert by_clinic == [("north", 1, Decimal(2000)), ("south", 1, Decimal(300))]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_summary_says_who_and_how_to_keep_it(
    chain: Chain, sixty, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = io.StringIO()
    monkeypatch.setattr(
        show, "console", Console(file=paper, highlight=False, soft_wrap=True, width=100)
    )
    file = tmp_path / "moves.csv"
    show.show_simulation(chain.settings, sixty[0], None, language, file)
    line = (
        "medical_aesthetics,rfm_active_within_days,chain,*,60,days,2025-06-30,ours,"
        "Tried with strata simulate; was 90"
    )
    said = paper.getvalue()
    assert line in said.splitlines()
    assert ("2 of 8 customers" if language == "en" else "8 位客户中 2 位") in said
    with file.open(encoding="utf-8-sig", newline="") as rows:
        listed = list(csv.DictReader(rows))
    assert [(row["tier"], row["candidate_tier"], row["net_amount_365"]) for row in listed] == [
        ("active", "cooling", "2000.00"),
        ("active", "cooling", "300.00"),
    ]


def test_what_is_kept_places_everybody_as_simulated(chain: Chain, tmp_path: Path) -> None:
    """The line to append, appended: a department's own value stays in force in both."""
    simulation = run(chain, "lifecycle_newbie_within_days=10")
    assert moves(chain, simulation) >= {
        ("new_skin", "lifecycle", "newbie", "lapsing", "down"),
    }
    assert not [move for move in moves(chain, simulation) if move[0] == "new_injection"]
    kept = Chain(tmp_path, copy_project(tmp_path))
    shutil.copytree(chain.settings.warehouse_dir, kept.settings.warehouse_dir)
    for seed in ("rulesets.csv", "thresholds.csv"):
        shutil.copy(
            chain.project_dir / "seeds/policy" / seed, kept.project_dir / "seeds/policy"
        )
    with (kept.project_dir / "seeds/policy/thresholds.csv").open("a", encoding="utf-8") as seed:
        seed.writelines(line + "\n" for line in simulation.lines_to_keep)
    with pytest.raises(StrataError, match="no longer what the build was made with"):
        run(kept, ruleset="careful")
    kept.build(
        "--select", "thresholds", "path:models/policy", "+customer_tiers,path:models/tiers",
        tests=False,
        as_of_date=TODAY.isoformat(),
    )  # fmt: skip
    sql = "select customer_sk, lifecycle_tier from {} where ruleset = '{}' order by all"
    assert kept.query(sql.format("tiers.customer_tiers", "medical_aesthetics")) == query(
        chain, simulation, sql.format("tiers.customer_tiers", "what_if")
    )


def test_a_rule_set_is_tried(chain: Chain) -> None:
    careful = run(chain, ruleset="careful")
    assert moves(chain, careful) == {("times_4", "rfm_frequency", "fan", "repeat", "down")}
    assert careful.lines_to_keep == []


def test_challengers_leave_every_other_published_table_as_it_was(chain: Chain) -> None:
    """Champion and challengers side by side in one run (var candidate_rulesets)."""
    settings = chain.settings
    alone = settings.published_dir / "alone.duckdb"
    shutil.copy(settings.published_marts, alone)
    backup = settings.warehouse_dir / "backup.duckdb"
    shutil.copy(settings.database, backup)
    try:
        chain.build(
            "--select", "path:models/policy", "path:models/tiers", "path:models/marts",
            "--exclude", *OUTPUTS, tests=False, as_of_date=TODAY.isoformat(),
            candidate_rulesets=["careful", "twin"],
        )  # fmt: skip
        publish(settings, "second", datetime.now(UTC).replace(tzinfo=None), ["demo"])
        with duckdb.connect() as both:
            both.execute(f"attach '{alone}' as alone (read_only)")
            both.execute(f"attach '{settings.published_marts}' as beside (read_only)")
            tables = {
                name
                for (name,) in both.execute(
                    "select table_name from duckdb_tables()"
                    " where database_name = 'alone' and schema_name = 'main'"
                ).fetchall()
            }
            for table in sorted(tables - {"publication", "mart_ruleset_agreement"}):
                rows = [
                    both.execute(f"select * from {name}.{table} order by all").fetchall()
                    for name in ("alone", "beside")
                ]
                assert rows[0] == rows[1], table
            agreement = (
                "select candidate, model, sum(customers),"
                " sum(customers) filter (where tier != candidate_tier)"
                " from {}.mart_ruleset_agreement group by all"
            )
            assert both.execute(agreement.format("alone")).fetchall() == []
            found = both.execute(agreement.format("beside")).fetchall()
        assert {row[2] for row in found} == {8}
        # The twin moves nobody.
        assert {(row[0], row[1], row[3]) for row in found if row[3]} == {
            ("careful", "rfm_frequency", 1)
        }
        # What the medical team alone may see is not in it.
        assert {row[1] for row in found}.isdisjoint({"medical_need", "care_risk"})
        assert len(found) == 2 * 23
    finally:
        shutil.copy(backup, settings.database)
        backup.unlink()


def test_nothing_built_is_said(tmp_path: Path) -> None:
    empty = Chain(tmp_path)
    with pytest.raises(StrataError, match="Nothing is built yet") as refusal:
        run(empty, "rfm_active_within_days=60")
    assert (refusal.value.exit_code, refusal.value.hint) == (1, "Run: strata run")


def test_a_build_of_another_state_is_refused(chain: Chain) -> None:
    model = chain.project_dir / "models/measures/measures_money.sql"
    text = model.read_text(encoding="utf-8")
    try:
        model.write_text(text + "-- changed\n", encoding="utf-8")
        with pytest.raises(StrataError, match="another state.*measures_money"):
            run(chain, "rfm_active_within_days=60")
    finally:
        model.write_text(text, encoding="utf-8")


def test_the_command_waits_for_no_run_and_knows_its_languages(tmp_path: Path) -> None:
    def code(*arguments: str) -> int:
        words = ["simulate", "--set", "a=1", "--warehouse", str(tmp_path), *arguments]
        return CliRunner().invoke(app, words).exit_code

    assert code("--lang", "fr") == 2
    assert code() == 1
    with only_writer(Settings(tmp_path)):
        assert code() == 75


def test_neither_or_both_is_wrong_use(chain: Chain) -> None:
    for texts, ruleset in (((), None), (("rfm_active_within_days=60",), "twin")):
        with pytest.raises(StrataError) as refusal:
            run(chain, *texts, ruleset=ruleset)
        assert refusal.value.exit_code == 2
    for ruleset in ("twinn", "medical_aesthetics"):
        with pytest.raises(StrataError) as refusal:
            run(chain, ruleset=ruleset)
        assert refusal.value.exit_code == 2


KNOWN = {
    "active_within_days": Present("active_within_days", "days", Decimal(90), {}),
    "min_amount": Present("min_amount", "cny", Decimal(200000), {}),
    "min_share": Present("min_share", "share", Decimal("0.5"), {}),
    "weight": Present("weight", "percent", Decimal(30), {}),
}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("min_amont=1", "Nearest: min_amount = 200000 cny"),
        ("nothing_like_it_at_all=1", "seeds/policy/thresholds.csv"),
        ("min_amount", "cannot be read"),
        ("min_amount=", "cannot be read"),
        ("min_amount=much", "not a number"),
        ("min_amount=NaN", "zero or more"),
        ("min_amount=-1", "zero or more"),
        ("min_amount=0.00001", "4 after"),
        ("weight=101", "100 at most"),
        ("min_share=1.1", "1 at most"),
        ("active_within_days=45", "30, 90 days, or 0"),
        ("active_within_days=30.5", "whole numbers"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_holds(text: str, says: str) -> None:
    with pytest.raises(StrataError) as refusal:
        parse_settings([text], KNOWN, {"active_within_days"}, [30, 90])
    assert says in refusal.value.message + refusal.value.hint
    assert refusal.value.exit_code == 2


def test_what_makes_sense_is_taken() -> None:
    texts = ["min_amount = 1500.50", "active_within_days=0", "min_share=1"]
    assert parse_settings(texts, KNOWN, {"active_within_days"}, [30, 90]) == {
        "min_amount": Decimal("1500.50"), "active_within_days": Decimal(0),
        "min_share": Decimal(1),
    }  # fmt: skip
    with pytest.raises(StrataError, match="set twice"):
        parse_settings(["min_amount=1", "min_amount=2"], KNOWN, set(), [])
