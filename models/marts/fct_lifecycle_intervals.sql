-- The stages a customer went through, exact to the day, as known on the run's last day,
-- without gap or overlap, the last one open. One row per customer and stay in a stage.
with horizon as (
    select max(as_of_date) as as_of_date from {{ ref('as_of_dates') }}
)

select
    profiles.customer_key,
    horizon.as_of_date,
    stays.ruleset,
    stays.stage,
    labels.tier_rank as stage_rank,
    labels.label_en as stage_label_en,
    labels.label_zh as stage_label_zh,
    stays.valid_from,
    case
        when stays.next_from <= horizon.as_of_date
            then {{ days_after('stays.next_from', '-1') }}
    end as valid_to,
    coalesce(stays.next_from > horizon.as_of_date, true) as is_current
from {{ ref('lifecycle_intervals') }} as stays
inner join {{ ref('customer_profiles') }} as profiles
    on stays.customer_sk = profiles.customer_sk
inner join horizon on stays.valid_from <= horizon.as_of_date
left join {{ ref('tiers') }} as labels
    on stays.stage = labels.tier and labels.model = 'lifecycle'
