-- The days whose features the challenger sees: the as-of date, to predict, and a year
-- before the fit date, to learn from the year between. No row where the history is too
-- short. One row per as-of date.
{{ config(materialized='table') }}
select
    as_of_date,
    fit_date,
    cast({{ dbt.dateadd('month', -12, 'fit_date') }} as date) as training_date,
    clv_feature_years
from {{ ref('clv_fits_in_use') }}
where
    has_challenger_history
    and not_usable_because is null
