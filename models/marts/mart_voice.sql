-- What customers say in surveys: sentiment and topics of their comments, without any text.
-- The tier is the headline tier when the month began ('unknown' without one).
-- One row per month, home clinic, tier and topic ('*': all).
with answers as (
    select
        bridge.customer_key,
        {{ month_start('surveys.survey_date') }} as month_date,
        scores.topic,
        scores.score
    from {{ ref('surveys') }} as surveys
    inner join {{ ref('customer_bridge') }} as bridge
        on surveys.record_sk = bridge.record_sk
    inner join {{ ref('comment_scores') }} as scores
        on {{ dbt.hash('surveys.comment_text') }} = scores.text_hash
    where surveys.survey_date <= {{ last_day_described() }}
),

placed as (
    select
        answers.*,
        coalesce(profiles.home_clinic_id, 'unknown') as clinic_id,
        coalesce(snapshots.final_tier, 'unknown') as tier
    from answers
    inner join {{ ref('customer_profiles') }} as profiles
        on answers.customer_key = profiles.customer_key
    left join {{ ref('customer_snapshots') }} as snapshots
        on
            answers.customer_key = snapshots.customer_key
            and answers.month_date = {{ days_after('snapshots.as_of_date', 1) }}
            and snapshots.ruleset = '{{ var("ruleset") }}'
)

select
    placed.month_date,
    '{{ var("ruleset") }}' as ruleset,
    case when clinics.is_total then '*' else placed.clinic_id end as clinic_id,
    case when tiers.is_total then '*' else placed.tier end as tier,
    placed.topic,
    max(labels.label_en) as label_en,
    max(labels.label_zh) as label_zh,
    cast(count(*) as integer) as comments,
    cast(count(*) filter (where placed.score > 0) as integer) as positive_comments,
    cast(count(*) filter (where placed.score < 0) as integer) as negative_comments,
    {{ exact_ratio('sum(sign(placed.score))', 'count(*)', 4) }} as balance
from placed
cross join (values (false), (true)) as clinics (is_total)
cross join (values (false), (true)) as tiers (is_total)
left join {{ ref('action_words') }} as labels
    on labels.kind = 'topic' and placed.topic = labels.code
group by
    placed.month_date,
    case when clinics.is_total then '*' else placed.clinic_id end,
    case when tiers.is_total then '*' else placed.tier end,
    placed.topic
