-- Mean difference of the pairs with its interval (Student's t), robust to matched
-- customers who serve several pairs; with one pair each it is the paired t interval.
-- One row per as-of date and action with pairs.
with policy as (
    {{ active_policy(['hva_confidence_z']) }}
),

summed as (
    select
        as_of_date,
        action,
        count(*) as matched_customers,
        sum(pairs) as pairs,
        sum(taken_amount) / sum(pairs) as after_taken_amount,
        sum(matched_amount) / sum(pairs) as after_matched_amount,
        cast(sum(difference_amount) as double) / sum(pairs) as uplift_amount,
        -- Squares of decimals keep 18 digits unless one of them is wider.
        sum(cast(difference_amount as decimal(38, 2)) * difference_amount) as squares,
        sum(difference_amount * pairs) as products,
        sum(pairs * pairs) as pair_squares
    from {{ ref('action_differences') }}
    group by as_of_date, action
),

spread as (
    select
        *,
        nullif(matched_customers - 1, 0) as degrees_of_freedom,
        greatest(
            squares
            - 2 * uplift_amount * products
            + power(uplift_amount, 2) * pair_squares,
            0
        ) as spread_of_clusters
    from summed
),

measured as (
    select
        spread.*,
        {{ t_quantile('policy.hva_confidence_z', 'spread.degrees_of_freedom') }}
        * sqrt(
            spread.spread_of_clusters
            * spread.matched_customers
            / spread.degrees_of_freedom
        )
        / spread.pairs as half_width
    from spread
    inner join policy
        on
            spread.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
)

select
    *,
    uplift_amount - half_width as uplift_low_amount,
    uplift_amount + half_width as uplift_high_amount
from measured
