-- As-of days whose actions are matched in this run (var match_actions): every one if
-- `always`, else the newest, unless a finished build has matched its month by then.
-- One row per as-of date.
{%- set uplifts = this.incorporate(path={'identifier': 'action_uplifts'}) %}
{%- set matched = load_relation(uplifts) %}
{%- set is_monthly = var('match_actions') == 'monthly' %}
select dates.as_of_date
from {{ ref('as_of_dates') }} as dates
where
    true
    {%- if is_monthly %}
        and dates.as_of_date = (
            select max(newest.as_of_date) from {{ ref('as_of_dates') }} as newest
        )
    {%- endif %}
    {%- if is_monthly and matched is not none %}
        and not exists (
            select matched.action
            from {{ matched }} as matched
            where
                matched.ruleset = '{{ var("ruleset") }}'
                and matched.matched_at <= {{ settled_before() }}
                and matched.as_of_date
                between {{ month_start('dates.as_of_date') }} and dates.as_of_date
        )
    {%- endif %}
