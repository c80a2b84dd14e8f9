-- Answers to the question of recommendation, on the person and her home clinic.
-- One row per answer.
select
    bridge.customer_key,
    profiles.home_clinic_id as clinic_id,
    surveys.source,
    surveys.survey_id,
    surveys.survey_date,
    surveys.nps_score
from {{ ref('surveys') }} as surveys
inner join {{ ref('customer_bridge') }} as bridge
    on
        surveys.source = bridge.source
        and surveys.customer_id = bridge.customer_id
inner join {{ ref('customer_profiles') }} as profiles
    on bridge.customer_key = profiles.customer_key
where surveys.nps_score is not null
