-- A referral must count or say why it does not: one claim each.
select
    referrals.source,
    referrals.referral_id,
    count(claims.referral_id) as claims
from {{ ref('referrals') }} as referrals
left join {{ ref('referral_claims') }} as claims
    on
        referrals.source = claims.source
        and referrals.referral_id = claims.referral_id
group by referrals.source, referrals.referral_id
having count(claims.referral_id) != 1
