-- The latest satisfaction after treatment.
-- One row per customer who answered and as-of date. Medical data.
select
    surveys.customer_key,
    dates.as_of_date,
    arg_max(
        surveys.postop_satisfaction_score,
        (surveys.survey_date, surveys.source, surveys.survey_id)
    ) as postop_satisfaction_score
from {{ ref('customer_surveys') }} as surveys
inner join {{ ref('as_of_dates') }} as dates
    on surveys.survey_date <= dates.as_of_date
where surveys.postop_satisfaction_score is not null
group by surveys.customer_key, dates.as_of_date
