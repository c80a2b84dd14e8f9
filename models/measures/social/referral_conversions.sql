-- Referrals that count, and whether the referee has a purchase since, still standing.
-- One row per person referred and as-of date.
select
    dates.as_of_date,
    pairs.referrer_key,
    pairs.referee_key,
    pairs.referral_date,
    date_diff('day', pairs.referral_date, dates.as_of_date) as days_ago,
    coalesce(buyers.last_purchase_date >= pairs.referral_date, false) as is_converted
from {{ ref('referral_pairs') }} as pairs
inner join {{ ref('as_of_dates') }} as dates
    on pairs.referral_date <= dates.as_of_date
left join {{ ref('measures_purchase') }} as buyers
    on
        pairs.referee_key = buyers.customer_key
        and dates.as_of_date = buyers.as_of_date
