-- The value curve before and after a high-value action (article 001 §02): mean net
-- amount of a month, of those who took it and of those matched to them.
-- One row per matched day, action with pairs and month; month 0 is the day itself.
with described as (
    select distinct
        max(matched.as_of_date) over (partition by dates.as_of_date) as as_of_date
    from {{ ref('as_of_dates') }} as dates
    inner join {{ ref('action_uplifts') }} as matched
        on
            dates.as_of_date >= matched.as_of_date
            and matched.ruleset = '{{ var("ruleset") }}'
)

select
    curves.as_of_date,
    curves.ruleset,
    curves.action,
    curves.month_offset,
    cast(curves.pairs as integer) as pairs,
    {{ exact_ratio('curves.taken_amount', 'curves.pairs', 2) }} as taken_amount,
    {{ exact_ratio('curves.matched_amount', 'curves.pairs', 2) }} as matched_amount
from {{ ref('action_curves') }} as curves
inner join described on curves.as_of_date = described.as_of_date
