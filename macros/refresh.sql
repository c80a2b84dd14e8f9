{#
    A refresh computes again the customers that new rows touch (models/customers/touched_customers.sql). The
    models of a customer's numbers are dbt's own `incremental`: the rows of the touched go, and
    are appended anew.
#}

{# pre-hook: the touched customers' rows go, also of those that are no customer any more. #}
{% macro forget_touched() -%}
    {%- set touched = ref('touched_customers') -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where customer_sk in (select touched.customer_sk from {{ touched }} as touched)
    {%- endif -%}
{%- endmacro %}


{# The condition that is true for the customers that a model computes: the touched, or everybody. #}
{% macro only_touched(customer_sk) -%}
    {%- set touched = ref('touched_customers') -%}
    {%- if is_incremental() -%}
        {{ customer_sk }} in (select touched.customer_sk from {{ touched }} as touched)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# What is settled later than this is news: the last finished build; without one, everything. #}
{% macro settled_before() -%}
    (
        select coalesce(max(build.started_at), cast('1900-01-01' as timestamp))
        from {{ source('refresh', 'finished_build') }} as build
    )
{%- endmacro %}
