-- Scores 1 to 5 of recency, frequency and amount. Cut points are everybody's.
-- One row per customer, as-of date and rule set; null for those who never bought.
{{ config(meta={'recompute': 'everything'}) }}
{%- set passes = '>' if var('rfm_score_method') == 'quantile' else '>=' %}
with policy as (
    {{ policy_columns([]) }}
),

scored as (
    select
        inputs.*,
        {{ score('recency_days', 'recency', '<=') }} as recency_score,
        {{ score('frequency', 'frequency', passes) }} as frequency_score,
        {{ score('monetary_amount', 'monetary', passes) }} as monetary_score
    from {{ ref('rfm_inputs') }} as inputs
    inner join {{ ref('rfm_cut_points') }} as points
        on inputs.as_of_date = points.as_of_date and inputs.ruleset = points.ruleset
)

select
    scopes.customer_key,
    scopes.as_of_date,
    policy.ruleset,
    scopes.scope_id,
    scored.recency_days,
    scored.frequency,
    scored.monetary_amount,
    scored.recency_score,
    scored.frequency_score,
    scored.monetary_score
from {{ ref('customer_scopes') }} as scopes
inner join policy on {{ policy_of('scopes') }}
left join scored
    on {{ same_customer('scopes', 'scored') }} and policy.ruleset = scored.ruleset
