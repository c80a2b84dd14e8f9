-- The latest answer to each survey question. One row per customer who answered and
-- as-of date.
{%- set latest = '(surveys.survey_date, surveys.source, surveys.survey_id)' %}
select
    surveys.customer_key,
    dates.as_of_date,
    {% for score in ['nps_score', 'csat_score'] %}
        arg_max(surveys.{{ score }}, {{ latest }})
            filter (where surveys.{{ score }} is not null)
            as latest_{{ score }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('customer_surveys') }} as surveys
inner join {{ ref('as_of_dates') }} as dates
    on surveys.survey_date <= dates.as_of_date
group by surveys.customer_key, dates.as_of_date
