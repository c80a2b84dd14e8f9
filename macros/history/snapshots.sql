{#
    Which rows a table of history computes again, and which it keeps no longer (materialization
    `kept`). What is written is the whole of those days: a customer who vanished is gone.
#}
{% macro rows_of_days() %}
    {{ return({
        'computed': on_days_of_this_run('as_of_date'),
        'gone': "(as_of_date, ruleset) not in (select as_of_date, ruleset from "
            ~ ref('snapshot_days') ~ ")",
    }) }}
{% endmacro %}


{# The same for pairs of days; `which` leaves pairs out, as if they were in history no longer. #}
{% macro rows_of_pairs(which='') %}
    {{ return({
        'computed': "(to_date, ruleset) in (select to_date, ruleset from " ~ ref('touched_pairs') ~ ")",
        'gone': "(to_date, coalesce(from_date, to_date), ruleset) not in (select to_date, "
            ~ "coalesce(from_date, to_date), ruleset from " ~ ref('snapshot_pairs') ~ which ~ ")",
    }) }}
{% endmacro %}


{# For movement, which a pair has only if there is a day before. #}
{% macro rows_of_moves() %}
    {{ return(rows_of_pairs(' where from_date is not null')) }}
{% endmacro %}


{# And for what only the later day's measures tell. #}
{% macro rows_of_later_days() %}
    {{ return({
        'computed': on_days_of_this_run('to_date'),
        'gone': "(to_date, ruleset) not in (select to_date, ruleset from " ~ ref('snapshot_pairs') ~ ")",
    }) }}
{% endmacro %}


{# The condition that a column holds a day that this run describes, under its rule set. #}
{% macro on_days_of_this_run(day) %}
    {{ return(
        day ~ ' in (select as_of_date from ' ~ ref('as_of_dates') ~ ") and ruleset = '"
        ~ var('ruleset') ~ "'"
    ) }}
{% endmacro %}


{# Post-hook of snapshot_days: a daily snapshot is kept until the next run only. #}
{% macro forget_daily() -%}
    delete from {{ this }}
    where snapshot_kind = 'daily'
        and as_of_date not in (
            select as_of_date from {{ ref('as_of_dates') }}
            where as_of_date is not null
        )
{%- endmacro %}
