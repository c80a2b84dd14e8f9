"""Lifecycle intervals against the ladder itself, day by day, over odd histories.

Random customers with everything that can move a stage: same-day purchases, refunds in
part, in full and in two steps, card visits, departments and a clinic with limits of their
own, and thresholds that change in the course of the time.
"""

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from builder import Chain, copy_project

FIRST, LAST = date(2024, 3, 1), date(2025, 6, 30)
CUSTOMERS = 60
BUILT = ("+fct_lifecycle_intervals", "+tier_lifecycle")

ROW = "medical_aesthetics,{},days,{},ours,test\n"
POLICY = [
    ("lifecycle_loyal_min_days,chain,*,4", "2024-12-01"),
    ("lifecycle_active_within_days,chain,*,90", "2025-02-15"),
    ("lifecycle_dormant_from_days,clinic,south,60", "2024-09-10"),
    ("lifecycle_newbie_within_days,department,surgery,120", "2025-01-20"),
    ("lifecycle_lost_from_days,chain,*,200", "2025-05-01"),
]


def live(chain: Chain, dice: random.Random, name: str) -> None:
    """A customer's purchases, refunds and visits over about two years."""
    chain.customer(
        name,
        home_clinic_id=dice.choice(["north", "south"]),
        registered_date=(date(2023, 6, 1) + timedelta(dice.randrange(500))).isoformat(),
    )
    pace = dice.choice([8, 25, 60, 150, 500])
    day = date(2023, 9, 1) + timedelta(dice.randrange(200))
    while day <= LAST + timedelta(10):
        if dice.random() < 0.4:
            department = dice.choice(["dermatology", "surgery", "injection"])
            chain.visit(name, day.isoformat(), department=department)
        else:
            order = chain.order(
                name, day.isoformat(), 1000, dice.choice(["facial", "filler", "facelift"])
            )
            back = day + timedelta(dice.choice([0, 1, 5, 40, 100]))
            fate = dice.random()
            if fate < 0.25:
                chain.refund(order, back.isoformat(), 1000)
            elif fate < 0.35:
                chain.refund(order, back.isoformat(), 300)
            elif fate < 0.45:
                chain.refund(order, back.isoformat(), 400)
                chain.refund(order, (back + timedelta(20)).isoformat(), 600)
        day += timedelta(
            dice.choice([0, 0, 1]) if dice.random() < 0.2 else 1 + dice.randrange(pace)
        )


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    directory = tmp_path_factory.mktemp("intervals")
    project = copy_project(directory)
    with (project / "seeds/policy/thresholds.csv").open("a", encoding="utf-8") as seed:
        seed.writelines(ROW.format(*row) for row in POLICY)
    chain = Chain(Path(directory), project)
    chain.product("facial")
    chain.product("filler", "injection", "injection")
    chain.product("facelift", "surgery", "surgery")
    dice = random.Random(11)
    for n in range(CUSTOMERS):
        live(chain, dice, f"c{n}")
    chain.load()
    days = [(FIRST + timedelta(n)).isoformat() for n in range((LAST - FIRST).days + 1)]
    chain.build("--select", *BUILT, tests=False, as_of_date=days)
    return chain


def test_every_customer_on_every_day_stands_where_the_ladder_puts_them(chain: Chain) -> None:
    (counts,) = chain.query(
        """
        select
            count(*),
            count(*) filter (intervals.stage is distinct from lifecycle.tier)
        from tiers.tier_lifecycle as lifecycle
        join customers.customer_profiles using (customer_sk)
        left join marts.fct_lifecycle_intervals as intervals
            on customer_profiles.customer_key = intervals.customer_key
            and lifecycle.as_of_date >= intervals.valid_from
            and lifecycle.as_of_date <= coalesce(intervals.valid_to, lifecycle.as_of_date)
        """
    )
    compared, wrong = counts
    assert compared > CUSTOMERS * 300
    assert wrong == 0


def test_the_histories_are_odd_enough(chain: Chain) -> None:
    """Else the test above proves little: every stage, refunds that undo a day, changes."""
    stages = {
        stage for (stage,) in chain.query("select stage from marts.fct_lifecycle_intervals")
    }
    assert len(stages) == 9
    (undone,) = chain.query(
        "select count(*) from history.consumption_supports where ended_on is not null"
    )[0]
    assert undone > 50
    # Stages that begin on the very day on which a threshold does.
    days = ", ".join(f"'{day}'" for _, day in POLICY)
    began = chain.query(
        "select valid_from, count(*) from marts.fct_lifecycle_intervals"
        f" where valid_from in ({days}) group by valid_from having count(*) > 1"
    )
    assert len(began) >= 3


def test_intervals_have_no_gap_no_overlap_and_an_open_end(chain: Chain) -> None:
    rows = chain.query(
        "select customer_key, stage, valid_from, valid_to, is_current, first_contact_date"
        " from marts.fct_lifecycle_intervals"
        " join customers.customer_profiles using (customer_key)"
        " order by customer_key, valid_from"
    )
    before = None
    for row in rows:
        key, stage, valid_from, valid_to, is_current, first_contact = row
        if before is None or before[0] != key:
            assert before is None or (before[3] is None and before[4])
            assert valid_from == first_contact
        else:
            assert before[3] + timedelta(1) == valid_from
            assert before[1] != stage
            assert not before[4]
        assert valid_to is None or valid_to >= valid_from
        before = row


def test_a_run_for_an_earlier_day_knows_what_was_known_then_and_no_more(chain: Chain) -> None:
    stays = (
        "select customer_key, stage, valid_from, valid_to from marts.fct_lifecycle_intervals"
    )
    day = FIRST + (LAST - FIRST) / 2
    expected = {
        (key, stage, first, last if last and last < day else None)
        for key, stage, first, last in chain.query(stays)
        if first <= day
    }
    chain.build("--select", *BUILT, tests=False, as_of_date=[day.isoformat()])
    assert set(chain.query(stays)) == expected
    (current,) = chain.query(
        "select count(*), count(*) filter (stage = tier) from marts.fct_lifecycle_intervals"
        " inner join customers.customer_profiles using (customer_key)"
        " inner join tiers.tier_lifecycle using (customer_sk) where is_current"
    )
    assert current[0] == current[1] == len({key for key, *_ in expected})
