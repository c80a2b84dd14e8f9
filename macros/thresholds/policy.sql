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
    {%- set names = [] -%}
    {%- for node in project_models() -%}
        {%- for name in node.config.meta.get('windows', []) if name not in names -%}
            {%- do names.append(name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name in names %}
    select '{{ name }}' as threshold
    {{ 'union all' if not loop.last }}
    {%- else %}
    select null as threshold
    {%- endfor %}
{%- endmacro %}


{# The project's models; empty while dbt is still parsing. #}
{% macro project_models() %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {{ return(graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list) }}
{% endmacro %}
