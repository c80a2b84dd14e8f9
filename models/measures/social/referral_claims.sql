-- Referrals on persons, in the order in which they were made (day, source, id).
-- One row per referral.
select
    referrals.source,
    referrals.referral_id,
    referrers.customer_key as referrer_key,
    referees.customer_key as referee_key,
    referrals.referral_date,
    referrers.customer_key = referees.customer_key as is_self_referral,
    row_number() over (
        order by
            referrals.referral_date asc,
            referrals.source asc,
            referrals.referral_id asc
    ) as claim_number
from {{ ref('referrals') }} as referrals
inner join {{ ref('customer_bridge') }} as referrers
    on
        referrals.source = referrers.source
        and referrals.referrer_customer_id = referrers.customer_id
inner join {{ ref('customer_bridge') }} as referees
    on
        referrals.source = referees.source
        and referrals.referee_customer_id = referees.customer_id
