-- The latest answer to each survey question. Satisfaction after a treatment is medical data:
-- only medical_measures reads it. One row per customer who answered and as-of date.
select
    bridge.customer_sk,
    dates.as_of_date,
    {{ latest('surveys.nps_score', 'surveys.survey_date', 'surveys.source', 'surveys.survey_id') }}
        as latest_nps_score,
    {{ latest('surveys.csat_score', 'surveys.survey_date', 'surveys.source', 'surveys.survey_id') }}
        as latest_csat_score,
    {{ latest(
        'surveys.postop_satisfaction_score', 'surveys.survey_date', 'surveys.source',
        'surveys.survey_id'
    ) }} as postop_satisfaction_score
from {{ ref('surveys') }} as surveys
inner join {{ ref('customer_bridge') }} as bridge
    on surveys.record_sk = bridge.record_sk
inner join {{ ref('as_of_dates') }} as dates
    on surveys.survey_date <= dates.as_of_date
where {{ only_touched('bridge.customer_sk') }}
group by bridge.customer_sk, dates.as_of_date
