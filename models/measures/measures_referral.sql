-- Referrals made, and those whose referee has bought since. A pair counts once.
-- One row per referrer and as-of date.
with referrals as (
    select
        referrers.customer_key as referrer_key,
        referees.customer_key as referee_key,
        min(referrals.referral_date) as referral_date
    from {{ ref('referrals') }} as referrals
    inner join {{ ref('customer_bridge') }} as referrers
        on
            referrals.source = referrers.source
            and referrals.referrer_customer_id = referrers.customer_id
    inner join {{ ref('customer_bridge') }} as referees
        on
            referrals.source = referees.source
            and referrals.referee_customer_id = referees.customer_id
    where referrers.customer_key != referees.customer_key
    group by referrers.customer_key, referees.customer_key
),

dated as (
    select
        referrals.referrer_key as customer_key,
        dates.as_of_date,
        date_diff('day', referrals.referral_date, dates.as_of_date) as days_ago,
        coalesce(
            buyers.last_purchase_date >= referrals.referral_date, false
        ) as is_converted
    from referrals
    inner join {{ ref('as_of_dates') }} as dates
        on referrals.referral_date <= dates.as_of_date
    left join {{ ref('measures_purchase') }} as buyers
        on
            referrals.referee_key = buyers.customer_key
            and dates.as_of_date = buyers.as_of_date
)

select
    customer_key,
    as_of_date,
    {{ windowed('count(*)', 'referrals_made') }},
    {{ windowed('count(*)', 'referrals_converted', where='is_converted') }}
from dated
group by customer_key, as_of_date
