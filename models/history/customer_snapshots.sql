-- Where every customer stood on each day that history keeps, as last computed: her tier
-- in each model, and what movement needs. One row per customer, day and rule set.
-- depends_on: {{ ref('as_of_dates') }} {{ ref('snapshot_days') }}
{{ config(materialized='kept', meta={
    'kept_by': 'rows_of_days', 'recompute': 'customer', 'in_parts': true,
    'stored_by': ['as_of_date', 'customer_key']
}) }}
select
    measures.customer_key,
    measures.as_of_date,
    final.ruleset,
    measures.clinic_id,
    measures.scope_id,
    cast(profiles.source_records as integer) as source_records,
    measures.first_contact_date,
    cast(coalesce(measures.net_amount_365, 0) as decimal(18, 2)) as net_amount_365,
    {% for name in var('tier_models') %}
        {{ name }}.tier as {{ name }}_tier,
    {% endfor %}
    measures.clv_amount
from {{ ref('customer_measures') }} as measures
inner join {{ ref('customer_profiles') }} as profiles
    on measures.customer_key = profiles.customer_key
inner join {{ ref('tier_final') }} as final
    on
        {{ same_customer('measures', 'final') }}
        and final.ruleset = '{{ var("ruleset") }}'
{% for name in var('tier_models') if name != 'final' %}
    inner join {{ ref('tier_' ~ name) }} as {{ name }}
        on {{ same_placement('final', name) }}
{% endfor %}
