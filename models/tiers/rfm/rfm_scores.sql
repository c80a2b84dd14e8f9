-- Scores 1 to 5 and the cut above which a score is high (var rfm_high_cut).
-- One row per customer and as-of date; scores are null for those who never bought.
{%- set high_cut = one_of_values('rfm_high_cut', ['mean', 'median', 'fixed']) %}
{%- set passes = '>' if var('rfm_score_method') == 'quantile' else '>=' %}
with policy as (
    {{ policy_row(['rfm_fixed_high_above_score']) }}
),

scored as (
    select
        inputs.*,
        {{ score('recency_days', 'recency', '<=') }} as recency_score,
        {{ score('frequency', 'frequency', passes) }} as frequency_score,
        {{ score('monetary_amount', 'monetary', passes) }} as monetary_score
    from {{ ref('rfm_inputs') }} as inputs
    inner join {{ ref('rfm_cut_points') }} as cuts using (as_of_date)
),

cuts as (
    select
        scored.as_of_date
        {%- for dimension in ['recency', 'frequency', 'monetary'] %},
        {% if high_cut == 'mean' -%}
        cast(avg({{ dimension }}_score) as decimal(9, 4))
        {%- elif high_cut == 'median' -%}
        cast(median({{ dimension }}_score) as decimal(9, 4))
        {%- else -%}
        max(policy.rfm_fixed_high_above_score)
        {%- endif %} as {{ dimension }}_cut
        {%- endfor %}
    from scored
    inner join policy
        on scored.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
    group by scored.as_of_date
)

select
    scopes.customer_key,
    scopes.as_of_date,
    scopes.scope_id,
    scored.recency_days,
    scored.frequency,
    scored.monetary_amount,
    scored.recency_score,
    scored.frequency_score,
    scored.monetary_score,
    cuts.recency_cut,
    cuts.frequency_cut,
    cuts.monetary_cut
from {{ ref('customer_scopes') }} as scopes
left join scored
    using (customer_key, as_of_date)
left join cuts
    on scopes.as_of_date = cuts.as_of_date
