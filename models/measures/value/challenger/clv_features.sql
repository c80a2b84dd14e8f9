-- What the challenger sees of a customer, looking back over the years that policy
-- allows. One row per feature date (to learn or to predict) and buyer.
{{ config(materialized='table') }}
with feature_dates as (
    select
        as_of_date as feature_date,
        clv_feature_years
    from {{ ref('clv_challenger_dates') }}
    union
    select
        training_date as feature_date,
        clv_feature_years
    from {{ ref('clv_challenger_dates') }}
),

money as (
    {{ money_by_key() }}
),

purchase_days as (
    {{ clv_purchase_days('money', 'feature_dates', 'feature_date') }}
),

recent as (
    select
        bought.*,
        {{ days_between('bought.purchase_date', 'bought.feature_date') }} as days_ago
    from purchase_days as bought
    inner join feature_dates as dates on bought.feature_date = dates.feature_date
    where
        bought.purchase_date > {{ dbt.dateadd(
            'year', '-cast(dates.clv_feature_years as integer)', 'dates.feature_date'
        ) }}
)

{{ clv_features('recent', 'feature_date') }}
