-- Survey answers, on the person, without the free text. One row per answer.
select
    bridge.customer_key,
    surveys.source,
    surveys.survey_id,
    surveys.survey_date,
    surveys.nps_score,
    surveys.csat_score,
    surveys.postop_satisfaction_score
from {{ ref('surveys') }} as surveys
inner join {{ ref('customer_bridge') }} as bridge
    on
        surveys.source = bridge.source
        and surveys.customer_id = bridge.customer_id
