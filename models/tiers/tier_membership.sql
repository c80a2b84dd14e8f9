-- Every customer's tier in every model, in the long form.
-- One row per customer, as-of date, rule set and model.
{{ config(materialized='view') }}
with memberships (customer_key, as_of_date, ruleset, model, tier, tier_rank) as (
    {% for name in all_tier_models() %}
        select
            customer_key,
            as_of_date,
            ruleset,
            '{{ name }}',
            tier,
            tier_rank
        from {{ ref('tier_' ~ name) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    customer_key,
    as_of_date,
    ruleset,
    model,
    tier,
    tier_rank
from memberships
