-- What became of the raw rows: raw = accepted + rejected + superseded, per raw table.
-- One row per source, raw table and entity. Derived rows (not is_carrier) do not count.
{% set deliveries = [] -%}
{% for feed in var('feeds') -%}
    {% for name in var('sources') if feed in var('source_feeds')[name] -%}
        {% do deliveries.append((name, feed)) -%}
    {% endfor -%}
{% endfor -%}
with accounts (
    source, raw_table, entity,
    staged_rows, accepted_rows, rejected_rows, superseded_rows
) as (
    {% for name, feed in deliveries %}
        select
            '{{ name }}',
            staged.raw_table,
            '{{ feed }}',
            count(*),
            count(accepted.row_id),
            count(*) filter (where set_aside.outcome = 'rejected'),
            count(*) filter (where set_aside.outcome = 'superseded')
        from {{ ref('stg_' ~ name ~ '__' ~ feed) }} as staged
        left join {{ ref(feed) }} as accepted on staged.row_id = accepted.row_id
        left join {{ ref(feed ~ '_set_aside') }} as set_aside
            on staged.row_id = set_aside.row_id
        where staged.is_carrier
        group by staged.raw_table
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    source,
    raw_table,
    entity,
    staged_rows,
    accepted_rows,
    rejected_rows,
    superseded_rows
from accounts
