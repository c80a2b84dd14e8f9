-- Each who took an action with the one most like them who had not by then: alike as in
-- action_pool, narrowest cell that has any near, nearest spend, recency and day.
-- One row per as-of date, action and customer with a match.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert',
    unique_key='as_of_date', full_refresh=false) }}
with policy as (
    {{ active_policy(['hva_max_spend_gap_share']) }}
),

-- Width 1: department and clinic; 2: department; 3: the chain.
cells as (
    {%- for width in [['department', 'clinic_id'], ['department'], []] %}
    select
        {{ loop.index }} as width,
        {{ hash_of([loop.index, 'as_of_date', 'action', 'quarter_date', 'tenure_class',
            'recency_class', 'is_consumption_day', 'spent_month'] + width) }} as cell,
        as_of_date,
        action,
        customer_sk,
        customer_key,
        index_date,
        action_date,
        is_taken,
        before_amount,
        recency_days
    from {{ ref('action_pool') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- In the order of spend: where each stands among those who had not taken the action.
ordered as (
    select
        *,
        sum(cast(not is_taken as integer)) over (
            partition by cell
            order by
                before_amount asc, recency_days asc, index_date asc,
                is_taken asc, customer_key asc
            rows between unbounded preceding and current row
        ) as place
    from cells
),

-- An equality for each place: a range would hold everybody in a cell against everybody.
sought as (
    select
        ordered.*,
        ordered.place + steps.step as near_place
    from ordered
    cross join (values (-1), (0), (1), (2)) as steps (step)
    where ordered.is_taken
),

ranked as (
    select
        taken.as_of_date,
        taken.action,
        taken.customer_sk,
        taken.index_date as action_date,
        taken.before_amount,
        near.customer_sk as match_sk,
        near.index_date as match_date,
        near.action_date as match_action_date,
        near.before_amount as match_before_amount,
        taken.width,
        row_number() over (
            partition by taken.as_of_date, taken.action, taken.customer_sk
            order by
                taken.width asc,
                abs(taken.before_amount - near.before_amount) asc,
                abs(taken.recency_days - near.recency_days) asc,
                abs({{ days_between('taken.index_date', 'near.index_date') }}) asc,
                near.customer_key asc,
                near.index_date asc
        ) as match_rank
    from sought as taken
    inner join ordered as near
        on
            not near.is_taken
            and taken.cell = near.cell
            and taken.near_place = near.place
            and taken.customer_sk != near.customer_sk
    inner join policy
        on
            taken.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
            and abs(taken.before_amount - near.before_amount)
            <= policy.hva_max_spend_gap_share
            * greatest(abs(taken.before_amount), abs(near.before_amount))
)

select
    as_of_date,
    action,
    customer_sk,
    action_date,
    before_amount,
    match_sk,
    match_date,
    match_action_date,
    match_before_amount,
    width
from ranked
where match_rank = 1
