{#
    Pre-hooks of the tables of history, which keep what earlier runs wrote, in a full build as
    well: the days that this run computes again go, and those that history keeps no longer.
#}
{% macro forget_days() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where not exists (
            select 1
            from {{ ref('snapshot_days') }} as kept
            where kept.as_of_date = {{ this.identifier }}.as_of_date
                and kept.ruleset = {{ this.identifier }}.ruleset
                and (
                    kept.ruleset != '{{ var("ruleset") }}'
                    or kept.as_of_date not in (
                        select dates.as_of_date from {{ ref('as_of_dates') }} as dates
                    )
                )
        )
    {%- endif -%}
{%- endmacro %}


{#
    The same for pairs of days. Of those in history, `stay` says which are not computed again;
    a pair whose earlier day is another one now goes too, but where `is_of_pair` is false.
#}
{% macro forget_pairs(stay='not kept.is_computed', is_of_pair=true) -%}
    {%- if is_incremental() -%}
        {%- set row = this.identifier -%}
        delete from {{ this }}
        where not exists (
            select 1
            from {{ ref('snapshot_pairs') }} as kept
            where kept.to_date = {{ row }}.to_date
                and kept.ruleset = {{ row }}.ruleset
                {% if is_of_pair -%}
                and coalesce(kept.from_date, kept.to_date) = coalesce({{ row }}.from_date, {{ row }}.to_date)
                {%- endif %}
                and {{ stay }}
        )
    {%- endif -%}
{%- endmacro %}


{# Of what the later day's measures tell alone: its days that this run does not describe. #}
{% macro days_stay() -%}
    (
        kept.ruleset != '{{ var("ruleset") }}'
        or kept.to_date not in (
            select dates.as_of_date from {{ ref('as_of_dates') }} as dates
        )
    )
{%- endmacro %}


{# Post-hook of snapshot_days: a daily snapshot is kept until the next run only. #}
{% macro forget_daily() -%}
    delete from {{ this }}
    where snapshot_kind = 'daily'
        and as_of_date not in (
            select dates.as_of_date from {{ ref('as_of_dates') }} as dates
            where dates.as_of_date is not null
        )
{%- endmacro %}
