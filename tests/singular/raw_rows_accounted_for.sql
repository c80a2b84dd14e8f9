-- Nothing is lost: the rows of each raw table = accepted + rejected + superseded; but for
-- tables that are only joined (meta is_joined).
with raw_tables as (
    {%- for node in active_sources() if not node.config.get('meta', {}).get('is_joined') %}
    select
        '{{ node.source_name }}' as source,
        '{{ node.name }}' as raw_table,
        count(*) as raw_rows
    from {{ node.relation_name }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select null as source, null as raw_table, 0 as raw_rows
    where false
    {%- endfor %}
),

accounts as (
    select
        source,
        raw_table,
        sum(rows) as accounted_rows
    from {{ ref('row_accounts') }}
    where is_carrier
    group by source, raw_table
)

select
    raw_tables.source,
    raw_tables.raw_table,
    raw_tables.raw_rows,
    accounts.accounted_rows
from raw_tables
left join accounts
    on
        raw_tables.source = accounts.source
        and raw_tables.raw_table = accounts.raw_table
where raw_tables.raw_rows != coalesce(accounts.accounted_rows, 0)
