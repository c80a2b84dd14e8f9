-- The net amount of the membership window from one change to the next, and how many
-- days ago its last day was (0: it still holds).
-- One row per customer, as-of date, rule set and change.
{{ config(meta={'in_parts': true}) }}
select
    customer_key,
    as_of_date,
    ruleset,
    sum(amount) over (
        partition by customer_key, as_of_date, ruleset
        order by change_date
    ) as net_amount,
    coalesce(
        date_diff('day', lead(change_date) over (
            partition by customer_key, as_of_date, ruleset
            order by change_date
        ), as_of_date) + 1,
        0
    ) as last_days_ago
from {{ ref('membership_changes') }}
