-- The active rule set and those that it builds on; distance 0 is the rule set itself.
-- One row per rule set in the line.
with rulesets as (
    select * from {{ ref('rulesets') }}
),

active as (
    select
        rulesets.ruleset,
        rulesets.base_ruleset
    from rulesets
    where rulesets.ruleset = '{{ var("ruleset") }}'
),

bases as (
    select
        rulesets.ruleset,
        rulesets.base_ruleset
    from active
    inner join rulesets on active.base_ruleset = rulesets.ruleset
)

select
    ruleset,
    0 as distance
from active
union all
select
    ruleset,
    1 as distance
from bases
union all
select
    base_ruleset as ruleset,
    2 as distance
from bases
where base_ruleset is not null
