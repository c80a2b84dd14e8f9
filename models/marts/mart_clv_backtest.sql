-- How well customer value was predicted in the past, by model; empty until `strata
-- backtest` has run. One row per data set, origin, horizon, model, metric and band.
select
    dataset,
    origin_date,
    horizon_days,
    model,
    metric,
    band,
    cast(figure as decimal(18, 4)) as figure,
    cast(low as decimal(18, 4)) as low,
    cast(high as decimal(18, 4)) as high,
    customers,
    note
from {{ source('audit', 'clv_backtest') }}
