{#
    The thresholds as columns: one row per as-of date, rule set in play and scope.
    Records the names in the model's meta, so that a threshold nobody uses, or one nobody
    defined, fails the build (tests/singular/thresholds_used_and_defined.sql).

    Args:
        names: the thresholds; for a model that tier models read, by the tier model that they
            serve, as the tier book shows them: {'pyramid': ['pyramid_window'], …}.
#}
{% macro policy_row(names) -%}
    {%- if names is mapping -%}
        {{- config(meta={'serves': names}) -}}
        {%- set names = names.values() | sum(start=[]) | unique | list -%}
    {%- endif -%}
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
    Whether a feed is there, as a scalar subquery: a feed without an accepted row counts as not
    delivered. Beside feeds: `consumption`, orders or visits; `categories` and `departments`,
    products that name one.
#}
{% macro is_fed(feed) -%}
    {%- set named = {'categories': 'category', 'departments': 'department'} -%}
    {%- set entities = ['orders', 'visits'] if feed == 'consumption' else [feed] -%}
    {%- if feed in named %}
    (select count({{ named[feed] }}) > 0 from {{ ref('products') }})
    {%- else %}
    (
        select count(*) > 0 from {{ ref('row_accounts') }}
        where entity in ('{{ entities | join("', '") }}') and outcome = 'accepted'
    )
    {%- endif %}
{%- endmacro %}


{# A day; the first one of each `among` stands for the beginning of time. #}
{% macro since_ever(day, among) -%}
    case
        when {{ day }} > min({{ day }}) over (partition by {{ among }}) then {{ day }}
        else cast('1900-01-01' as date)
    end
{%- endmacro %}


{# For `<model>_tier`: and what the tier model needs is delivered. #}
{% macro where_fed(column) -%}
    {%- set name = column[:-5] if column.endswith('_tier') else '' -%}
    {%- if execute and name in var('tier_models') -%}
        {%- set feed = node_of('tier_' ~ name).config.meta.ladder.feed -%}
        {{- (' and ' ~ is_fed(feed)) if feed -}}
    {%- endif -%}
{%- endmacro %}


{# The scope of all who fall under no clinic's or department's own thresholds. #}
{% macro chain_scope() -%}
    '*/*'
{%- endmacro %}


{# The names under the keys of the models' meta that begin so, each once, as rows. #}
{% macro names_in_meta(prefix) -%}
    {%- set rows = [] -%}
    {%- for name in listed_in_meta(prefix) -%}{%- do rows.append("('" ~ name ~ "')") -%}{%- endfor -%}
    {{ value_rows(rows, 1) }}
{%- endmacro %}


{# The same as a list. #}
{% macro listed_in_meta(prefix) %}
    {% set found = {} %}
    {% for node in project_models() %}
        {% for key, names in node.config.meta.items() if key.startswith(prefix) %}
            {% for name in names %}{% do found.update({name: true}) %}{% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(found | list) }}
{% endmacro %}


{# Rows of literals; without any, an empty relation of that many columns. #}
{% macro value_rows(rows, width) -%}
    {%- if rows -%}
    values
    {{ rows | join(',\n    ') }}
    {%- else -%}
    select {{ (['cast(null as varchar)'] * width) | join(', ') }} where false
    {%- endif -%}
{%- endmacro %}


{#
    Stops the build where a model reads a threshold that no rule set in play defines, or where
    one that names a window asks for days that the measures do not hold.
#}
{% macro require_policy() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set held = [0] + var('measure_windows') -%}
        {%- set known = {} -%}
        {%- for threshold, value in run_sql(
            'select distinct threshold, value from ' ~ ref('threshold_periods')
        ) -%}
            {%- do known.setdefault(threshold, []).append(value | float) -%}
        {%- endfor -%}
        {%- for name in listed_in_meta('thresholds') if name not in known -%}
            {{ exceptions.raise_compiler_error(
                "A model reads the threshold " ~ name ~ ", which nobody defines. Add its row to "
                ~ "seeds/policy/thresholds.csv, valid from 2000-01-01."
            ) }}
        {%- endfor -%}
        {%- for name in listed_in_meta('windows') -%}
            {%- for days in known.get(name, []) if days not in held -%}
                {{ exceptions.raise_compiler_error(
                    name ~ " asks for a window of " ~ days | int ~ " days, which the measures do not"
                    ~ " hold. They hold " ~ held | join(', ') ~ " (0: the lifetime). Add it to"
                    ~ " measure_windows in dbt_project.yml, or change the threshold."
                ) }}
            {%- endfor -%}
        {%- endfor -%}
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
