-- All referrals on customers, in the order in which they were made (day, source, id), and
-- why one does not count: self_referral, same_pair_again, has_a_referrer, closes_a_circle;
-- null: it counts. One row per referral.
{{ config(materialized='table') }}
with claims as (
    select
        referrals.source,
        referrals.referral_id,
        referrers.customer_sk as referrer_sk,
        referees.customer_sk as referee_sk,
        referrals.referral_date,
        referrers.customer_sk = referees.customer_sk as is_self_referral,
        row_number() over (
            order by
                referrals.referral_date asc,
                referrals.source asc,
                referrals.referral_id asc
        ) as claim_number
    from {{ ref('referrals') }} as referrals
    inner join {{ ref('customer_bridge') }} as referrers
        on referrals.referrer_record_sk = referrers.record_sk
    inner join {{ ref('customer_bridge') }} as referees
        on referrals.referee_record_sk = referees.record_sk
),

-- A customer has one referrer: the first.
firsts as (
    select
        referee_sk,
        min(claim_number) as claim_number,
        {{ value_at_min('referrer_sk', ['claim_number']) }} as referrer_sk
    from claims
    where not is_self_referral
    group by referee_sk
),

edges as (
    select
        referee_sk as node,
        referrer_sk as parent,
        claim_number as place
    from firsts
),

-- Only those who referred before they were referred themselves can stand in a circle.
starts as (
    select distinct
        brought.node as descendant,
        brought.parent,
        brought.place
    from edges as brought
    inner join edges as bringing
        on
            brought.node = bringing.parent
            and brought.place > bringing.place
),

above as (
    {{ ancestors('edges', 'starts') }}
),

-- The latest referral of a circle is the one that closes it.
circles as (
    select distinct descendant as referee_sk
    from above
    where ancestor = descendant
)

select
    claims.source,
    claims.referral_id,
    claims.referrer_sk,
    claims.referee_sk,
    claims.referral_date,
    claims.claim_number,
    case
        when claims.is_self_referral then 'self_referral'
        when claims.claim_number = firsts.claim_number and circles.referee_sk is not null
            then 'closes_a_circle'
        when claims.claim_number = firsts.claim_number then null
        when claims.referrer_sk = firsts.referrer_sk then 'same_pair_again'
        else 'has_a_referrer'
    end as reason,
    case when circles.referee_sk is null then firsts.referrer_sk end
        as counted_referrer_sk
from claims
left join firsts on claims.referee_sk = firsts.referee_sk
left join circles on firsts.referee_sk = circles.referee_sk
