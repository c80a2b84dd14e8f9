{#
    None of the columns is ever null: one pass for all of them. Returns the rows, and in
    null_columns the names of those that are. A tier may be null where its model's feed is not
    delivered.
#}
{% test not_null_columns(model, columns) %}
select
    concat_ws(
        ', '
        {%- for column in columns %},
        case when {{ column }} is null{{ where_fed(column) }} then '{{ column }}' end
        {%- endfor %}
    ) as null_columns,
    *
from {{ model }}
where false
    {%- for column in columns %}
    or ({{ column }} is null{{ where_fed(column) }})
    {%- endfor %}
-- depends_on: {{ ref('row_accounts') }} {{ ref('products') }}
{% endtest %}
