-- For how many days a level has not been earned any more; one above it that ran out
-- counts from the end of its own grace period. One row per customer whose money within
-- reach could earn a level, as-of date and rule set.
{%- set levels, floors = membership_levels(), membership_floors() %}
{%- set asks = floors + ['membership_window', 'membership_grace_days'] %}
with policy as (
    {{ policy_row({'member': asks}) }}
),

-- Earlier money has left the window before any grace period that still runs.
reach as (
    select
        as_of_date,
        max(membership_window + membership_grace_days * {{ levels | length + 1 }})
            as reach_days
    from policy
    group by as_of_date
),

received as (
    select
        movements.customer_sk,
        reach.as_of_date,
        coalesce(sum(greatest(movements.amount, 0)), 0) as received_amount
    from {{ ref('money_movements') }} as movements
    inner join reach
        on
            movements.movement_date <= reach.as_of_date
            and {{ days_between('movements.movement_date', 'reach.as_of_date') }}
            <= reach.reach_days
    group by movements.customer_sk, reach.as_of_date
),

-- Customers who paid too little never had the amount of a level.
moved as (
    select
        policy.*,
        movements.customer_sk,
        movements.movement_date,
        movements.amount
    from received
    inner join {{ ref('customer_measures') }} as measures
        on {{ same_customer('received', 'measures') }}
    inner join policy on {{ policy_of('measures') }}
    inner join {{ ref('money_movements') }} as movements
        on
            received.customer_sk = movements.customer_sk
            and received.as_of_date >= movements.movement_date
    where
        received.received_amount >= least({{ floors | join(', ') }})
        and coalesce(movements.undone_date > received.as_of_date, true) and {{ days_between('movements.movement_date', 'received.as_of_date') }}
        <= policy.membership_window
        + policy.membership_grace_days * {{ levels | length + 1 }}
),

-- Money enters on its day and leaves when the window has passed.
sides (direction) as (
    values (1), (-1)
),

changes as (
    select
        moved.*,
        case
            when sides.direction = 1 then moved.movement_date
            else {{ days_after('moved.movement_date', 'moved.membership_window + 1') }}
        end as change_date,
        sides.direction * moved.amount as change_amount
    from moved
    cross join sides
),

amounts as (
    select
        customer_sk,
        as_of_date,
        ruleset,
        scope_id,
        sum(sum(change_amount)) over by_day as net_amount,
        coalesce(
            {{ days_between('lead(change_date) over by_day', 'as_of_date') }} + 1, 0
        ) as last_days_ago
    from changes
    where change_date <= as_of_date
    group by customer_sk, as_of_date, ruleset, scope_id, change_date
    window by_day as (
        partition by customer_sk, as_of_date, ruleset order by change_date
    )
),

earned as (
    select
        amounts.customer_sk,
        amounts.as_of_date,
        amounts.ruleset,
        {% for level in levels %}
            min(amounts.last_days_ago) filter (
                where amounts.net_amount >= policy.membership_{{ level }}_min_amount
            ) as {{ level }}_days,
        {% endfor %}
        max(policy.membership_grace_days) as grace_days
    from amounts
    inner join policy on {{ policy_of('amounts', per_ruleset=true) }}
    group by amounts.customer_sk, amounts.as_of_date, amounts.ruleset
)

select
    customer_sk,
    as_of_date,
    {% for level in levels[1:] %}
        least(
            {% for above in levels[:loop.index] | reverse %}
                {{ above }}_days - {{ loop.index }} * grace_days,
            {% endfor %}
            {{ level }}_days
        ) as {{ level }}_unearned_days,
    {% endfor %}
    diamond_days as diamond_unearned_days,
    ruleset
from earned
