-- Customers to look at by hand this month (article 000): the lifetime value moved by a fifth
-- since the last month end, or the tier jumped; as many as a clinic can review in a month,
-- those first whose money moved most; the rest is counted.
-- One row per customer and as-of date.
with policy as (
    {{ active_policy(['review_clv_min_change', 'review_min_rungs', 'review_capacity']) }}
),

compared as (
    select
        tiers.*,
        abs(tiers.to_rank - tiers.from_rank) as rungs,
        row_number() over (
            partition by tiers.customer_key, tiers.to_date
            order by abs(tiers.to_rank - tiers.from_rank) desc, tiers.model asc
        ) as place
    from {{ ref('tier_pairs') }} as tiers
    where
        tiers.to_date in (
            select dates.as_of_date from {{ ref('as_of_dates') }} as dates
        )
        and tiers.model in (
            select models.model from {{ ref('review_models') }} as models
        )
        and tiers.from_tier || tiers.to_tier is not null
),

judged as (
    select
        compared.*,
        coalesce(
            compared.from_clv_amount != 0
            and abs(compared.to_clv_amount - compared.from_clv_amount) * 100
            >= abs(compared.from_clv_amount) * policy.review_clv_min_change,
            false
        ) as has_clv_moved,
        compared.rungs >= policy.review_min_rungs as has_jumped,
        abs(compared.to_clv_amount - compared.from_clv_amount) as stake_amount,
        policy.review_capacity
    from compared
    inner join policy
        on compared.to_date = policy.as_of_date and compared.scope_id = policy.scope_id
    where compared.place = 1
),

queued as (
    select
        *,
        row_number() over (
            partition by to_date, ruleset, clinic_id
            order by stake_amount desc, to_clv_amount desc, customer_key asc
        ) as clinic_place,
        count(*) over (partition by to_date, ruleset, clinic_id) as clinic_customers
    from judged
    where has_clv_moved or has_jumped
)

select
    customer_key,
    to_date as as_of_date,
    ruleset,
    from_date as since_date,
    clinic_id,
    cast(clinic_place as integer) as clinic_place,
    cast(clinic_customers as integer) as clinic_customers,
    cast(stake_amount as decimal(18, 2)) as stake_amount,
    has_clv_moved,
    has_jumped,
    from_clv_amount,
    to_clv_amount,
    {{ exact_ratio('to_clv_amount - from_clv_amount', 'from_clv_amount', 4) }}
        as clv_change_share,
    model,
    from_tier,
    to_tier,
    cast(rungs as integer) as rungs,
    cause,
    coalesce(to_rank < from_rank, false) as is_upgrade
from queued
where clinic_place <= review_capacity
