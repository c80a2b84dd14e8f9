-- Who took an action, and who had not by a day on which they are alike in quarter, tenure,
-- days since the last consumption, month of the last spend, and consuming that day or not;
-- of very many those drawn.
-- One row per as-of date that is matched, action, customer and day.
with takers as (
    select
        profiles.*,
        taken.action,
        taken.action_date
    from {{ ref('actions_taken') }} as taken
    inner join {{ ref('action_draws') }} as draws
        on
            taken.as_of_date = draws.as_of_date
            and taken.action = draws.action
    inner join {{ ref('index_day_profiles') }} as profiles
        on
            taken.as_of_date = profiles.as_of_date
            and taken.customer_sk = profiles.customer_sk
            and taken.action_date = profiles.index_date
            and {{ is_drawn('profiles.customer_key', 'draws.takers_one_in') }}
),

sought as (
    select distinct
        as_of_date,
        action,
        quarter_date,
        tenure_class,
        recency_class,
        is_consumption_day,
        spent_month
    from takers
),

candidates as (
    select
        profiles.*,
        sought.action,
        taken.action_date
    from {{ ref('index_day_profiles') }} as profiles
    inner join sought
        on
            profiles.as_of_date = sought.as_of_date
            and profiles.quarter_date = sought.quarter_date
            and profiles.tenure_class = sought.tenure_class
            and profiles.recency_class = sought.recency_class
            and profiles.is_consumption_day = sought.is_consumption_day
            and profiles.spent_month = sought.spent_month
    left join {{ ref('actions_taken') }} as taken
        on
            profiles.as_of_date = taken.as_of_date
            and profiles.customer_sk = taken.customer_sk
            and sought.action = taken.action
    where
        profiles.is_comparable
        and coalesce(taken.action_date > profiles.index_date, true)
)
{% for side, is_taken in [('takers', 'true'), ('candidates', 'false')] %}
select
    as_of_date,
    action,
    customer_sk,
    customer_key,
    index_date,
    action_date,
    {{ is_taken }} as is_taken,
    before_amount,
    quarter_date,
    tenure_class,
    recency_class,
    is_consumption_day,
    spent_month,
    recency_days,
    department,
    clinic_id
from {{ side }}
{{ 'union all' if not loop.last }}
{%- endfor %}
