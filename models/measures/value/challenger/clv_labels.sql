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
    select
        profiles.customer_key,
        movements.order_sk as order_key,
        movements.movement_date,
        movements.amount
    from {{ ref('money_movements') }} as movements
    inner join {{ ref('customer_profiles') }} as profiles
        on movements.customer_sk = profiles.customer_sk
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
