-- Referrals made, and those whose referee has bought since. A person counts once, for
-- the first who brought her. One row per referrer and as-of date.
{{ config(meta={'recompute': 'everything'}) }}
select
    referrer_key as customer_key,
    as_of_date,
    {{ windowed('count(*)', 'referrals_made') }},
    {{ windowed('count(*)', 'referrals_converted', where='is_converted') }}
from {{ ref('referral_conversions') }}
group by referrer_key, as_of_date
