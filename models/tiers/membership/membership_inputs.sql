-- For how many days a level has not been earned any more; one above it that ran out counts
-- from the end of its own grace period: one rung at a time, from the history of amounts
-- alone. One row per customer whose money within reach could earn a level, day and rule set.
with policy as (
    {{ policy_row({
        'member': membership_floors() + ['membership_window', 'membership_grace_days'],
    }) }}
),

-- Earlier money has left the window before any grace period that still runs.
reach as (
    select
        as_of_date,
        max(
            membership_window
            + membership_grace_days * {{ membership_levels() | length + 1 }}
        ) as days
    from policy
    group by as_of_date
),

received as (
    select
        movements.customer_sk,
        reach.as_of_date,
        coalesce(sum(movements.amount) filter (where movements.amount > 0), 0)
            as received_amount
    from {{ ref('money_movements') }} as movements
    inner join reach
        on
            movements.movement_date <= reach.as_of_date
            and movements.movement_date >= {{ days_after('reach.as_of_date', '-reach.days') }}
    group by movements.customer_sk, reach.as_of_date
),

customers as (
    select
        received.customer_sk,
        received.received_amount,
        {{ in_window('net_amount', 'membership_window') }} as net_amount,
        policy.*
    from received
    inner join {{ ref('customer_measures') }} as measures
        on {{ same_customer('received', 'measures') }}
    inner join policy on {{ policy_of('measures') }}
    where received.received_amount >= least(policy.{{ membership_floors() | join(', policy.') }})
),

-- Only a level above the present amount asks for the past, where the money could reach it.
moved as (
    select
        customers.customer_sk,
        customers.as_of_date,
        customers.ruleset,
        customers.membership_window,
        movements.movement_date,
        movements.amount
    from customers
    inner join {{ ref('money_movements') }} as movements
        on
            customers.customer_sk = movements.customer_sk
            and movements.movement_date <= customers.as_of_date
    where
        {{ days_between('movements.movement_date', 'customers.as_of_date') }}
        <= customers.membership_window
        + customers.membership_grace_days * {{ membership_levels() | length + 1 }}
        and (
            {%- for floor in membership_floors() %}
            {{ 'or ' if not loop.first }}customers.{{ floor }} > customers.net_amount
            and customers.{{ floor }} <= customers.received_amount
            {%- endfor %}
        )
),

changes (customer_sk, as_of_date, ruleset, change_date, amount) as (
    select customer_sk, as_of_date, ruleset, movement_date, amount from moved
    union all
    select
        customer_sk, as_of_date, ruleset, {{ days_after('movement_date', 'membership_window + 1') }}, -amount
    from moved
),

amounts as (
    select
        customer_sk,
        as_of_date,
        ruleset,
        sum(sum(amount)) over by_day as net_amount,
        coalesce({{ days_between('lead(change_date) over by_day', 'as_of_date') }} + 1, 0)
            as last_days_ago
    from changes
    where change_date <= as_of_date
    group by customer_sk, as_of_date, ruleset, change_date
    window by_day as (
        partition by customer_sk, as_of_date, ruleset order by change_date
    )
),

earned as (
    select
        customers.customer_sk,
        customers.as_of_date,
        customers.ruleset,
        customers.membership_grace_days as grace_days
        {%- for level in membership_levels() %},
        min(case
            when amounts.net_amount >= customers.membership_{{ level }}_min_amount
                then amounts.last_days_ago
            when customers.net_amount >= customers.membership_{{ level }}_min_amount then 0
        end) as {{ level }}_days
        {%- endfor %}
    from customers
    left join amounts on {{ same_placement('customers', 'amounts') }}
    group by
        customers.customer_sk,
        customers.as_of_date,
        customers.ruleset,
        customers.membership_grace_days
)

select
    customer_sk,
    as_of_date,
    ruleset,
    diamond_days as diamond_unearned_days
    {%- for level in membership_levels()[1:] %},
    least(
        {%- for above in membership_levels()[:loop.index] | reverse %}
        {{ above }}_days - {{ loop.index }} * grace_days,
        {%- endfor %}
        {{ level }}_days
    ) as {{ level }}_unearned_days
    {%- endfor %}
from earned
