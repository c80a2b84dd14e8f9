-- The fit that serves an as-of date: the newest month end's that succeeded, if it
-- rests on enough customers; with the policy of that day. Where no month end has a fit of
-- amounts (all alike, say), purchases alone are fitted: p, q, v are null.
-- One row per as-of date.
{{ config(materialized='table') }}
with policy as (
    {{ policy_row([
        'clv_min_customers', 'clv_min_repeat_customers', 'clv_horizon_months',
        'clv_interval_share', 'clv_blend_share', 'clv_challenger_min_history_months',
        'clv_feature_years',
    ]) }}
),

fits as (
    select
        dates.as_of_date,
        dates.fit_date,
        dates.attempt,
        purchases.customers,
        purchases.repeat_customers,
        purchases.first_purchase_date,
        {{ columns_of('purchases', ['r', 'alpha', 'a', 'b']) }},
        {% for name in ['p', 'q', 'v'] %}
            case when spend.is_converged then spend.{{ name }} end as {{ name }},
        {% endfor %}
        row_number() over (
            partition by dates.as_of_date
            order by spend.is_converged desc, dates.attempt asc
        ) as precedence
    from {{ ref('clv_fit_dates') }} as dates
    inner join {{ ref('clv_parameters') }} as purchases
        on dates.fit_date = purchases.fit_date and purchases.model = 'mbg_nbd'
    inner join {{ ref('clv_parameters') }} as spend
        on dates.fit_date = spend.fit_date and spend.model = 'gamma_gamma'
    where purchases.is_converged
)

select
    policy.*,
    fits.fit_date,
    fits.attempt,
    {{ columns_of('fits', ['r', 'alpha', 'a', 'b', 'p', 'q', 'v']) }},
    case
        when fits.fit_date is null then 'no_fit'
        when fits.customers < policy.clv_min_customers then 'too_few_customers'
        when fits.repeat_customers < policy.clv_min_repeat_customers
            then 'too_few_repeat_customers'
    end as not_usable_because,
    coalesce(
        {{ dbt.dateadd(
            'month', 'cast(policy.clv_challenger_min_history_months as integer)',
            'fits.first_purchase_date'
        ) }} <= fits.fit_date,
        false
    ) as has_challenger_history
from policy
left join fits on policy.as_of_date = fits.as_of_date and fits.precedence = 1
where
    policy.scope_id = {{ chain_scope() }}
    and policy.ruleset = '{{ var("ruleset") }}'
