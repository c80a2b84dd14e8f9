-- Responses to outreach, on the day of the response. One row per customer who responded
-- and as-of date.
select
    responses.customer_key,
    dates.as_of_date,
    {{ windowed(
        'count(*)', 'responses',
        "date_diff('day', responses.response_date, dates.as_of_date)"
    ) }}
from {{ ref('outreach_responses') }} as responses
inner join {{ ref('as_of_dates') }} as dates
    on responses.response_date <= dates.as_of_date
group by responses.customer_key, dates.as_of_date
