-- What a ladder compares although it has more decimals than thresholds and reasons
-- have: a reason would round, and speak of another number than the tier follows from.
-- Cast it to decimal(…, 4) where it is computed.
{{ config(tags=['proof']) }}
{% for name in all_tier_models() %}
-- depends_on: {{ ref('tier_' ~ name) }}
{% endfor %}
{%- set rows = [] %}
{%- for node in ladder_nodes() %}
    {%- for column in too_fine_columns(node.config.meta.ladder) %}
        {%- do rows.append("('" ~ [node.name, column.name, column.dtype] | join("', '") ~ "')") %}
    {%- endfor %}
{%- endfor %}
with too_fine (model, measure, data_type) as (
    {{ value_rows(rows, 3) }}
)

select
    model,
    measure,
    data_type
from too_fine
