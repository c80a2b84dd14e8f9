-- What stands in where a customer's own is not known: the mean willingness of those who
-- answered, and what a person brought is worth: the mean value of those who bought.
-- One row per as-of date.
with willing as (
    select
        as_of_date,
        sum(latest_nps_score) / ({{ nps_scale() }} * count(*)) as mean_willingness
    from {{ ref('measures_nps') }}
    group by as_of_date
),

brought as (
    select
        conversions.as_of_date,
        sum(worth.clv_amount) / count(*) as mean_referee_value_amount
    from {{ ref('referral_conversions') }} as conversions
    inner join {{ ref('measures_value') }} as worth
        on
            conversions.referee_key = worth.customer_key
            and conversions.as_of_date = worth.as_of_date
    where conversions.is_converted
    group by conversions.as_of_date
)

select
    dates.as_of_date,
    cast(willing.mean_willingness as decimal(9, 4)) as mean_willingness,
    cast(
        coalesce(brought.mean_referee_value_amount, 0) as decimal(18, 2)
    ) as mean_referee_value_amount
from {{ ref('as_of_dates') }} as dates
left join willing on dates.as_of_date = willing.as_of_date
left join brought on dates.as_of_date = brought.as_of_date
