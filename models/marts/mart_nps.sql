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
            when clinics.is_total then '*' else coalesce(profiles.home_clinic_id, 'unknown')
        end as clinic_id,
        case
            when not months.is_total
                then {{ month_start('answers.survey_date') }}
        end as month_date,
        answers.nps_score >= policy.nps_promoter_min_score as is_promoter,
        answers.nps_score <= policy.nps_detractor_max_score as is_detractor
    from {{ ref('surveys') }} as answers
    inner join {{ ref('customer_bridge') }} as bridge
        on answers.record_sk = bridge.record_sk
    inner join {{ ref('customer_profiles') }} as profiles
        on bridge.customer_sk = profiles.customer_sk
    inner join policy
        on
            answers.survey_date <= policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
    cross join (values (false), (true)) as clinics (is_total)
    cross join (values (false), (true)) as months (is_total)
    where answers.nps_score is not null
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
    cast({{ exact_ratio('100 * (promoters - detractors)', 'answers', 2) }} as decimal(9, 2))
        as nps,
    {{ nps_bound('-', 'promoters', 'detractors', 'answers', 'nps_confidence_z') }}
        as nps_low,
    {{ nps_bound('+', 'promoters', 'detractors', 'answers', 'nps_confidence_z') }}
        as nps_high
from counted
