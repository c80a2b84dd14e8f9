-- A ladder read by itself gives the tiers that stand in the wide tables, of the first
-- customers by key (var reasons_sample_customers).
{{ config(tags=['proof']) }}
{%- set sample = var('reasons_sample_customers') %}
with alone as (
    {% for name in all_tier_models() %}
        select
            customer_sk,
            as_of_date,
            ruleset,
            '{{ name }}' as model,
            tier
        from {{ ref('tier_' ~ name) }}
        where {{ is_among_first('customer_sk', ref('customer_tiers'), sample) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

together as (
    {% for table, names in {
        'customer_tiers': var('tier_models'), 'medical_tiers': var('medical_tier_models')
    }.items() %}
        {% set last_table = loop.last %}
        {% for name in names %}
            select
                customer_sk,
                as_of_date,
                ruleset,
                '{{ name }}' as model,
                {{ name }}_tier as tier
            from {{ ref(table) }}
            where {{ is_among_first('customer_sk', ref('customer_tiers'), sample) }}
            {{ 'union all' if not (last_table and loop.last) }}
        {% endfor %}
    {% endfor %}
)

select
    coalesce(alone.customer_sk, together.customer_sk) as customer_sk,
    coalesce(alone.as_of_date, together.as_of_date) as as_of_date,
    coalesce(alone.model, together.model) as model,
    alone.tier as tier_of_the_ladder,
    together.tier as tier_of_the_table
from alone
full outer join together
    on
        {{ same_placement('alone', 'together') }}
        and alone.model = together.model
where
    alone.tier is distinct from together.tier
    or alone.customer_sk is null
    or together.customer_sk is null
