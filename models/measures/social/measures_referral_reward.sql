-- Net amount of the referred orders, the base of the reward.
-- One row per referrer whose referees bought and as-of date.
select
    movements.referrer_key as customer_key,
    dates.as_of_date,
    sum(movements.amount) as reward_base_amount
from {{ ref('referred_movements') }} as movements
inner join {{ ref('as_of_dates') }} as dates
    on movements.movement_date <= dates.as_of_date
group by movements.referrer_key, dates.as_of_date
