{#
    The columns together identify a row; each is known, but for those named as nullable, and so
    is each of `filled`. One query a table: `missing` names the columns without a value.
#}
{% test unique_combination(model, columns, nullable=[], filled=[]) %}
{%- set known = columns | reject('in', nullable) | list + filled %}
select
    {{ columns | join(', ') }},
    count(*) as row_count,
    concat_ws(
        ', '
        {%- for column in known %},
        case when count({{ column }}) < count(*) then '{{ column }}' end
        {%- endfor %}
    ) as missing
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in known %}
    or count({{ column }}) < count(*)
    {%- endfor %}
{% endtest %}
