-- Where every customer stood on each day that history keeps, as last computed: their
-- tier in each model, and what movement needs. One row per customer, day and rule set.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook='{{ forget_days() }}',
) }}
-- depends_on: {{ ref('snapshot_days') }} {{ ref('as_of_dates') }}
select
    customer_key,
    as_of_date,
    ruleset,
    clinic_id,
    scope_id,
    cast(source_records as integer) as source_records,
    first_contact_date,
    cast(coalesce(net_amount_365, 0) as decimal(18, 2)) as net_amount_365,
    {% for name in var('tier_models') %}
        {{ name }}_tier,
    {% endfor %}
    clv_amount
from {{ ref('customer_tiers') }}
where ruleset = '{{ var("ruleset") }}'
