-- What the ladders compare, the tiers, and until when each is kept: what the views of
-- reasons read; the active rule set. One row per customer and as-of date.
{{ config(schema='explain', contract={'enforced': false}) }}
{%- set models = var('tier_models') %}
with policy as (
    {{ policy_columns((compared_windows(models) + aim_thresholds(models)) | unique | list) }}
)

select
    measures.customer_key,
    measures.as_of_date,
    measures.ruleset,
    measures.scope_id,
    measures.clinic_id,
    {{ compared_columns(models) | indent(4) }}
    {% for model in models %}
        measures.{{ model }}_tier,
        {{ chosen_aim(model) }} as {{ model }}_aim,
        outlooks.{{ model }}_lapses_on,
        outlooks.{{ model }}_falls_to,
        outlooks.{{ model }}_is_open{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('customer_tiers') }} as measures
inner join policy on {{ policy_of('measures', true) }}
inner join {{ ref('tier_outlooks') }} as outlooks
    on {{ same_placement('measures', 'outlooks') }}
where measures.ruleset = '{{ var("ruleset") }}'
order by measures.customer_key, measures.as_of_date
