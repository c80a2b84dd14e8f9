-- Gross profit in the policy's window of those who bought, or moved money, in it.
-- One row per such customer, as-of date and rule set.
{{ config(meta={'recompute': 'everything'}) }}
{%- set top_by = one_of_values('pyramid_top_by', ['profit', 'buyers']) %}
with policy as (
    {{ policy_row([
        'pyramid_window', 'pyramid_top_profit_share', 'pyramid_top_buyers_share',
    ]) }}
),

profits as (
    select
        measures.customer_key,
        measures.as_of_date,
        policy.ruleset,
        policy.pyramid_top_{{ top_by }}_share as top_share_limit,
        {{ in_window('purchases', 'pyramid_window') }} as purchases,
        {{ in_window('gross_profit', 'pyramid_window') }} as profit_amount
    from {{ ref('customer_measures') }} as measures
    inner join policy on {{ policy_of('measures') }}
)

select
    customer_key,
    as_of_date,
    ruleset,
    top_share_limit,
    profit_amount
from profits
where purchases > 0 or profit_amount != 0
