-- A threshold that a model reads but nobody defined, or one defined that nobody reads.
{{ config(tags=['proof']) }}
with used (threshold) as (
    {{ names_in_meta('thresholds') }}
),

defined as (
    select distinct threshold from {{ ref('thresholds') }}
)

select
    used.threshold as used_but_not_defined,
    defined.threshold as defined_but_not_used
from used
full outer join defined on used.threshold = defined.threshold
where used.threshold is null or defined.threshold is null
