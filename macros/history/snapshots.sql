{#
    Pre-hook of a snapshot: the days that this run computes again, and those that history no
    longer keeps, make room. What is written next is the whole of those days: a customer
    who vanished is gone.
#}
{% macro forget_days() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where (
        as_of_date in (select as_of_date from {{ ref('as_of_dates') }})
        and ruleset = '{{ var("ruleset") }}'
    )
    or (as_of_date, ruleset) not in (
        select as_of_date, ruleset from {{ ref('snapshot_days') }}
    )
    {%- else -%}
    select 'nothing to forget yet' as note
    {%- endif -%}
{%- endmacro %}


{# The same for pairs of days. #}
{% macro forget_pairs() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where (to_date, ruleset) in (
        select to_date, ruleset from {{ ref('touched_pairs') }}
    )
    or (to_date, coalesce(from_date, to_date), ruleset) not in (
        select to_date, coalesce(from_date, to_date), ruleset
        from {{ ref('snapshot_pairs') }}
    )
    {%- else -%}
    select 'nothing to forget yet' as note
    {%- endif -%}
{%- endmacro %}


{# Post-hook of snapshot_days: a daily snapshot is kept until the next run only. #}
{% macro forget_daily() -%}
    delete from {{ this }}
    where snapshot_kind = 'daily'
        and as_of_date not in (select as_of_date from {{ ref('as_of_dates') }})
{%- endmacro %}


{# Pre-hook of policy_effects: only the later day's measures tell them, so only these go. #}
{% macro forget_effects() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where (
        to_date in (select as_of_date from {{ ref('as_of_dates') }})
        and ruleset = '{{ var("ruleset") }}'
    )
    or (to_date, ruleset) not in (
        select to_date, ruleset from {{ ref('snapshot_pairs') }}
    )
    {%- else -%}
    select 'nothing to forget yet' as note
    {%- endif -%}
{%- endmacro %}
