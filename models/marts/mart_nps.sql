-- Net promoter score with its interval, of the chain ('*') and each home clinic, over
-- all answers (month null) and each month.
-- One row per as-of date, clinic and month with answers.
with policy as (
    {{ policy_row([
        'nps_promoter_min_score', 'nps_detractor_max_score', 'nps_confidence_z',
    ]) }}
),

answers as (
    select
        policy.as_of_date,
        policy.ruleset,
        policy.nps_confidence_z,
        coalesce(answers.clinic_id, 'unknown') as clinic_id,
        cast(date_trunc('month', answers.survey_date) as date) as month,
        answers.nps_score >= policy.nps_promoter_min_score as is_promoter,
        answers.nps_score <= policy.nps_detractor_max_score as is_detractor
    from {{ ref('nps_answers') }} as answers
    inner join policy
        on
            answers.survey_date <= policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
),

counted as (
    select
        as_of_date,
        ruleset,
        nps_confidence_z,
        month,
        coalesce(clinic_id, '*') as clinic_id,
        count(*) as answers,
        count(*) filter (where is_promoter) as promoters,
        count(*) filter (where is_detractor) as detractors
    from answers
    group by grouping sets (
        (as_of_date, ruleset, nps_confidence_z),
        (as_of_date, ruleset, nps_confidence_z, clinic_id),
        (as_of_date, ruleset, nps_confidence_z, month),
        (as_of_date, ruleset, nps_confidence_z, clinic_id, month)
    )
)

select
    as_of_date,
    ruleset,
    clinic_id,
    month,
    cast(answers as integer) as answers,
    cast(promoters as integer) as promoters,
    cast(detractors as integer) as detractors,
    cast(100.0 * (promoters - detractors) / answers as decimal(9, 2)) as nps,
    {{ nps_bound('-', 'promoters', 'detractors', 'answers', 'nps_confidence_z') }}
        as nps_low,
    {{ nps_bound('+', 'promoters', 'detractors', 'answers', 'nps_confidence_z') }}
        as nps_high
from counted
