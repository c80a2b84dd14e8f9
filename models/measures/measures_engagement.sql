-- Private-domain touches, all and those that article 000 §3.2 counts (live streams and
-- community); responses to outreach on the day of the response; the latest answer to each
-- survey question (satisfaction after a treatment is medical data: medical_measures alone
-- reads it). One row per customer who interacted, responded or answered and as-of date.
{%- set live = "interaction_type in ('live_watch', 'live_chat', 'community_post')" %}
{%- set surveyed = ['surveys.survey_date', 'surveys.source', 'surveys.survey_id'] %}
with events as (
    select
        bridge.customer_sk,
        dates.as_of_date,
        {{ days_between('interactions.interaction_date', 'dates.as_of_date') }} as days_ago,
        interactions.interaction_type
    from {{ ref('interactions') }} as interactions
    inner join {{ ref('customer_bridge') }} as bridge
        on interactions.record_sk = bridge.record_sk
    inner join {{ ref('as_of_dates') }} as dates
        on interactions.interaction_date <= dates.as_of_date
    where {{ only_touched('bridge.customer_sk') }}
    union all
    select
        bridge.customer_sk,
        dates.as_of_date,
        {{ days_between(
            'coalesce(outreach.response_date, outreach.contact_date)', 'dates.as_of_date'
        ) }} as days_ago,
        'response' as interaction_type
    from {{ ref('outreach') }} as outreach
    inner join {{ ref('customer_bridge') }} as bridge
        on outreach.record_sk = bridge.record_sk
    inner join {{ ref('as_of_dates') }} as dates
        on coalesce(outreach.response_date, outreach.contact_date) <= dates.as_of_date
    where
        outreach.has_responded
        and {{ only_touched('bridge.customer_sk') }}
),

counted as (
    select
        customer_sk,
        as_of_date,
        {{ windowed(
            'count(*)', 'interactions', where="interaction_type is distinct from 'response'"
        ) }},
        {{ windowed('count(*)', 'live_interactions', where=live) }},
        {{ windowed('count(*)', 'responses', where="interaction_type = 'response'") }}
    from events
    group by customer_sk, as_of_date
),

answered as (
    select
        bridge.customer_sk,
        dates.as_of_date
        {%- for score in ['nps_score', 'csat_score'] %},
        {{ latest('surveys.' ~ score, *surveyed) }} as latest_{{ score }}
        {%- endfor %},
        {{ latest('surveys.postop_satisfaction_score', *surveyed) }}
            as postop_satisfaction_score
        {%- for name, score in [
            ('nps', 'nps_score'), ('satisfaction', 'postop_satisfaction_score'),
        ] %},
        min({{ days_between('surveys.survey_date', 'dates.as_of_date') }})
            filter (where surveys.{{ score }} is not null) as {{ name }}_days_ago
        {%- endfor %}
    from {{ ref('surveys') }} as surveys
    inner join {{ ref('customer_bridge') }} as bridge
        on surveys.record_sk = bridge.record_sk
    inner join {{ ref('as_of_dates') }} as dates
        on surveys.survey_date <= dates.as_of_date
    where {{ only_touched('bridge.customer_sk') }}
    group by bridge.customer_sk, dates.as_of_date
)

select
    coalesce(counted.customer_sk, answered.customer_sk) as customer_sk,
    coalesce(counted.as_of_date, answered.as_of_date) as as_of_date,
    {{ windowed_columns('counted', 'interactions') }},
    {{ windowed_columns('counted', 'live_interactions') }},
    {{ windowed_columns('counted', 'responses') }},
    answered.latest_nps_score,
    answered.latest_csat_score,
    answered.postop_satisfaction_score,
    cast(answered.nps_days_ago as integer) as nps_days_ago,
    cast(answered.satisfaction_days_ago as integer) as satisfaction_days_ago
from counted
full join answered on {{ same_customer('counted', 'answered') }}
