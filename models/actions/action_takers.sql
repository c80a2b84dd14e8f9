-- Who took which high-value action, and whether she is drawn to be compared.
-- One row per as-of date, action and customer.
{{ config(materialized='view') }}
select
    taken.as_of_date,
    taken.action,
    taken.customer_key,
    taken.action_date,
    {{ is_drawn('taken.customer_key', 'draws.takers_one_in') }} as is_drawn
from {{ ref('high_value_actions_taken') }} as taken
inner join {{ ref('action_draws') }} as draws
    on
        taken.as_of_date = draws.as_of_date
        and taken.action = draws.action
