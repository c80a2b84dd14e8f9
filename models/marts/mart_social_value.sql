-- What a customer is worth through others: referral tree, willingness, social value,
-- range of the reward, and her whole value (article 002: CLV + social value).
-- One row per customer and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
with policy as (
    {{ active_policy(['referral_reward_min_share', 'referral_reward_max_share']) }}
)

select
    scopes.customer_key,
    scopes.as_of_date,
    policy.ruleset,
    scopes.clinic_id,
    cast(social.direct_referees as integer) as direct_referees,
    cast(social.direct_converted as integer) as direct_converted,
    cast(social.second_level_referees as integer) as second_level_referees,
    cast(social.second_level_converted as integer) as second_level_converted,
    cast(social.latest_nps_score as integer) as latest_nps_score,
    social.willingness,
    social.impact_per_referral,
    social.social_value,
    social.social_value_amount,
    social.reward_base_amount,
    cast(
        social.reward_base_amount * policy.referral_reward_min_share as decimal(18, 2)
    ) as reward_min_amount,
    cast(
        social.reward_base_amount * policy.referral_reward_max_share as decimal(18, 2)
    ) as reward_max_amount,
    cast(
        coalesce(worth.clv_amount, 0) + social.social_value_amount as decimal(18, 2)
    ) as customer_value_amount,
    coalesce(worth.clv_amount, 0) as clv_amount
from {{ ref('customer_scopes') }} as scopes
inner join policy
    on
        scopes.scope_id = policy.scope_id
        and scopes.as_of_date = policy.as_of_date
left join {{ ref('measures_social') }} as social
    on {{ same_customer('scopes', 'social') }}
left join {{ ref('measures_value') }} as worth
    on {{ same_customer('scopes', 'worth') }}
