-- The tiers that medical facts decide, beside these facts: for the medical team only.
-- One row per customer, as-of date and rule set.
{%- set models = var('medical_tier_models') %}
{{ require_measures(models, 'medical_measures') }}
with policy as (
    {{ policy_columns(thresholds_of_ladders(models, 'medical_measures')) }}
),

placed as (
    select
        measures.*,
        policy.ruleset
        {{ tier_columns(models, 'medical_measures') }}
    from {{ ref('medical_measures') }} as measures
    inner join policy on {{ policy_of('measures') }}
)

select * from placed
