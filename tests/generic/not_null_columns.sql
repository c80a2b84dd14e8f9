{#
    None of the columns is ever null: one pass for all of them. Returns the rows, and in
    null_columns the names of those that are.
#}
{% test not_null_columns(model, columns) %}
select
    concat_ws(
        ', '
        {%- for column in columns %},
        case when {{ column }} is null then '{{ column }}' end
        {%- endfor %}
    ) as null_columns,
    *
from {{ model }}
where {{ columns | join(' is null\n    or ') }} is null
{% endtest %}
