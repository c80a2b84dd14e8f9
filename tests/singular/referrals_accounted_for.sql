-- A referral must count or say why it does not, and not both.
with counted as (
    select
        source,
        referral_id
    from {{ ref('referral_pairs') }}
    union all
    select
        source,
        referral_id
    from {{ ref('referrals_not_counted') }}
)

select
    referrals.source,
    referrals.referral_id,
    count(counted.referral_id) as times_counted
from {{ ref('referrals') }} as referrals
left join counted
    on
        referrals.source = counted.source
        and referrals.referral_id = counted.referral_id
group by referrals.source, referrals.referral_id
having count(counted.referral_id) != 1
