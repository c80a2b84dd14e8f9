-- Why a customer is in her tier, what the next one asks, what keeps the present one and
-- until when: in words, computed when asked. Filter on the customer.
-- One row per customer, as-of date, rule set and model.
{{ config(materialized='view') }}
with placed as (
    select
        customers.*,
        aims.next_tier,
        coalesce(rungs.is_left, false) as is_left,
        outlooks.change_date,
        outlooks.tier_then,
        coalesce(outlooks.is_open, false) as is_open,
        {{ reason_parts() }}
    from {{ ref('tier_membership') }} as customers
    left join {{ ref('tier_aims') }} as aims
        on customers.model = aims.model and customers.tier = aims.tier
    left join {{ ref('tier_rungs') }} as rungs
        on customers.model = rungs.model and customers.tier = rungs.tier
    left join {{ ref('tier_sentences') }} as sentences
        on {{ same_ladder('customers', 'sentences') }}
    left join {{ ref('tier_outlooks') }} as outlooks
        on {{ same_ladder('customers', 'outlooks') }}
    left join {{ ref('act_words') }} as acts on sentences.kept_by = acts.act
    {{ tier_labels('customers.model', 'customers.tier', 'labels') }}
    {{ tier_labels('customers.model', 'aims.next_tier', 'next_labels') }}
    {{ tier_labels('customers.model', 'outlooks.tier_then', 'then_labels') }}
)

select
    customer_key,
    as_of_date,
    ruleset,
    model,
    tier,
    tier_rank,
    tier_en as tier_label_en,
    tier_zh as tier_label_zh,
    {{ why_words('en') }} as why_en,
    {{ why_words('zh') }} as why_zh,
    next_tier,
    next_en as next_label_en,
    next_zh as next_label_zh,
    {{ missing_words('en') }} as missing_en,
    {{ missing_words('zh') }} as missing_zh,
    {{ keeps_words('en') }} as keeps_en,
    {{ keeps_words('zh') }} as keeps_zh,
    case when not is_open then change_date end as lapses_on,
    case when not is_open then tier_then end as falls_to
from placed
