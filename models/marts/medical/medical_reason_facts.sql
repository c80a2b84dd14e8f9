-- What the medical ladders compare, their tiers, and until when the care risk is kept (time
-- alone moves no other): what the views of medical reasons read; the active rule set.
-- One row per customer and as-of date.
{{ config(schema='explain', contract={'enforced': false}) }}
{%- set models = var('medical_tier_models') %}
with policy as (
    {{ policy_columns(compared_windows(models)) }}
)

select
    measures.customer_key,
    measures.as_of_date,
    measures.ruleset,
    measures.scope_id,
    measures.clinic_id,
    {{ compared_columns(models) | indent(4) }}
    {% for model in models %}
        {%- set is_care = model == 'care_risk' %}
        measures.{{ model }}_tier,
        cast(null as varchar) as {{ model }}_aim,
        {{ 'outlooks.lapses_on' if is_care else 'cast(null as date)' }}
            as {{ model }}_lapses_on,
        {{ 'outlooks.falls_to' if is_care else 'cast(null as varchar)' }}
            as {{ model }}_falls_to,
        false as {{ model }}_is_open{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('medical_tiers') }} as measures
inner join policy on {{ policy_of('measures', true) }}
left join {{ ref('care_outlooks') }} as outlooks
    on {{ same_placement('measures', 'outlooks') }}
where measures.ruleset = '{{ var("ruleset") }}'
order by measures.customer_key, measures.as_of_date
