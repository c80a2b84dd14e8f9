-- The scores of RFM beside the cuts above which they are high.
-- One row per customer, as-of date and rule set; null for those who never bought.
{{ config(materialized='view') }}
select
    scores.customer_key,
    scores.as_of_date,
    scores.ruleset,
    scores.scope_id,
    scores.recency_days,
    scores.frequency,
    scores.monetary_amount,
    scores.recency_score,
    scores.frequency_score,
    scores.monetary_score,
    cuts.recency_cut,
    cuts.frequency_cut,
    cuts.monetary_cut
from {{ ref('rfm_customer_scores') }} as scores
left join {{ ref('rfm_high_cuts') }} as cuts
    on scores.as_of_date = cuts.as_of_date and scores.ruleset = cuts.ruleset
