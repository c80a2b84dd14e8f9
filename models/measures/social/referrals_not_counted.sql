-- Referrals that do not count, with the reason: she brought herself (two records of one
-- person), somebody else brought her before, the same pair again, or a circle.
-- One row per referral set aside.
select
    claims.source,
    claims.referral_id,
    claims.referrer_key,
    claims.referee_key,
    claims.referral_date,
    case
        when claims.is_self_referral then 'self_referral'
        when claims.claim_number = firsts.claim_number then 'closes_a_circle'
        when claims.referrer_key = firsts.referrer_key then 'same_pair_again'
        else 'has_a_referrer'
    end as reason,
    case when circles.referee_key is null then firsts.referrer_key end
        as counted_referrer_key
from {{ ref('referral_claims') }} as claims
left join {{ ref('first_claims') }} as firsts
    on claims.referee_key = firsts.referee_key
left join {{ ref('referral_circles') }} as circles
    on firsts.referee_key = circles.referee_key
where
    claims.is_self_referral
    or claims.claim_number != firsts.claim_number
    or circles.referee_key is not null
