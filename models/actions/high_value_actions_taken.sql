-- Who took which high-value action (article 001 §02), and when for the first time.
-- One row per as-of date, action and customer.
{{ config(meta={'recompute': 'customer'}) }}
select
    taken.as_of_date,
    actions.action,
    taken.customer_key,
    min(taken.action_date) as action_date
from {{ ref('high_value_actions') }} as actions
inner join {{ ref('actions_taken') }} as taken
    on
        actions.rule = taken.action_rule
        and (
            actions.argument is null
            or actions.argument = taken.text_value
            or taken.count_value >= try_cast(actions.argument as bigint)
        )
where actions.is_on
group by taken.as_of_date, actions.action, taken.customer_key
