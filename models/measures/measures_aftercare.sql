-- The latest satisfaction after treatment.
-- One row per customer who answered and as-of date. Medical data.
with answers as (
    select
        surveys.*,
        dates.as_of_date
    from {{ ref('customer_surveys') }} as surveys
    inner join {{ ref('as_of_dates') }} as dates
        on surveys.survey_date <= dates.as_of_date
)

select
    customer_key,
    as_of_date,
    {{ latest('postop_satisfaction_score', 'survey_date', 'survey_id') }}
        as postop_satisfaction_score
from answers
where postop_satisfaction_score is not null
group by customer_key, as_of_date
