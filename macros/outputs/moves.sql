{#
    The last move of each customer into another tier of a model, up to each as-of date, by the
    active rule set. `from_date` is the day before the move in history: it lies after that.

    Args:
        models: SQL for the models asked for; all without.
#}
{% macro last_moves(models=none) -%}
select
    moves.customer_key,
    moves.model,
    dates.as_of_date,
    {{ value_at_max('moves.to_tier', ['moves.to_date']) }} as tier,
    max(moves.from_date) as from_date
from {{ ref('tier_moves') }} as moves
inner join {{ ref('as_of_dates') }} as dates on moves.to_date <= dates.as_of_date
where
    moves.ruleset = '{{ var("ruleset") }}'
    {%- if models %}
    and moves.model in ({{ models }})
    {%- endif %}
group by moves.customer_key, moves.model, dates.as_of_date
{%- endmacro %}
