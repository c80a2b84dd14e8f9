-- Mean difference of the pairs in the months after, with its interval (Student's t),
-- robust to matched customers who serve several pairs (one each: paired t).
-- One row per matched day and action that is looked at.
-- depends_on: {{ ref('action_curves') }}
{{ config(
    materialized='incremental', incremental_strategy='delete+insert',
    unique_key='as_of_date', full_refresh=false) }}
with policy as (
    {{ active_policy(['hva_months_after', 'hva_confidence_z', 'hva_min_pairs']) }}
),

afterwards as (
    select
        as_of_date,
        action,
        pair_sk,
        sum(case when is_taker then amount else -amount end) as difference_amount
    from {{ ref('action_pair_months') }}
    where month_offset > 0
    group by as_of_date, action, pair_sk
),

-- Pairs with the same matched customer are not independent: one cluster.
clusters as (
    select
        pairs.as_of_date,
        pairs.action,
        pairs.match_sk,
        count(*) as pairs,
        sum(case when pairs.width = 1 then 1 else 0 end) as pairs_same_clinic,
        sum(
            case
                when {{ month_offset('pairs.match_date', 'pairs.match_action_date') }}
                    <= policy.hva_months_after then 1
                else 0
            end
        ) as matches_who_followed,
        cast(coalesce(sum(afterwards.difference_amount), 0) as decimal(18, 2))
            as difference_amount
    from {{ ref('action_pairs') }} as pairs
    inner join policy
        on
            pairs.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
    left join afterwards
        on
            pairs.as_of_date = afterwards.as_of_date
            and pairs.action = afterwards.action
            and pairs.customer_sk = afterwards.pair_sk
    group by pairs.as_of_date, pairs.action, pairs.match_sk
),

summed as (
    select
        as_of_date,
        action,
        count(*) as matched_customers,
        nullif(count(*) - 1, 0) as df,
        sum(pairs) as pairs,
        sum(pairs_same_clinic) as pairs_same_clinic,
        sum(matches_who_followed) as matches_who_followed,
        sum(difference_amount) as difference_amount,
        cast(sum(difference_amount) as double) / sum(pairs) as mean,
        -- Squares of decimals keep 18 digits unless one of them is wider.
        sum(cast(difference_amount as decimal(38, 2)) * difference_amount) as squares,
        sum(difference_amount * pairs) as products,
        sum(pairs * pairs) as pair_squares
    from clusters
    group by as_of_date, action
),

measured as (
    select
        summed.*,
        {{ t_quantile('policy.hva_confidence_z', 'summed.df') }}
        * sqrt(
            greatest(
                summed.squares
                - 2 * summed.mean * summed.products
                + power(summed.mean, 2) * summed.pair_squares,
                0
            )
            * summed.matched_customers / summed.df
        )
        / summed.pairs as half_width
    from summed
    inner join policy
        on
            summed.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
)

select
    draws.as_of_date,
    policy.ruleset,
    draws.action,
    draws.customers_taken,
    draws.takers_one_in,
    draws.candidates_one_in,
    coalesce(measured.pairs, 0) as pairs,
    coalesce(measured.matched_customers, 0) as matched_customers,
    coalesce(measured.pairs_same_clinic, 0) as pairs_same_clinic,
    coalesce(measured.matches_who_followed, 0) as matches_who_followed,
    {{ exact_ratio('measured.difference_amount', 'measured.pairs', 2) }}
        as uplift_amount,
    cast(measured.mean - measured.half_width as decimal(18, 2)) as uplift_low_amount,
    cast(measured.mean + measured.half_width as decimal(18, 2)) as uplift_high_amount,
    coalesce(measured.matched_customers, 0) < policy.hva_min_pairs
        as is_sample_too_small,
    {{ run_moment() }} as matched_at
from {{ ref('action_draws') }} as draws
inner join policy
    on
        draws.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
left join measured
    on
        draws.as_of_date = measured.as_of_date
        and draws.action = measured.action
