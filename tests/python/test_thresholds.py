"""Amounts proposed from the data's own distribution."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from strata.errors import StrataError
from strata.settings import PROJECT_DIR, Settings
from strata.simulate.policy import seed_rows
from strata.thresholds import SHARES, propose_amounts, seed_lines

DAY = date(2025, 6, 30)


def warehouse(folder, buyers: int) -> Settings:
    """Buyers who spent 10, 20, 30 …, and as many who spent nothing."""
    settings = Settings(folder)
    with duckdb.connect(settings.database) as build:
        build.execute("create schema measures; create schema tiers; create schema policy")
        build.execute(
            "create table measures.customer_measures as select date '2025-06-30' as as_of_date,"
            " date '2024-02-11' as first_contact_date,"
            " 10.0 * n as net_amount_365, 10.0 * n as net_amount_lifetime,"
            " 1.0 * n as clv_amount,"
            " 7.0 * n as average_order_value, 7.0 * n as max_order_amount"
            " from (select unnest(range(1, $buyers + 1)) as n"
            " union all select 0 from range($buyers))",
            {"buyers": buyers},
        )
        build.execute(
            "create table tiers.customer_tiers as select as_of_date, 'retail' as ruleset"
            " from measures.customer_measures"
        )
        build.execute(
            "create table policy.thresholds_in_force as select date '2025-06-30' as as_of_date,"
            " 'retail' as ruleset, '*/*' as scope_id, 'rfm_mid_min_amount' as threshold,"
            " cast(900 as decimal(18, 4)) as value"
        )
    return settings


def test_an_amount_lies_where_policy_means_it_to_lie_among_the_buyers(tmp_path):
    amounts = {a.threshold: a for a in propose_amounts(warehouse(tmp_path, 1000))}
    mid = amounts["rfm_mid_min_amount"]
    # Three quarters of 1,000 buyers have up to 7,500; those who spent nothing do not count.
    assert mid.proposed == Decimal(7500)
    assert mid.reached == pytest.approx(0.251)
    # 900 in force: all buyers but 89 reach it.
    assert (mid.now, mid.reached_now) == (Decimal(900), pytest.approx(0.911))
    # 0.99 of 10 to 10,000 is 9,900; 0.98 of 1 to 1,000 is 980.
    assert amounts["membership_diamond_min_amount"].proposed == Decimal(9900)
    assert amounts["four_level_super_min_clv"].proposed == Decimal(980)
    assert amounts["four_level_super_min_clv"].now is None


def test_amounts_have_two_digits_and_are_rows_of_the_policy(tmp_path):
    amounts = propose_amounts(warehouse(tmp_path, 1234))
    gold = next(a for a in amounts if a.threshold == "membership_gold_min_amount")
    assert gold.proposed == Decimal(9300)  # of 9,260
    lines = seed_lines([gold], "retail", "2024-02-01").splitlines()
    assert lines == [
        "retail,membership_gold_min_amount,chain,*,9300,cny,2024-02-01,ours,A quarter"
    ]


def test_few_buyers_tell_no_amounts(tmp_path):
    with pytest.raises(StrataError, match="Only 49 customers"):
        propose_amounts(warehouse(tmp_path, 49))


def test_every_amount_of_the_rules_has_its_place():
    """A threshold in money that a ladder compares with buyers' amounts is proposed, too."""
    amounts = {
        row["threshold"]
        for row in seed_rows(PROJECT_DIR, "seeds/policy/thresholds.csv")
        if row["unit"] == "cny" and row["ruleset"] == "medical_aesthetics"
    }
    places = {row["threshold"] for row in seed_rows(PROJECT_DIR, SHARES)}
    assert places <= amounts
    assert amounts - places == {"pyramid_loss_below_amount"}
