-- Purchase histories on the month ends, from which the models are fitted; a view, read
-- for the month ends only whose fit is due. One row per buyer and fit date.
{{ config(materialized='view') }}
with fit_dates as (
    select distinct fit_date from {{ ref('clv_fit_dates') }}
),

purchase_days as (
    {{ clv_purchase_days(
        ref('money_movements'), 'fit_dates', 'fit_date', 'customer_sk', 'order_sk'
    ) }}
)

{{ clv_histories('purchase_days', 'fit_date', 'customer_sk') }}
