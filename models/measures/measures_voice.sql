-- The latest answer to each survey question. One row per customer who answered and
-- as-of date.
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
    {{ latest('nps_score', 'survey_date', 'survey_id') }} as latest_nps_score,
    {{ latest('csat_score', 'survey_date', 'survey_id') }} as latest_csat_score
from answers
group by customer_key, as_of_date
