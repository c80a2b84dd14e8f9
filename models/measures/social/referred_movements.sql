-- What rewards are reckoned on: payments for a referee's orders from the referral's day
-- on, and refunds of these orders, taken back on their own day.
-- One row per payment or refund.
select
    pairs.referrer_key,
    pairs.referee_key,
    movements.source,
    movements.order_id,
    movements.movement_date,
    movements.amount
from {{ ref('referral_pairs') }} as pairs
inner join {{ ref('money_movements') }} as movements
    on
        pairs.referee_key = movements.customer_key
        and pairs.referral_date <= movements.order_date
