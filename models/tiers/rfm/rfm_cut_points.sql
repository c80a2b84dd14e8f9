-- The cut points between the scores 1 to 5: population quintiles, or the policy's values
-- (var rfm_score_method). One row per as-of date.
{%- set method = one_of_values('rfm_score_method', ['quantile', 'threshold']) %}
with inputs as (
    select * from {{ ref('rfm_inputs') }}
),

policy as (
    {{ policy_row([
        'rfm_recency_score_5_max_days', 'rfm_recency_score_4_max_days',
        'rfm_recency_score_3_max_days', 'rfm_recency_score_2_max_days',
        'rfm_frequency_score_2_min_purchases', 'rfm_frequency_score_3_min_purchases',
        'rfm_frequency_score_4_min_purchases', 'rfm_frequency_score_5_min_purchases',
        'rfm_monetary_score_2_min_amount', 'rfm_monetary_score_3_min_amount',
        'rfm_monetary_score_4_min_amount', 'rfm_monetary_score_5_min_amount',
    ]) }}
)

{% if method == 'quantile' -%}
select
    as_of_date
    {%- for cut in range(1, 5) %},
    quantile_disc(recency_days, {{ cut }} / 5.0) as recency_{{ cut }},
    quantile_disc(frequency, {{ cut }} / 5.0) as frequency_{{ cut }},
    quantile_disc(monetary_amount, {{ cut }} / 5.0) as monetary_{{ cut }}
    {%- endfor %}
from inputs
group by as_of_date
{%- else -%}
select
    as_of_date
    {%- for cut in range(1, 5) %},
    rfm_recency_score_{{ 6 - cut }}_max_days as recency_{{ cut }},
    rfm_frequency_score_{{ cut + 1 }}_min_purchases as frequency_{{ cut }},
    rfm_monetary_score_{{ cut + 1 }}_min_amount as monetary_{{ cut }}
    {%- endfor %}
from policy
where scope_id = {{ chain_scope() }}
{%- endif %}
