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
        {% if is_row_by_row(name, feed) -%}
            {{ accounts_by_count(name, feed) | indent(8) }}
        {%- else -%}
            {{ accounts_by_row(name, feed) | indent(8) }}
        {%- endif %}
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
