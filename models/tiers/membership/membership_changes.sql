-- When the amount of the membership window changes: money enters on its day and leaves
-- when the window has passed. Reaches back as far as grace periods can.
-- One row per customer, as-of date, rule set and day of a change.
{{ config(meta={'in_parts': true}) }}
with policy as (
    {{ policy_row(['membership_window', 'membership_grace_days']) }}
),

moved as (
    select
        scopes.customer_key,
        scopes.as_of_date,
        policy.ruleset,
        policy.membership_window,
        movements.movement_date,
        movements.amount
    from {{ ref('customer_scopes') }} as scopes
    inner join policy on {{ policy_of('scopes') }}
    inner join {{ ref('money_movements') }} as movements
        on scopes.customer_key = movements.customer_key
    where
        movements.movement_date <= scopes.as_of_date
        and date_diff('day', movements.movement_date, scopes.as_of_date)
        <= policy.membership_window
        + policy.membership_grace_days * {{ membership_levels() | length + 1 }}
),

changes as (
    select
        customer_key,
        as_of_date,
        ruleset,
        movement_date as change_date,
        amount
    from moved
    union all
    select
        customer_key,
        as_of_date,
        ruleset,
        {{ days_after('movement_date', 'membership_window + 1') }} as change_date,
        -amount as amount
    from moved
)

select
    customer_key,
    as_of_date,
    ruleset,
    change_date,
    sum(amount) as amount
from changes
where change_date <= as_of_date
group by customer_key, as_of_date, ruleset, change_date
