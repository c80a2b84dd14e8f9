-- The scores of RFM² beside the cuts above which they are high.
-- One row per customer, as-of date and rule set; null for those who never bought.
{{ config(materialized='view') }}
select
    scores.customer_key,
    scores.as_of_date,
    scores.ruleset,
    scores.scope_id,
    scores.breadth_score,
    scores.interaction_score,
    scores.cycle_score,
    scores.social_score,
    scores.weighted_score,
    cuts.breadth_cut,
    cuts.interaction_cut,
    cuts.cycle_cut
from {{ ref('rfm2_customer_scores') }} as scores
left join {{ ref('rfm2_high_cuts') }} as cuts
    on scores.as_of_date = cuts.as_of_date and scores.ruleset = cuts.ruleset
