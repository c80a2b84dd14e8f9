"""The cuts above which scores are high, over more customers than a unit test holds."""

import duckdb
import pytest

from strata.options import RunOptions, read_project
from strata.settings import Settings

DAY, RULESET = "date '2024-06-30'", "'medical_aesthetics'"


@pytest.fixture(scope="module")
def high_cuts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The part of tier_inputs that makes the cuts, as dbt compiles it."""
    settings = Settings(tmp_path_factory.mktemp("scores"))
    compiled = read_project(settings, RunOptions()).compiled("tier_inputs")
    cuts, _ = compiled.split("\n),\n\nmeasured as")
    return cuts + ") select * from cuts"


@pytest.mark.parametrize(
    ("customers", "lowest_high"),
    [
        ({3: 24_999, 2: 1}, 4),  # the mean is 2.99996: who scores 3 is not high by that
        ({3: 25_000}, 4),
        ({3: 24_999, 4: 1}, 4),  # the mean is 3.00004
        ({3: 951, 2: 49}, 4),  # 2.951
        ({3: 949, 2: 51}, 3),  # 2.949
        ({3: 951, 4: 49}, 4),  # 3.049
        ({1: 1, 2: 1}, 2),
    ],
)
def test_a_score_is_high_if_it_is_above_the_mean_in_one_decimal(
    high_cuts: str, customers: dict[int, int], lowest_high: int
) -> None:
    scores = ", ".join(f"({score}, {count})" for score, count in customers.items())
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as strata")
        connection.execute("create schema strata.tiers")
        connection.execute("create schema strata.policy")
        connection.execute(
            f"create table strata.policy.thresholds_in_force as select {DAY} as as_of_date,"
            f" {RULESET} as ruleset, '*/*' as scope_id,"
            " 'rfm_fixed_high_above_score' as threshold, 3 as value"
        )
        connection.execute(
            f"create table strata.tiers.tier_scores as select {DAY} as as_of_date,"
            f" {RULESET} as ruleset, score as recency_score, score as frequency_score,"
            " score as monetary_score, score as breadth_score, score as interaction_score,"
            " score as cycle_score"
            f" from (values {scores}) as scores (score, customers), range(customers)"
        )
        (cut,) = connection.execute(f"select monetary_cut from ({high_cuts})").fetchone()
    assert [score > cut for score in (lowest_high - 1, lowest_high)] == [False, True]
