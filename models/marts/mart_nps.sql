-- Net promoter score with its interval, of the chain ('*') and each home clinic, over
-- all answers (month_date null) and each month.
-- One row per as-of date, clinic and month with answers.
with policy as (
    {{ active_policy([
        'nps_promoter_min_score', 'nps_detractor_max_score', 'nps_confidence_z',
    ]) }}
),

sorted as (
    select
        policy.as_of_date,
        policy.ruleset,
        policy.nps_confidence_z,
        case
            when clinics.is_total then '*' else coalesce(answers.clinic_id, 'unknown')
        end as clinic_id,
        case
            when not months.is_total
                then cast(date_trunc('month', answers.survey_date) as date)
        end as month_date,
        answers.nps_score >= policy.nps_promoter_min_score as is_promoter,
        answers.nps_score <= policy.nps_detractor_max_score as is_detractor
    from {{ ref('nps_answers') }} as answers
    inner join policy
        on
            answers.survey_date <= policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
    cross join (values (false), (true)) as clinics (is_total)
    cross join (values (false), (true)) as months (is_total)
),

counted as (
    select
        as_of_date,
        ruleset,
        nps_confidence_z,
        clinic_id,
        month_date,
        count(*) as answers,
        count(*) filter (where is_promoter) as promoters,
        count(*) filter (where is_detractor) as detractors
    from sorted
    group by as_of_date, ruleset, nps_confidence_z, clinic_id, month_date
)

select
    as_of_date,
    ruleset,
    clinic_id,
    month_date,
    cast(answers as integer) as answers,
    cast(promoters as integer) as promoters,
    cast(detractors as integer) as detractors,
    cast(100.0 * (promoters - detractors) / answers as decimal(9, 2)) as nps,
    {{ nps_bound('-', 'promoters', 'detractors', 'answers', 'nps_confidence_z') }}
        as nps_low,
    {{ nps_bound('+', 'promoters', 'detractors', 'answers', 'nps_confidence_z') }}
        as nps_high
from counted
