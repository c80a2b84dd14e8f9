-- Rules of what is bought together or afterwards, with one or two items given: who has these
-- in the basket has that as well. A rule of two that one of the two does as well alone is
-- left out. One row per day described, level, kind and rule.
{%- set among = ['rules_date', 'level', 'kind'] %}
{%- set counts = ['all_baskets', 'antecedent_baskets', 'consequent_baskets'] %}
{%- set rule = among + ['antecedent', 'second_antecedent'] %}
with policy as (
    {{ active_policy(['basket_min_count', 'basket_min_support', 'basket_two_min_support']) }}
),

scale as (
    select * from policy
    where as_of_date = {{ last_day_described() }} and scope_id = {{ chain_scope() }}
),

sizes as (
    select
        {{ among | join(', ') }},
        count(distinct basket) as all_baskets
    from {{ ref('item_baskets') }}
    group by {{ among | join(', ') }}
),

given as (
    select * from {{ ref('item_baskets') }}
    where side in ('both', 'given')
),

taken as (
    select
        *,
        count(*) over (partition by {{ among | join(', ') }}, code) as consequent_baskets
    from {{ ref('item_baskets') }}
    where side in ('both', 'taken')
),

sets as (
    select
        {{ among | join(', ') }},
        basket,
        code as antecedent,
        '' as second_antecedent
    from given
    union all
    select
        {{ columns_of('given', among + ['basket', 'code']) }},
        others.code as second_code
    from given
    inner join given as others
        on
            {{ named_equal('given', 'others', among + ['basket']) }}
            and given.code < others.code
),

antecedents as (
    select
        {{ columns_of('sets', rule) }},
        sizes.all_baskets,
        greatest(scale.basket_min_count, sizes.all_baskets * case sets.second_antecedent
            when '' then scale.basket_min_support else scale.basket_two_min_support
        end) as least_baskets,
        count(*) as antecedent_baskets
    from sets
    inner join sizes on {{ named_equal('sets', 'sizes', among) }}
    cross join scale
    group by {{ columns_of('sets', rule) }}, sizes.all_baskets, least_baskets
    having count(*) >= least_baskets
),

counted as (
    select
        {{ columns_of('antecedents', rule) }},
        taken.code as consequent,
        {{ counts | join(', ') }},
        count(*) as baskets
    from sets
    inner join antecedents on {{ named_equal('sets', 'antecedents', rule) }}
    inner join taken
        on
            {{ named_equal('sets', 'taken', among + ['basket']) }}
            and sets.second_antecedent != taken.code
            -- An item is not its own company, but what follows may be the same again.
            and (
                sets.antecedent != taken.code
                or (sets.kind = 'sequence' and sets.second_antecedent = '')
            )
    group by
        {{ columns_of('antecedents', rule) }}, taken.code, {{ counts | join(', ') }},
        antecedents.least_baskets
    having count(*) >= antecedents.least_baskets
)

select
    {{ among | join(', ') }},
    antecedent,
    nullif(second_antecedent, '') as second_antecedent,
    consequent,
    {{ counts | join(', ') }},
    baskets,
    {{ exact_ratio('baskets', 'all_baskets', 6) }} as support,
    {{ exact_ratio('baskets', 'antecedent_baskets', 6) }} as confidence,
    {{ exact_ratio('baskets * all_baskets', 'antecedent_baskets * consequent_baskets', 4) }}
        as lift,
    {{ exact_ratio(
        '(all_baskets - consequent_baskets) * antecedent_baskets',
        'all_baskets * (antecedent_baskets - baskets)', 4
    ) }} as conviction
from counted
where not exists (
    select 1
    from counted as simpler
    where
        {{ named_equal('counted', 'simpler', among + ['consequent']) }}
        and counted.second_antecedent != ''
        and simpler.second_antecedent = ''
        and simpler.antecedent in (counted.antecedent, counted.second_antecedent)
        and simpler.baskets * counted.antecedent_baskets
        >= counted.baskets * simpler.antecedent_baskets
)
