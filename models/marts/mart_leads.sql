-- Leads of each channel and month, what became of them, what they cost, and what the
-- channel's customers were worth when the month began.
-- One row per complete month and channel ('*': all).
select
    month_date,
    '{{ var("ruleset") }}' as ruleset,
    channel,
    leads,
    converted,
    {{ exact_ratio('converted', 'leads', 4) }} as conversion_share,
    first_buyers,
    cost_amount,
    {{ exact_ratio('cost_amount', 'leads', 2) }} as cost_per_lead_amount,
    customers,
    mean_ltv_amount,
    {{ exact_ratio('lead_value_amount', 'cost_amount', 4) }} as ltv_cac_ratio
from {{ ref('lead_months') }}
