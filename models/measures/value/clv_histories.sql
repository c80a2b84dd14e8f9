-- Purchase histories on the as-of date, which the fitted models score.
-- One row per buyer and as-of date.
with purchase_days as (
    {{ clv_purchase_days(ref('clv_movements'), ref('as_of_dates'), 'as_of_date') }}
)

{{ clv_histories('purchase_days', 'as_of_date') }}
