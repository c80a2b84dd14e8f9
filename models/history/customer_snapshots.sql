-- Where every customer stood on each day that history keeps, as last computed: her tier
-- in each model, and what movement needs. One row per customer, day and rule set.
-- depends_on: {{ ref('as_of_dates') }} {{ ref('snapshot_days') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
    pre_hook='{{ forget_days() }}',
) }}
with tiers as (
    select
        customer_key,
        as_of_date,
        ruleset,
        {% for name in var('tier_models') %}
            max(tier) filter (where model = '{{ name }}') as {{ name }}_tier,
        {% endfor %}
        count(*) as models
    from {{ ref('tier_membership') }}
    where ruleset = '{{ var("ruleset") }}'
    group by customer_key, as_of_date, ruleset
)

select
    measures.customer_key,
    measures.as_of_date,
    tiers.ruleset,
    measures.clinic_id,
    measures.scope_id,
    cast(profiles.source_records as integer) as source_records,
    measures.first_contact_date,
    cast(coalesce(measures.net_amount_365, 0) as decimal(18, 2)) as net_amount_365,
    {% for name in var('tier_models') %}
        tiers.{{ name }}_tier,
    {% endfor %}
    measures.clv_amount
from {{ ref('customer_measures') }} as measures
inner join tiers on {{ same_customer('measures', 'tiers') }}
inner join {{ ref('customer_profiles') }} as profiles
    on measures.customer_key = profiles.customer_key
order by measures.as_of_date asc, measures.customer_key asc
