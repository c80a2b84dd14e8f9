-- Social value (article 002): willingness × referrals × impact of one, where impact is
-- the persons brought and the buyers whom they brought, per referral. Null without the
-- feeds of referrals and surveys. One row per customer and as-of date.
with counted as (
    select
        scopes.customer_key,
        scopes.as_of_date,
        nps.latest_nps_score,
        population.mean_referee_value_amount,
        coalesce(
            cast(nps.latest_nps_score as decimal(9, 4)) / {{ nps_scale() }},
            population.mean_willingness
        ) as willingness,
        coalesce(referral.referrals_made_lifetime, 0) as direct_referees,
        coalesce(referral.referrals_converted_lifetime, 0) as direct_converted,
        coalesce(second_level.second_level_referees, 0) as second_level_referees,
        coalesce(second_level.second_level_converted, 0) as second_level_converted,
        coalesce(reward.reward_base_amount, 0) as reward_base_amount
    from {{ ref('customer_scopes') }} as scopes
    inner join {{ ref('social_population') }} as population
        on scopes.as_of_date = population.as_of_date
    {% for measures in ['nps', 'referral', 'second_level', 'referral_reward'] %}
        {%- set alias = measures | replace('referral_reward', 'reward') %}
        left join {{ ref('measures_' ~ measures) }} as {{ alias }}
            on {{ same_customer('scopes', alias) }}
    {% endfor %}
    where {{ is_fed('referrals') }}
),

valued as (
    select
        *,
        cast(willingness as decimal(9, 4))
        * (direct_referees + second_level_converted) as social_value
    from counted
)

select
    customer_key,
    as_of_date,
    latest_nps_score,
    direct_referees,
    direct_converted,
    second_level_referees,
    second_level_converted,
    cast(reward_base_amount as decimal(18, 2)) as reward_base_amount,
    cast(willingness as decimal(9, 4)) as willingness,
    cast(
        (direct_referees + second_level_converted) / nullif(direct_referees, 0)
        as decimal(9, 4)
    ) as impact_per_referral,
    cast(social_value as decimal(18, 4)) as social_value,
    cast(social_value * mean_referee_value_amount as decimal(18, 2))
        as social_value_amount
from valued
