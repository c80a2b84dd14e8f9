-- Referrals that count, and whether the referee has a purchase since, still standing.
-- One row per customer referred and as-of date.
{{ config(materialized='table') }}
select
    dates.as_of_date,
    claims.referrer_sk,
    claims.referee_sk,
    claims.referral_date,
    cast({{ days_between('claims.referral_date', 'dates.as_of_date') }} as integer)
        as days_ago,
    coalesce(buyers.last_purchase_date >= claims.referral_date, false) as is_converted
from {{ ref('referral_claims') }} as claims
inner join {{ ref('as_of_dates') }} as dates
    on claims.referral_date <= dates.as_of_date
left join {{ ref('measures_purchase') }} as buyers
    on
        claims.referee_sk = buyers.customer_sk
        and dates.as_of_date = buyers.as_of_date
where claims.reason is null
