-- Referrals that count: who brought whom. One row per person referred.
select
    firsts.referrer_key,
    firsts.referee_key,
    firsts.referral_date,
    firsts.source,
    firsts.referral_id
from {{ ref('first_claims') }} as firsts
left join {{ ref('referral_circles') }} as circles
    on firsts.referee_key = circles.referee_key
where circles.referee_key is null
