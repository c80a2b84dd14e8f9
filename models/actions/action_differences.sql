-- What pairs with the same matched customer differ by in the months after: they are not
-- independent and count as one cluster in the interval.
-- One row per as-of date, action and matched customer.
with afterwards as (
    select
        as_of_date,
        action,
        pair_key,
        coalesce(sum(amount) filter (where is_taker), 0) as taken_amount,
        coalesce(sum(amount) filter (where not is_taker), 0) as matched_amount
    from {{ ref('action_pair_months') }}
    where month_offset > 0
    group by as_of_date, action, pair_key
)

select
    pairs.as_of_date,
    pairs.action,
    pairs.match_key,
    cast(
        coalesce(sum(afterwards.taken_amount - afterwards.matched_amount), 0)
        as decimal(18, 2)
    ) as difference_amount,
    count(*) as pairs,
    coalesce(sum(afterwards.taken_amount), 0) as taken_amount,
    coalesce(sum(afterwards.matched_amount), 0) as matched_amount
from {{ ref('action_pairs') }} as pairs
left join afterwards
    on
        pairs.as_of_date = afterwards.as_of_date
        and pairs.action = afterwards.action
        and pairs.customer_key = afterwards.pair_key
group by pairs.as_of_date, pairs.action, pairs.match_key
