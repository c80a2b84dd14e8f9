-- The stages a customer goes through, exact to the day, by all facts: also those to come
-- if nothing happens. A stage follows from facts of its day and before, so that a run for
-- an earlier day cuts off what is later. One row per customer and stay in a stage.
{%- set ladder = lifecycle_arithmetic() %}
{%- set most_days = most_days_counted() %}
{%- set ages = [] %}
{%- set ever = "cast('9999-01-01' as date)" %}
with spans as (
    select
        spans.*,
        profiles.home_clinic_id as clinic_id
    from {{ ref('lifecycle_spans') }} as spans
    inner join {{ ref('customer_profiles') }} as profiles
        on spans.customer_sk = profiles.customer_sk
    where {{ only_touched('spans.customer_sk') }}
),

policy as (
    select
        period_from,
        coalesce(period_to, {{ ever }}) as period_to,
        scope_id
        {%- for column, number in lifecycle_numbers(ladder).items() %},
        {{ number }} as {{ column }}
        {%- endfor %}
    from {{ ref('threshold_periods') }}
    where ruleset = '{{ var("ruleset") }}'
    group by period_from, period_to, scope_id
),

dated as (
    select
        spans.customer_sk,
        {{ days_after('greatest(spans.from_date, policy.period_from)', '-1') }} as day_before,
        least(coalesce(spans.next_from, {{ ever }}), policy.period_to) as next_from
        {%- for rung in ladder.rungs %},
        least(
            {{ ever }}
            {%- for term in rung.terms if term.kind != 'from_age' %},
            {{ holds_until(term, most_days) }}
            {%- endfor %}
        ) as until_{{ loop.index }}
        {%- for term in rung.terms if term.kind == 'from_age' %}
        {%- do ages.append('age_' ~ loop.index) %},
        {{ holds_until(term, most_days) }} as {{ ages[-1] }}
        {%- endfor %}
        {%- endfor %}
    from spans
    inner join {{ ref('policy_scopes') }} as scopes
        on {{ falls_under('spans', 'scopes') }}
    inner join policy
        on
            scopes.scope_id = policy.scope_id
            and spans.from_date < policy.period_to
            and coalesce(spans.next_from, {{ ever }}) > policy.period_from
),

rungs (place, stage) as (
    {%- set above, rows, reached, until = ['day_before', 'day_before'], [], [], [] %}
    {%- for rung in ladder.rungs %}
        {%- do reached.append((above + (ages if loop.last else [])) | join(', ')) %}
        {%- do until.append('until_' ~ loop.index) %}
        {%- do rows.append("(" ~ loop.index ~ ", '" ~ rung.tier ~ "')") %}
        {%- if loop.last and ages %}
            {%- do reached.append(above | join(', ')) %}
            {%- do until.append('least(' ~ ages | join(', ') ~ ', ' ~ ever ~ ')') %}
        {%- endif %}
        {%- do above.append('until_' ~ loop.index) %}
    {%- endfor %}
    {%- do reached.append(above | join(', ')) %}
    {%- do until.append(ever) %}
    {%- for place in range(ladder.rungs | length, reached | length) %}
        {%- do rows.append("(" ~ (place + 1) ~ ", '" ~ ladder.last_tier ~ "')") %}
    {%- endfor %}
    values
    {{ rows | join(',\n    ') }}
),

-- A rung takes the days after those of the rungs above it; the last one, those left over.
placed as (
    select
        dated.customer_sk,
        rungs.stage,
        case rungs.place
            {%- for days in reached %}
            when {{ loop.index }} then greatest({{ days }})
            {%- endfor %}
        end as reached,
        case rungs.place
            {%- for day in until %}
            when {{ loop.index }} then {{ day }}
            {%- endfor %}
        end as until_date,
        dated.next_from
    from dated
    cross join rungs
),

compared as (
    select
        customer_sk,
        stage,
        {{ days_after('reached', 1) }} as valid_from,
        lag(stage) over (
            partition by customer_sk order by reached asc
        ) as stage_before
    from placed
    where reached < until_date and {{ days_after('reached', 1) }} < next_from
)

select
    customer_sk,
    '{{ var("ruleset") }}' as ruleset,
    stage,
    valid_from,
    lead(valid_from) over (
        partition by customer_sk order by valid_from asc
    ) as next_from
from compared
where stage_before is distinct from stage
