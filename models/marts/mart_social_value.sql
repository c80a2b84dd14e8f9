-- What a customer is worth through others (article 002): willingness × referrals × impact of
-- one, where impact is the customers brought and the buyers that they brought, per referral;
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
        sum(latest_nps_score) as nps_scores,
        count(latest_nps_score) as answers
    from {{ ref('customer_measures') }}
    group by as_of_date
),

-- What a customer brought is worth: the mean value of those who bought.
brought as (
    select
        conversions.as_of_date,
        sum(measures.clv_amount) as value_amount,
        count(*) as referees
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
        -- Willingness and the mean value are fractions: nothing is rounded before the end.
        coalesce(measures.latest_nps_score, willing.nps_scores) as willing_scores,
        case when measures.latest_nps_score is null then willing.answers else 1 end
        * {{ nps_scale() }} as willing_of,
        coalesce(brought.value_amount, 0) as brought_amount,
        coalesce(brought.referees, 1) as brought_referees,
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
        {{ exact_ratio('willing_scores', 'willing_of', 4) }} as willingness,
        {{ exact_ratio(
            'willing_scores * (direct_referees + second_level_converted)', 'willing_of', 4
        ) }} as social_value,
        {{ exact_ratio(
            'willing_scores * (direct_referees + second_level_converted)'
            ~ ' * brought_amount', '(willing_of * brought_referees)', 2
        ) }} as social_value_amount
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
    cast(case when is_fed then willingness end as decimal(9, 4)) as willingness,
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
