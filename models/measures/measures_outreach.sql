-- Responses to outreach, on the day of the response. One row per customer who responded
-- and as-of date.
with responses as (
    select
        bridge.customer_key,
        coalesce(outreach.response_date, outreach.contact_date) as response_date
    from {{ ref('outreach') }} as outreach
    inner join {{ ref('customer_bridge') }} as bridge
        on
            outreach.source = bridge.source
            and outreach.customer_id = bridge.customer_id
    where outreach.has_responded
)

select
    responses.customer_key,
    dates.as_of_date,
    {{ windowed(
        'count(*)', 'responses',
        "date_diff('day', responses.response_date, dates.as_of_date)"
    ) }}
from responses
inner join {{ ref('as_of_dates') }} as dates
    on responses.response_date <= dates.as_of_date
group by responses.customer_key, dates.as_of_date
