-- Persons of the second level, and those who bought.
-- One row per referrer with a second level and as-of date.
select
    referrer_key as customer_key,
    as_of_date,
    count(*) as second_level_referees,
    count(*) filter (where is_converted) as second_level_converted
from {{ ref('second_level_referrals') }}
group by referrer_key, as_of_date
