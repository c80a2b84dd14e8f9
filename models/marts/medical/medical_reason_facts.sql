-- What the medical ladders compare, and their tiers: what the views of medical reasons
-- read; the active rule set. Time alone moves none of it. One row per customer and day.
{{ config(schema='explain', contract={'enforced': false}) }}
{%- set models = var('medical_tier_models') %}
{%- set conditions = foretold_conditions(models, false) %}
with policy as (
    {{ policy_columns(foretold_thresholds(conditions)) }}
),

moved as (
    select
        {{ moved_measures(conditions) | indent(4) }}
    from {{ ref('measure_words') }} as words
    left join {{ ref('measures') }} as measures on words.measure = measures.measure
),

states as (
    select
        measures.customer_key,
        measures.as_of_date,
        measures.ruleset,
        measures.scope_id,
        measures.clinic_id,
        {{ compared_columns(models) | indent(4) }}
        {% for model in models %}measures.{{ model }}_tier, {% endfor %}
        {{ condition_states(conditions) | indent(4) }}
    from {{ ref('medical_tiers') }} as measures
    inner join policy on {{ policy_of('measures', true) }}
    cross join moved
    where measures.ruleset = '{{ var("ruleset") }}'
)

select
    customer_key,
    as_of_date,
    ruleset,
    scope_id,
    clinic_id,
    {% for are_codes in [false, true] -%}
    {%- for side in compared_sides(models, are_codes) %}
        {{ side_column(side, are_codes) }},
    {%- endfor -%}
    {%- endfor %}
    {% for model in models %}
        {{ model }}_tier,
        cast(null as date) as {{ model }}_lapses_on,
        cast(null as varchar) as {{ model }}_falls_to,
        coalesce({{ tier_on(model, conditions, 'as_of_date') }} = 'open', false)
        and {{ model }}_tier is not null as {{ model }}_is_open{{ ',' if not loop.last }}
    {% endfor %}
from states
order by customer_key, as_of_date
