-- Who took an action beside the two nearest below and above who had not, by what they
-- had spent before, then by day, within their cell, quarter and class of tenure; in the
-- narrowest cell that has any near enough.
-- One row per as-of date, action, customer and candidate.
{%- set shared = ['as_of_date', 'action', 'quarter_date', 'tenure_class'] %}
{%- set widths = [['department', 'clinic_id'], ['department'], []] %}
with policy as (
    {{ active_policy(['hva_max_spend_gap_share']) }}
),

seekers_1 as (
    select
        as_of_date,
        action,
        customer_key
    from {{ ref('action_pool') }}
    where is_taken
),

{{ nearest_in_narrowest_cells(shared, widths) }}

select * from near
