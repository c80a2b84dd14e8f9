-- What a customer is worth through others (article 002): willingness × referrals × impact of
-- one, where impact is the customers brought and the buyers whom they brought, per referral;
-- null without the feeds of referrals and surveys. One row per customer and as-of date.
with fed as (
    select {{ is_fed('referrals') }} as is_fed
),

policy as (
    {{ active_policy(['referral_reward_min_share', 'referral_reward_max_share']) }}
),

-- What stands in where a customer's own is not known: the mean of those who answered.
willing as (
    select
        as_of_date,
        {{ exact_ratio(
            'sum(latest_nps_score)', 'count(latest_nps_score) * ' ~ nps_scale(), 4
        ) }} as mean_willingness
    from {{ ref('customer_measures') }}
    group by as_of_date
),

-- What a customer brought is worth: the mean value of those who bought.
brought as (
    select
        conversions.as_of_date,
        {{ exact_ratio('sum(measures.clv_amount)', 'count(*)', 2) }}
            as mean_referee_value_amount
    from {{ ref('referral_conversions') }} as conversions
    inner join {{ ref('customer_measures') }} as measures
        on
            conversions.referee_sk = measures.customer_sk
            and conversions.as_of_date = measures.as_of_date
    where conversions.is_converted
    group by conversions.as_of_date
),

counted as (
    select
        measures.customer_key,
        measures.as_of_date,
        policy.ruleset,
        measures.clinic_id,
        measures.latest_nps_score,
        measures.referrals_made_lifetime as direct_referees,
        measures.referrals_converted_lifetime as direct_converted,
        coalesce(social.second_level_referees, 0) as second_level_referees,
        coalesce(social.second_level_converted, 0) as second_level_converted,
        coalesce(social.reward_base_amount, 0) as reward_base_amount,
        coalesce(measures.clv_amount, 0) as clv_amount,
        cast(
            coalesce(
                {{ exact_ratio('measures.latest_nps_score', nps_scale(), 4) }},
                willing.mean_willingness
            ) as decimal(9, 4)
        ) as willingness,
        coalesce(brought.mean_referee_value_amount, 0) as mean_referee_value_amount,
        policy.referral_reward_min_share,
        policy.referral_reward_max_share,
        fed.is_fed
    from {{ ref('customer_measures') }} as measures
    cross join fed
    inner join policy
        on
            measures.scope_id = policy.scope_id
            and measures.as_of_date = policy.as_of_date
    left join {{ ref('measures_social') }} as social
        on {{ same_customer('measures', 'social') }}
    left join willing on measures.as_of_date = willing.as_of_date
    left join brought on measures.as_of_date = brought.as_of_date
),

valued as (
    select
        *,
        willingness * (direct_referees + second_level_converted) as social_value,
        cast(
            willingness * (direct_referees + second_level_converted)
            * mean_referee_value_amount as decimal(18, 2)
        ) as social_value_amount
    from counted
)

select
    customer_key,
    as_of_date,
    ruleset,
    clinic_id,
    direct_referees,
    direct_converted,
    case when is_fed then second_level_referees end as second_level_referees,
    case when is_fed then second_level_converted end as second_level_converted,
    case when is_fed then latest_nps_score end as latest_nps_score,
    case when is_fed then willingness end as willingness,
    cast(
        {{ exact_ratio('direct_referees + second_level_converted', 'direct_referees', 4) }}
        as decimal(9, 4)
    ) as impact_per_referral,
    cast(social_value as decimal(18, 4)) as social_value,
    social_value_amount,
    case when is_fed then reward_base_amount end as reward_base_amount,
    case
        when is_fed
            then cast(reward_base_amount * referral_reward_min_share as decimal(18, 2))
    end as reward_min_amount,
    case
        when is_fed
            then cast(reward_base_amount * referral_reward_max_share as decimal(18, 2))
    end as reward_max_amount,
    cast(clv_amount + social_value_amount as decimal(18, 2)) as customer_value_amount,
    clv_amount
from valued
