-- The ladders as data: what each rung asks. One row per model, rung and condition.
{{ config(materialized='view') }}
with rules (
    model, rung, condition_number, condition_group, measure, comparison, asks_for,
    left_side, threshold, target_code, right_side
) as (
    {{ ladder_rules() }}
)

select
    model,
    rung,
    condition_number,
    condition_group,
    measure,
    comparison,
    asks_for,
    left_side,
    nullif(threshold, '') as threshold,
    nullif(target_code, '') as target_code,
    nullif(right_side, '') as right_side
from rules
