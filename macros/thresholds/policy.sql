{#
    The thresholds as columns: one row per as-of date, rule set in play and scope.
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


{#
    Whether an optional feed is there, as a scalar subquery: a feed without an accepted row
    counts as not delivered.
#}
{% macro is_fed(feed) -%}
    (
        select count(*) > 0 from {{ ref('row_accounts') }}
        where entity = '{{ feed }}' and outcome = 'accepted'
    )
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


{# The names under the keys of the models' meta that begin so, each once, as rows. #}
{% macro names_in_meta(prefix) -%}
    {%- set rows = [] -%}
    {%- for node in project_models() -%}
        {%- for key, names in node.config.meta.items() if key.startswith(prefix) -%}
            {%- for name in names if "('" ~ name ~ "')" not in rows -%}
                {%- do rows.append("('" ~ name ~ "')") -%}
            {%- endfor -%}
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


{#
    The rule sets whose tiers are computed: the active one (var ruleset), its candidates (var
    candidate_rulesets), and `what_if` where single values are tried out (var
    threshold_overrides). Marts show the active one; candidates are compared with it.
#}
{% macro rulesets_in_play() %}
    {% set tried = [what_if()] if var('threshold_overrides') else [] %}
    {{ return(([var('ruleset')] + var('candidate_rulesets') + tried) | unique | list) }}
{% endmacro %}


{# The rule set that is the active one but for var threshold_overrides. #}
{% macro what_if() %}{{ return('what_if') }}{% endmacro %}


{#
    The values tried out, as policy rows: for the chain, from the first day on, beside what the
    active rule set gives single clinics and departments. As the line does that keeps a value.
#}
{% macro overriding_rows() -%}
    {%- for threshold, value in var('threshold_overrides').items() %}
    union all
    select
        '{{ what_if() }}',
        '{{ threshold }}',
        'chain',
        '*',
        cast({{ value }} as decimal(18, 4)),
        cast(null as varchar),
        '{{ what_if() }}',
        (select min(valid_from) from {{ ref('thresholds') }})
    union all
    select
        '{{ what_if() }}',
        threshold,
        scope_type,
        scope_id,
        value,
        unit,
        source,
        valid_from
    from {{ ref('thresholds') }}
    where
        ruleset = '{{ var("ruleset") }}'
        and threshold = '{{ threshold }}'
        and scope_type != 'chain'
    {%- endfor %}
{%- endmacro %}


{# The join condition of two relations with a row per customer, as-of date and rule set. #}
{% macro same_placement(left, right) -%}
    {{ same_customer(left, right) }}
    and {{ left }}.ruleset = {{ right }}.ruleset
{%- endmacro %}


{# Joins `policy` (from `policy_row`) to a relation of measures, or to one of tier inputs. #}
{% macro policy_of(measures, per_ruleset=false) -%}
    {{ measures }}.as_of_date = policy.as_of_date
    and {{ measures }}.scope_id = policy.scope_id
    {%- if per_ruleset %}
    and {{ measures }}.ruleset = policy.ruleset
    {%- endif %}
{%- endmacro %}
