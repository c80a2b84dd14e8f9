-- What came of each campaign or action, month by month: responses, purchases within
-- action_result_days, gross profit, cost and ROI; and how much more the customers contacted
-- bought than customers alike who were not. One row per campaign and month.
with policy as (
    {{ active_policy(['hva_confidence_z']) }}
),

counted as (
    select
        campaign,
        month_date,
        count(*) as contacts,
        count(distinct customer_sk) as customers,
        count(*) filter (where has_responded) as responses,
        sum(purchases) as purchases,
        sum(net_amount) as net_amount,
        sum(profit_amount) as profit_amount,
        sum(cost_amount) as cost_amount,
        bool_and(is_complete) as is_complete
    from {{ ref('contact_results') }}
    group by campaign, month_date
),

compared as (
    select
        treated.campaign,
        treated.month_date,
        treated.customers as n,
        controls.customers as m,
        treated.buyers * 1.0 / treated.customers
        - controls.buyers * 1.0 / controls.customers as rate_gap,
        -- Agresti and Caffo: a success and a failure more on each side.
        {% for side in ['treated', 'controls'] -%}
            (({{ side }}.buyers + 1.0) / ({{ side }}.customers + 2))
            * (1 - ({{ side }}.buyers + 1.0) / ({{ side }}.customers + 2))
            / ({{ side }}.customers + 2) {{ '+' if not loop.last }}
        {%- endfor %} as rate_variance,
        treated.profit_amount / treated.customers
        - controls.profit_amount / controls.customers as profit_gap,
        {% for side in ['treated', 'controls'] -%}
            greatest(
                {{ side }}.profit_squares
                - {{ side }}.profit_amount * {{ side }}.profit_amount / {{ side }}.customers, 0
            ) / ({{ side }}.customers - 1) / {{ side }}.customers {{ '+' if not loop.last }}
        {%- endfor %} as profit_variance
    from {{ ref('campaign_strata') }} as treated
    inner join {{ ref('campaign_strata') }} as controls
        on
            {{ named_equal('treated', 'controls', ['campaign', 'month_date', 'stratum']) }}
            and not controls.is_contacted
    where treated.is_contacted and treated.customers > 1 and controls.customers > 1
),

pooled as (
    select
        campaign,
        month_date,
        sum(n) as compared_customers,
        sum(m) as control_customers,
        sum(n * rate_gap) / sum(n) as rate_gap,
        sqrt(sum(power(n, 2) * rate_variance)) / sum(n) as rate_error,
        sum(n * profit_gap) / sum(n) as profit_gap,
        sqrt(sum(power(n, 2) * profit_variance)) / sum(n) as profit_error
    from compared
    group by campaign, month_date
)

select
    counted.month_date,
    policy.ruleset,
    counted.campaign,
    rules.label_en,
    rules.label_zh,
    counted.is_complete,
    cast(counted.contacts as integer) as contacts,
    cast(counted.customers as integer) as customers,
    cast(counted.responses as integer) as responses,
    {{ exact_ratio('counted.responses', 'counted.contacts', 4) }} as response_share,
    cast(counted.purchases as integer) as purchases,
    cast(counted.net_amount as decimal(18, 2)) as net_amount,
    cast(counted.profit_amount as decimal(18, 2)) as profit_amount,
    cast(counted.cost_amount as decimal(18, 2)) as cost_amount,
    case
        when counted.is_complete then {{ exact_ratio(
            'counted.profit_amount - counted.cost_amount', 'counted.cost_amount', 4
        ) }}
    end as roi,
    cast(pooled.compared_customers as integer) as compared_customers,
    cast(pooled.control_customers as integer) as control_customers,
    {% for name, gap, type in [
        ('extra_buyers_share', 'rate', 'decimal(18, 4)'),
        ('extra_profit_amount', 'profit', 'decimal(18, 2)'),
    ] %}
        cast(pooled.{{ gap }}_gap as {{ type }}) as {{ name }},
        cast(pooled.{{ gap }}_gap - policy.hva_confidence_z * pooled.{{ gap }}_error as {{ type }})
            as {{ name }}_low,
        cast(pooled.{{ gap }}_gap + policy.hva_confidence_z * pooled.{{ gap }}_error as {{ type }})
            as {{ name }}_high{{ ',' if not loop.last }}
    {% endfor %}
from counted
inner join policy
    on
        policy.as_of_date = {{ last_day_described() }}
        and policy.scope_id = {{ chain_scope() }}
left join pooled
    on counted.campaign = pooled.campaign and counted.month_date = pooled.month_date
left join {{ ref('action_rules') }} as rules
    on
        counted.campaign = rules.action
        and {{ named_equal('policy', 'rules', ['as_of_date', 'ruleset', 'scope_id']) }}
