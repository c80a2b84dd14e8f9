"""The rule sets for other trades (article 003): the same models under other thresholds."""

import csv
from pathlib import Path

import pytest

from builder import Chain
from strata.settings import PROJECT_DIR

POLICY = PROJECT_DIR / "seeds" / "policy"
PRESETS = ("ecommerce", "retail", "finance")
FIRST_DAY, TODAY = "2000-01-01", "2025-06-30"

# Days before today of one purchase, and its recency class under each preset: the first and
# the last day of each class.
RECENCY = {
    "ecommerce": {
        30: "active", 31: "cooling", 89: "cooling", 90: "lapsed", 180: "lapsed", 181: "churned",
    },
    "retail": {
        30: "active", 31: "cooling", 59: "cooling", 60: "lapsed", 180: "lapsed", 181: "churned",
    },
    "finance": {
        180: "active", 181: "cooling", 364: "cooling", 365: "lapsed", 730: "lapsed",
        731: "churned",
    },
}  # fmt: skip
PURCHASES = {
    0: "2025-06-30", 30: "2025-05-31", 31: "2025-05-30", 59: "2025-05-02", 60: "2025-05-01",
    89: "2025-04-02", 90: "2025-04-01", 180: "2025-01-01", 181: "2024-12-31",
    364: "2024-07-01", 365: "2024-06-30", 730: "2023-07-01", 731: "2023-06-30",
}  # fmt: skip


def rows_of(seed: str) -> list[dict[str, str]]:
    """The rows of a policy seed."""
    with (POLICY / f"{seed}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """A customer for each boundary, built as far as no rule set is asked."""
    made = Chain(Path(tmp_path_factory.mktemp("presets")))
    made.product("facial")
    for days, day in PURCHASES.items():
        made.customer(f"bought_{days}")
        made.order(f"bought_{days}", day)
    made.load()
    made.build(
        "--select", "+customer_measures", "resource_type:seed",
        tests=False, as_of_date=[FIRST_DAY, TODAY],
    )  # fmt: skip
    return made


@pytest.fixture(scope="module", params=PRESETS)
def preset(request: pytest.FixtureRequest, chain: Chain) -> str:
    """A preset, with the chain's recency built and all ladders proved under it."""
    chain.build(
        "--select", "path:models/policy", "+tier_rfm_recency,path:models/tiers",
        "test_name:ladder_is_total", "windows_are_held", "thresholds_used_and_defined",
        "--indirect-selection", "empty",
        ruleset=request.param, as_of_date=[FIRST_DAY, TODAY],
    )  # fmt: skip
    return request.param


def test_every_threshold_has_a_value_on_the_first_day(chain: Chain, preset: str) -> None:
    """What holds on the first day holds from then on: values end only where another begins."""
    used = {row["threshold"] for row in rows_of("thresholds")}
    in_force = chain.query("""
        select cast(as_of_date as varchar), ruleset, threshold, value
        from policy.thresholds_in_force where scope_id = '*/*'
    """)
    days = {(day, ruleset) for day, ruleset, *_ in in_force}
    assert days == {(FIRST_DAY, preset), (TODAY, preset)}
    for asked in (FIRST_DAY, TODAY):
        assert {name for day, _, name, _ in in_force if day == asked} == used
    assert all(value is not None for *_, value in in_force)


def test_every_ladder_is_proved_under_the_preset(chain: Chain, preset: str) -> None:
    proofs = dict(
        chain.query("""
            select subject, status from audit.check_results where rule = 'ladder_is_total'
        """)
    )
    ladders = {
        path.stem
        for path in (PROJECT_DIR / "models/tiers").glob("*/tier_*.sql")
        if "{{ ladder(" in path.read_text(encoding="utf-8")
    }
    assert set(proofs) == ladders
    assert set(proofs.values()) == {"pass"}


def test_the_presets_numbers_place_the_customers(chain: Chain, preset: str) -> None:
    placed = dict(
        chain.query(f"""
            select customer_id, tier from tiers.tier_rfm_recency
            inner join customers.customer_bridge using (customer_sk)
            where as_of_date = '{TODAY}'
        """)
    )
    expected = {f"bought_{days}": tier for days, tier in RECENCY[preset].items()}
    assert {customer: placed[customer] for customer in expected} == expected


@pytest.mark.parametrize("ruleset", PRESETS)
def test_a_preset_says_only_what_differs_and_why(ruleset: str) -> None:
    thresholds = rows_of("thresholds")
    base = {
        row["threshold"]: row
        for row in thresholds
        if (row["ruleset"], row["scope_type"]) == ("medical_aesthetics", "chain")
    }
    own = [row for row in thresholds if row["ruleset"] == ruleset]
    assert own
    for row in own:
        other = base[row["threshold"]]
        assert row["unit"] == other["unit"]
        assert float(row["value"]) != float(other["value"]), row["threshold"]
        assert row["note"], row["threshold"]
    (listed,) = [row for row in rows_of("rulesets") if row["ruleset"] == ruleset]
    assert listed["base_ruleset"] == "medical_aesthetics"


@pytest.mark.parametrize("ruleset", PRESETS)
def test_the_bounds_of_a_preset_are_in_order(ruleset: str) -> None:
    """From better to worse: days grow, counts and amounts fall; none skips another."""
    rows = rows_of("thresholds")
    value = {}
    for name in ("medical_aesthetics", ruleset):
        for row in rows:
            if row["ruleset"] == name and row["scope_type"] == "chain":
                value[row["threshold"]] = float(row["value"])
    rising = [
        ["rfm_active_within_days", "rfm_lapsed_from_days", "rfm_churned_after_days"],
        [f"rfm_recency_score_{score}_max_days" for score in (5, 4, 3, 2)],
        ["lifecycle_dormant_from_days", "lifecycle_dead_from_days", "lifecycle_lost_from_days"],
        ["rfm_one_off_min_purchases", "rfm_repeat_min_purchases", "rfm_fan_min_purchases"],
        ["rfm_mid_min_amount", "rfm_high_min_amount"],
        [f"rfm_frequency_score_{score}_min_purchases" for score in (2, 3, 4, 5)],
        [f"rfm_monetary_score_{score}_min_amount" for score in (2, 3, 4, 5)],
    ]
    for names in rising:
        values = [value[name] for name in names]
        assert values == sorted(set(values)), names
