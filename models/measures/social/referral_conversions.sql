-- Referrals that are known by the as-of date, and whether the referee has bought since.
-- A pair counts once. One row per pair and as-of date.
with pairs as (
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
)

select
    pairs.referrer_key,
    pairs.referee_key,
    dates.as_of_date,
    pairs.referral_date,
    date_diff('day', pairs.referral_date, dates.as_of_date) as days_ago,
    coalesce(
        buyers.last_purchase_date >= pairs.referral_date, false
    ) as is_converted
from pairs
inner join {{ ref('as_of_dates') }} as dates
    on pairs.referral_date <= dates.as_of_date
left join {{ ref('measures_purchase') }} as buyers
    on
        pairs.referee_key = buyers.customer_key
        and dates.as_of_date = buyers.as_of_date
