{#
    The thresholds of the active rule set as columns: one row per as-of date and scope.
    Records the names in the model's meta, so that a threshold nobody uses, or one nobody
    defined, fails the build (tests/singular/thresholds_used_and_defined.sql).
#}
{% macro policy_row(names) -%}
    {{- config(meta={'thresholds': names}) -}}
    {{ policy_columns(names) }}
{%- endmacro %}


{# The same without the record, for a model that reads another model's thresholds. #}
{% macro policy_columns(names) -%}
    select
        as_of_date,
        ruleset,
        scope_id
        {%- for name in names %},
        max(value) filter (where threshold = '{{ name }}') as {{ name }}
        {%- endfor %}
    from {{ ref('thresholds_in_force') }}
    {%- if names %}
    where threshold in ('{{ names | join("', '") }}')
    {%- endif %}
    group by as_of_date, ruleset, scope_id
{%- endmacro %}


{# Whether an optional feed is there, as a scalar subquery. #}
{% macro is_fed(feed) -%}
    (select is_present from {{ ref('feeds') }} where feed = '{{ feed }}')
{%- endmacro %}


{# The scope of all who fall under no clinic's or department's own thresholds. #}
{% macro chain_scope() -%}
    '*/*'
{%- endmacro %}


{# The thresholds that stand in brackets in some ladder or name a scoring window. #}
{% macro windows_in_use() -%}
    {{ names_in_meta('windows') }}
{%- endmacro %}


{# The thresholds that some model reads. #}
{% macro thresholds_in_use() -%}
    {{ names_in_meta('thresholds') }}
{%- endmacro %}


{# The names under a key of the models' meta, each once, as rows. #}
{% macro names_in_meta(key) -%}
    {%- set rows = [] -%}
    {%- for node in project_models() -%}
        {%- for name in node.config.meta.get(key, []) if "('" ~ name ~ "')" not in rows -%}
            {%- do rows.append("('" ~ name ~ "')") -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ value_rows(rows, 1) }}
{%- endmacro %}


{# Rows of literals; without any, an empty relation of that many columns. #}
{% macro value_rows(rows, width) -%}
    {%- if rows -%}
    values
    {{ rows | join(',\n    ') }}
    {%- else -%}
    select {{ (['cast(null as varchar)'] * width) | join(', ') }} where false
    {%- endif -%}
{%- endmacro %}


{# The project's models; empty while dbt is still parsing. #}
{% macro project_models() %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {{ return(graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list) }}
{% endmacro %}
