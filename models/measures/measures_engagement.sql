-- Private-domain touches, all and those that article 000 §3.2 counts (live streams and
-- community), and responses to outreach on the day of the response.
-- One row per customer who interacted or responded and as-of date.
{%- set live = "interaction_type in ('live_watch', 'live_chat', 'community_post')" %}
with touches as (
    select
        customer_sk,
        as_of_date,
        {{ windowed_sums('interactions', 'interactions') }},
        {{ windowed_sums('interactions', 'live_interactions', where=live) }}
    from {{ ref('interaction_counts') }}
    where {{ only_touched('interaction_counts.customer_sk') }}
    group by customer_sk, as_of_date
),

answered as (
    select
        bridge.customer_sk,
        dates.as_of_date,
        {{ days_between(
            'coalesce(outreach.response_date, outreach.contact_date)', 'dates.as_of_date'
        ) }} as days_ago
    from {{ ref('outreach') }} as outreach
    inner join {{ ref('customer_bridge') }} as bridge
        on outreach.record_sk = bridge.record_sk
    inner join {{ ref('as_of_dates') }} as dates
        on coalesce(outreach.response_date, outreach.contact_date) <= dates.as_of_date
    where
        outreach.has_responded
        and {{ only_touched('bridge.customer_sk') }}
),

responses as (
    select
        customer_sk,
        as_of_date,
        {{ windowed('count(*)', 'responses', type='integer') }}
    from answered
    group by customer_sk, as_of_date
)

select
    coalesce(touches.customer_sk, responses.customer_sk) as customer_sk,
    coalesce(touches.as_of_date, responses.as_of_date) as as_of_date,
    {{ windowed_columns('touches', 'interactions') }},
    {{ windowed_columns('touches', 'live_interactions') }},
    {{ windowed_columns('responses', 'responses') }}
from touches
full join responses on {{ same_customer('touches', 'responses') }}
