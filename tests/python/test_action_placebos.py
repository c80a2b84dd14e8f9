"""Placebo actions, which nobody took, on days of every kind: the intervals hold no uplift.

A third of them fall on consumption days, a third on those after a pause (as a second purchase
does), a third on any days since the first consumption, each as likely as another.
`STRATA_PLACEBOS` says how many (200 on demand).
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
KINDS = "any", "consumption", "after_a_pause"
PAUSE = 45  # days without consumption

TAKEN = f"""
with placebos as (
    select range as placebo, 'placebo_' || range as action from range({PLACEBOS})
),

consumed as (
    select
        as_of_date,
        customer_sk,
        consumption_date as day,
        consumption_date - lag(consumption_date) over (
            partition by as_of_date, customer_sk order by consumption_date
        ) >= {PAUSE} as is_after_a_pause
    from {{{{ ref('consumption_days') }}}}
),

days as (
    select
        as_of_date,
        customer_sk,
        day,
        unnest(case when is_after_a_pause then [1, 2] else [1] end) as kind
    from consumed
    union all
    select
        as_of_date,
        customer_sk,
        cast(unnest(generate_series(
            min(consumption_date), as_of_date, interval 1 day
        )) as date),
        0
    from {{{{ ref('consumption_days') }}}}
    group by as_of_date, customer_sk
),

eligible as (
    select
        *,
        count(*) over (partition by kind) as days
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
        eligible.kind = placebos.placebo % {len(KINDS)}
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
        "select cast(split_part(action, '_', 2) as integer), pairs,"
        " 0 between uplift_low_amount and uplift_high_amount from marts.mart_action_uplift"
    )
    assert len(rows) == PLACEBOS
    # After a pause a small chain has fewer who are alike.
    assert all(pairs > TAKERS / 3 for _, pairs, _ in rows)
    for kind, name in enumerate(KINDS):
        holds = [held for placebo, _, held in rows if placebo % len(KINDS) == kind]
        # Of 95 % three standard deviations fewer may hold it.
        allowed = 0.05 * len(holds) + 3 * (0.05 * 0.95 * len(holds)) ** 0.5
        assert holds.count(False) <= allowed, (name, holds.count(False))


def test_as_many_spent_in_each_of_the_last_months(chain: Chain) -> None:
    """Whom a pause goes before is held against who paused as long, not who came last week."""
    rows = chain.query(
        f"select cast(split_part(action, '_', 2) as integer) % {len(KINDS)}, month_offset,"
        " count(*) filter (is_taker), count(*) filter (not is_taker)"
        " from actions.action_pair_months where month_offset between -3 and -1 group by all"
    )
    assert {kind for kind, *_ in rows} == set(range(len(KINDS)))
    for kind, month, taken, matched in rows:
        # Three standard deviations of a difference of counts.
        allowed = 3 * (taken + matched) ** 0.5
        assert abs(taken - matched) < allowed, (KINDS[kind], month, taken, matched)


def test_pairs_are_alike_in_days_since_the_last_consumption(chain: Chain) -> None:
    ((pairs, classes_apart, days_apart),) = chain.query(
        "select count(*), count(*) filter (where taken.recency_class <> matched.recency_class"
        " or taken.is_consumption_day <> matched.is_consumption_day),"
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
