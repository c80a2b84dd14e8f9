-- Each customer's latest answer; of several that day the last by source and id.
-- One row per customer who answered and as-of date.
with ranked as (
    select
        answers.customer_key,
        dates.as_of_date,
        answers.survey_date,
        answers.nps_score,
        row_number() over (
            partition by dates.as_of_date, answers.customer_key
            order by
                answers.survey_date desc,
                answers.source desc,
                answers.survey_id desc
        ) as answer_rank
    from {{ ref('nps_answers') }} as answers
    inner join {{ ref('as_of_dates') }} as dates
        on answers.survey_date <= dates.as_of_date
)

select
    customer_key,
    as_of_date,
    survey_date as latest_nps_date,
    nps_score as latest_nps_score
from ranked
where answer_rank = 1
