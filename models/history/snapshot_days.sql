-- The days that history keeps: month ends, days asked for (var keep_snapshots), and the
-- days of the last run. That all of a day was computed is noted when a run is through
-- (scripts/strata/history/kept.py). One row per day and rule set.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['as_of_date', 'ruleset'],
    full_refresh=false,
    on_schema_change='append_new_columns',
    post_hook='{{ forget_daily() }}',
) }}
with loaded as (
    {% for feed in var('feeds') %}
        select max(loaded_at) as loaded_at from {{ ref(feed) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

newest as (
    select max(loaded_at) as loaded_at from loaded
),

asked as (
    {% if is_incremental() %}
        select as_of_date from {{ this }}
        where snapshot_kind = 'asked' and ruleset = '{{ var("ruleset") }}'
    {% else %}
        select as_of_date from {{ ref('as_of_dates') }}
        where false
    {% endif %}
)

select
    dates.as_of_date,
    '{{ var("ruleset") }}' as ruleset,
    newest.loaded_at as loaded_through,
    case
        when {{ is_month_end('dates.as_of_date') }} then 'month_end'
        when {{ 'true' if var('keep_snapshots') else 'false' }} then 'asked'
        when asked.as_of_date is not null then 'asked'
        else 'daily'
    end as snapshot_kind,
    false as is_whole
from {{ ref('as_of_dates') }} as dates
cross join newest
left join asked on dates.as_of_date = asked.as_of_date
where dates.as_of_date is not null
