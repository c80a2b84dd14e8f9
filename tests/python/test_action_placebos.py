"""Placebo actions, which nobody took, on days of every kind: the intervals hold no uplift.

Half of them fall on consumption days, half on any days since the first consumption, each as
likely as another. `STRATA_PLACEBOS` says how many (200 on demand).
"""

import os
from pathlib import Path

import pytest

from builder import Chain, copy_project
from strata.demo import generate
from strata.landing import load_directory

PLACEBOS = int(os.environ.get("STRATA_PLACEBOS", "20"))
CUSTOMERS = int(os.environ.get("STRATA_PLACEBO_CUSTOMERS", "2000"))
TAKERS = CUSTOMERS // 10

TAKEN = f"""
with placebos as (
    select range as placebo, 'placebo_' || range as action from range({PLACEBOS})
),

days as (
    select
        as_of_date,
        customer_sk,
        consumption_date as day,
        true as is_consumption
    from {{{{ ref('consumption_days') }}}}
    union all
    select
        as_of_date,
        customer_sk,
        cast(unnest(generate_series(
            min(consumption_date), as_of_date, interval 1 day
        )) as date),
        false
    from {{{{ ref('consumption_days') }}}}
    group by as_of_date, customer_sk
),

eligible as (
    select
        *,
        count(*) over (partition by is_consumption) as days
    from days
    where day <= as_of_date - 366
)

select
    eligible.as_of_date,
    placebos.action,
    eligible.customer_sk,
    min(eligible.day) as action_date
from eligible
inner join placebos
    on
        eligible.is_consumption = (placebos.placebo % 2 = 0)
        and hash(eligible.customer_sk, eligible.day, placebos.placebo) % 1000000
        < 1000000 * {TAKERS} / eligible.days
group by eligible.as_of_date, placebos.action, eligible.customer_sk
"""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    directory: Path = tmp_path_factory.mktemp("placebos")
    project = copy_project(directory)
    (project / "models/actions/actions_taken.sql").write_text(TAKEN, encoding="utf-8")
    actions = project / "seeds/policy/high_value_actions.csv"
    header, *_ = actions.read_text(encoding="utf-8").splitlines()
    rows = [f"placebo_{n},purchase_days,1,true,Placebo,安慰剂,ours," for n in range(PLACEBOS)]
    actions.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    built = Chain(directory, project)
    built.settings.warehouse_dir.mkdir()
    generate(directory / "demo", CUSTOMERS, dirt_share=0)
    load_directory(built.settings, "demo", directory / "demo")
    built.build("--select", "+mart_action_uplift", tests=False)
    return built


def test_intervals_of_placebos_hold_zero_as_often_as_they_say(chain: Chain) -> None:
    rows = chain.query(
        "select cast(split_part(action, '_', 2) as integer) % 2 = 0, pairs,"
        " 0 between uplift_low_amount and uplift_high_amount from marts.mart_action_uplift"
    )
    assert len(rows) == PLACEBOS
    assert all(pairs > TAKERS / 2 for _, pairs, _ in rows)
    for is_consumption in (True, False):
        holds = [held for kind, _, held in rows if kind is is_consumption]
        # Of 95 % three standard deviations fewer may hold it.
        allowed = 0.05 * len(holds) + 3 * (0.05 * 0.95 * len(holds)) ** 0.5
        assert holds.count(False) <= allowed, (is_consumption, holds.count(False))


def test_pairs_are_alike_in_days_since_the_last_consumption(chain: Chain) -> None:
    ((pairs, classes_apart, days_apart),) = chain.query(
        "select count(*), count(*) filter (where taken.recency_class <> matched.recency_class),"
        " avg(taken.recency_days) - avg(matched.recency_days)"
        " from actions.action_pairs as pairs"
        " join actions.index_day_profiles as taken on pairs.customer_sk = taken.customer_sk"
        " and pairs.action_date = taken.index_date"
        " join actions.index_day_profiles as matched on pairs.match_sk = matched.customer_sk"
        " and pairs.match_date = matched.index_date"
    )
    assert pairs
    assert classes_apart == 0
    # Near, not equal: the nearest of a class is taken.
    assert abs(days_apart) < 5
