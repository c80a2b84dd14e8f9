{#
    Every tag that a customer has: the rows of the seed `tags`, whose conditions are written as
    those of a ladder, joined by ` and `. The seed is read when the model runs.

    Args:
        relation: what the conditions compare (customer_tiers, medical_tiers).
        audience: everybody | medical.
#}
{% macro tag_rows(relation, audience) -%}
{%- set tags, names = [], [] -%}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {%- for tag, condition in run_sql(
        'select tag, condition from ' ~ ref('tags') ~ " where audience = '" ~ audience ~ "' order by tag"
    ) -%}
        {%- set conditions = condition.split(' and ') -%}
        {%- do tags.append({'tag': tag, 'when': conditions, 'first': parse_condition(conditions[0])}) -%}
    {%- endfor -%}
    {%- for name in ladder_thresholds(tags) -%}{%- do names.append(name) -%}{%- endfor -%}
{%- endif -%}
with policy as (
    {{ policy_columns(names or ['none']) }}
),

entered as (
    {{ last_moves() | indent(4) }}
),

held (customer_key, as_of_date, ruleset, tag, model, value, until_date) as (
    {% for tag in tags %}
    {%- set measure = tag.first.measure -%}
    {%- set model = measure[:-5] if measure.endswith('_tier') and measure[:-5] in var('tier_models') else none -%}
    select
        measures.customer_key,
        measures.as_of_date,
        measures.ruleset,
        '{{ tag.tag }}',
        {{ "'" ~ model ~ "'" if model else 'cast(null as varchar)' }},
        cast({{ measure_sql(tag.first) }} as varchar),
        {{ days_after('outlooks.' ~ model ~ '_lapses_on', -1) if model else 'cast(null as date)' }}
    from {{ ref(relation) }} as measures
    inner join policy on {{ policy_of('measures', true) }}
    {% if model -%}
    left join {{ ref('tier_outlooks') }} as outlooks on {{ same_placement('measures', 'outlooks') }}
    {% endif -%}
    where measures.ruleset = '{{ var("ruleset") }}' and {{ all_of(tag.when) }}
    union all
    {% endfor %}
    select
        customer_key,
        as_of_date,
        ruleset,
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        as_of_date
    from {{ ref('tier_outlooks') }}
    where false
)

select
    held.customer_key,
    held.as_of_date,
    held.ruleset,
    held.tag,
    tags.tag_group,
    tags.label_en,
    tags.label_zh,
    held.value,
    tags.condition,
    case when entered.tier = held.value then {{ days_after('entered.from_date', 1) }} end
        as since_date,
    held.until_date,
    tags.source
from held
inner join {{ ref('tags') }} as tags on held.tag = tags.tag
left join entered
    on held.customer_key = entered.customer_key
    and held.model = entered.model
    and held.as_of_date = entered.as_of_date
{%- endmacro %}
