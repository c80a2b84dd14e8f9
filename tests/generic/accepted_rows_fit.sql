{#
    The accepted rows of a checked feed: the key identifies a row, and the required columns are
    never null. Looks at what was settled since the last finished build, and its keys; texts
    of the key are compared only where its hash is repeated. Returns the rows that do not fit.
#}
{% test accepted_rows_fit(model, key, required) %}
with settled as (
    select * from {{ model }}
    where settled_at > {{ settled_before() }}
),

repeated as (
    select key_hash from {{ model }}
    where fault is null
        and key_hash in (select key_hash from settled)
    group by key_hash
    having count(*) > 1
)

select
    min(row_id) as row_id,
    '{{ key | join(", ") }}' as column_names,
    'repeated key' as problem
from {{ model }}
where fault is null
    and key_hash in (select key_hash from repeated)
group by {{ key | join(', ') }}
having count(*) > 1
union all
select
    row_id,
    concat_ws(
        ', '
        {%- for column in key + required %},
        case when {{ column }} is null then '{{ column }}' end
        {%- endfor %}
    ) as column_names,
    'no value' as problem
from settled
where fault is null
    and ({{ (key + required) | join(' is null or ') }} is null)
{% endtest %}
