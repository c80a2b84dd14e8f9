-- What the challenger sees of a customer, looking back over the years that policy allows.
-- One row per feature date (to learn or to predict) and buyer.
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

purchase_days as (
    {{ clv_purchase_days(ref('clv_movements'), 'feature_dates', 'feature_date') }}
),

recent as (
    select
        days.*,
        date_diff('day', days.purchase_date, days.feature_date) as days_ago
    from purchase_days as days
    inner join feature_dates as dates on days.feature_date = dates.feature_date
    where
        days.purchase_date > {{ dbt.dateadd(
            'year', '-cast(dates.clv_feature_years as integer)', 'dates.feature_date'
        ) }}
)

{{ clv_features('recent', 'feature_date') }}
