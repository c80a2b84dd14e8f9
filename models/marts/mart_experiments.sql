-- Experiments by tier: each arm against the control, with intervals, p-values, and what may
-- be wrong. One row per experiment, tier ('*': all) and arm but the control.
{%- set shares = [
    'rate', 'control_rate', 'rate_difference', 'rate_low', 'rate_high', 'rate_p',
    'rate_holm_p', 'amount_p', 'amount_holm_p', 'smallest_effect', 'sample_ratio_p',
    'tier_gap', 'tier_gap_low', 'tier_gap_high',
] %}
{%- set amounts = [
    'mean_amount', 'control_mean_amount', 'amount_difference', 'amount_low', 'amount_high',
] %}
select
    experiment_id,
    '{{ var("ruleset") }}' as ruleset,
    tier,
    arm,
    control_arm,
    cast(customers as integer) as customers,
    cast(control_customers as integer) as control_customers,
    cast(conversions as integer) as conversions,
    cast(control_conversions as integer) as control_conversions,
    {% for share in shares %}
        cast({{ share }} as decimal(18, 6)) as {{ share }},
    {% endfor %}
    {% for amount in amounts %}
        cast({{ amount }} as decimal(18, 2)) as {{ amount }},
    {% endfor %}
    is_ratio_off,
    is_tier_gap,
    verdict
from {{ ref('experiment_results') }}
