-- Everybody's tier in every model, beside what the ladders compare: each ladder (a tier
-- model's own file) is a column. One row per customer, as-of date and rule set.
{%- set models = var('tier_models') %}
{%- set first = thresholds_of_ladders(models, 'tier_inputs') %}
{%- set later = thresholds_of_ladders(models, 'customer_tiers') %}
{{ require_measures(models, 'tier_inputs') }}
with policy as (
    {{ policy_columns((first + later) | unique | list) }}
),

-- The ladders over measures.
placed as (
    select
        measures.*
        {{ tier_columns(models, 'tier_inputs') }}
    from {{ ref('tier_inputs') }} as measures
    inner join policy on {{ policy_of('measures', per_ruleset=true) }}
),

-- The ladders over the tiers of others.
concluded as (
    select
        measures.*
        {{ tier_columns(models, 'customer_tiers') }}
    from placed as measures
    {% if later %}
        inner join policy on {{ policy_of('measures', per_ruleset=true) }}
    {% endif %}
)

select * from concluded
