-- The weights of RFM² sum to 100 on every day, in every scope and rule set.
{{ config(tags=['proof']) }}
select
    as_of_date,
    ruleset,
    scope_id,
    sum(value) as weights
from {{ ref('thresholds_in_force') }}
where threshold like 'rfm2_%_weight'
group by as_of_date, ruleset, scope_id
having sum(value) != 100
