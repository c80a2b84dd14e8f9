-- The earliest referral of each person by somebody else: she has one referrer.
-- One row per person referred.
with ranked as (
    select
        *,
        row_number() over (
            partition by referee_key
            order by claim_number asc
        ) as claim_rank
    from {{ ref('referral_claims') }}
    where not is_self_referral
)

select
    referee_key,
    referrer_key,
    source,
    referral_id,
    referral_date,
    claim_number
from ranked
where claim_rank = 1
