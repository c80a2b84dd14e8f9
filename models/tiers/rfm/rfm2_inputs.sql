-- Breadth, private-domain touches, deviation from the purchase cycle and referral
-- conversion of the buyers, each in its window. One row per buyer, as-of date and rule
-- set.
with measures as (
    select * from {{ ref('customer_measures') }}
    where days_since_purchase is not null
),

policy as (
    {{ policy_row([
        'rfm2_breadth_window', 'rfm2_interaction_window', 'rfm2_social_window',
    ]) }}
)

select
    measures.customer_key,
    measures.as_of_date,
    policy.ruleset,
    {{ in_window('categories', 'rfm2_breadth_window') }} as bought_categories,
    coalesce({{ in_window('live_interactions', 'rfm2_interaction_window') }}, 0)
        as live_touches,
    measures.cycle_deviation_share,
    coalesce({{ in_window('referral_conversion_rate', 'rfm2_social_window') }}, 0)
        as conversion_rate
from measures
inner join policy on {{ policy_of('measures') }}
