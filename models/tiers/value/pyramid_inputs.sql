-- Where a customer stands in the order of gross profit: which share of it, or of the
-- buyers, comes before her (var pyramid_top_by); equals stand alike.
-- One row per customer, as-of date and rule set; null for those without profit or loss.
{{ config(meta={'recompute': 'everything'}) }}
with policy as (
    {{ policy_columns([]) }}
),

ordered as (
    select
        *,
        greatest(profit_amount, 0) as earned_amount,
        rank() over (
            partition by as_of_date, ruleset
            order by profit_amount desc
        ) - 1 as buyers_before
    from {{ ref('pyramid_profits') }}
),

totals as (
    select
        *,
        sum(earned_amount) over (
            partition by as_of_date, ruleset
            order by profit_amount desc
        ) - sum(earned_amount) over (
            partition by as_of_date, ruleset, profit_amount
        ) as earned_before,
        sum(earned_amount) over (partition by as_of_date, ruleset) as earned_by_all,
        count(*) over (partition by as_of_date, ruleset) as buyers
    from ordered
),

shares as (
    select
        *,
        {{ share_cut_off('earned_before', 'nullif(earned_by_all, 0)') }}
            as profit_share_before,
        {{ share_cut_off('buyers_before', 'buyers') }} as buyers_share_before
    from totals
)

select
    scopes.customer_key,
    scopes.as_of_date,
    policy.ruleset,
    scopes.scope_id,
    shares.profit_amount,
    shares.profit_share_before,
    shares.{{ var('pyramid_top_by') }}_share_before as top_share_before,
    shares.top_share_limit
from {{ ref('customer_scopes') }} as scopes
inner join policy on {{ policy_of('scopes') }}
left join shares
    on {{ same_customer('scopes', 'shares') }} and policy.ruleset = shares.ruleset
