-- What a customer spent in the year before the fit date: what the challenger learns.
-- One row per fit date and customer who spent.
{{ config(materialized='table') }}
with fit_dates as (
    select distinct
        fit_date,
        training_date
    from {{ ref('clv_challenger_dates') }}
),

money as (
    {{ money_by_key() }}
),

purchase_days as (
    {{ clv_purchase_days('money', 'fit_dates', 'fit_date') }}
),

dated as (
    select
        bought.*,
        dates.training_date
    from purchase_days as bought
    inner join fit_dates as dates on bought.fit_date = dates.fit_date
)

{{ clv_labels('dated', 'fit_date', 'training_date') }}
