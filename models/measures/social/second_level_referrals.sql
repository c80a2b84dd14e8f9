-- Second level (裂变): persons brought by those whom the referrer had brought before.
-- One row per referrer, person of the second level and as-of date.
select
    firsts.as_of_date,
    firsts.referrer_key,
    seconds.referrer_key as through_key,
    seconds.referee_key,
    seconds.referral_date,
    seconds.is_converted
from {{ ref('referral_conversions') }} as firsts
inner join {{ ref('referral_conversions') }} as seconds
    on
        firsts.referee_key = seconds.referrer_key
        and firsts.as_of_date = seconds.as_of_date
        and firsts.referral_date <= seconds.referral_date
