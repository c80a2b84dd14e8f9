-- Comments of all customers in each of the last 12 calendar months, the published day's last;
-- and the month of the newest comment of all, which may lie before them.
with told as (
    select voice.*
    from mart_voice as voice
    inner join published on voice.ruleset = published.ruleset
    where voice.clinic_id = '*' and voice.tier = '*' and voice.topic = '*'
),

months as (
    select cast(date_trunc('month', as_of_date) - to_months(n) as date) as month_date
    from published
    cross join range(12) as back(n)
)

select
    months.month_date,
    coalesce(told.comments, 0) as comments,
    coalesce(told.positive_comments, 0) as positive_comments,
    coalesce(told.negative_comments, 0) as negative_comments,
    (select max(month_date) from told) as newest_month
from months
left join told on months.month_date = told.month_date
order by months.month_date
