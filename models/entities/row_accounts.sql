-- What became of the raw rows: raw = accepted + rejected + superseded, per raw table.
-- One row per source, raw table and entity. Derived rows (is_carrier false) do not count.
{% for feed in var('feeds') %}
select
    staged.source,
    staged.raw_table,
    '{{ feed }}' as entity,
    count(*) as staged_rows,
    count(accepted.row_id) as accepted_rows,
    count(*) filter (where set_aside.outcome = 'rejected') as rejected_rows,
    count(*) filter (where set_aside.outcome = 'superseded') as superseded_rows
from ({{ staged_rows(feed) }}) as staged
left join {{ ref(feed) }} as accepted on staged.row_id = accepted.row_id
left join {{ ref(feed ~ '_set_aside') }} as set_aside on staged.row_id = set_aside.row_id
where staged.is_carrier
group by staged.source, staged.raw_table
{{ 'union all' if not loop.last }}
{% endfor %}
