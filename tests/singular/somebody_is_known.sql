-- Nobody is known on the as-of date: the data begin later, or every customer was set
-- aside. Choose a later day, or look at entities.rejected_rows.
with known as (
    select distinct as_of_date from {{ ref('customer_measures') }}
),

beginning as (
    select min(first_contact_date) as data_begin_on
    from {{ ref('customer_profiles') }}
)

select
    dates.as_of_date,
    beginning.data_begin_on
from {{ ref('as_of_dates') }} as dates
cross join beginning
left join known on dates.as_of_date = known.as_of_date
where known.as_of_date is null
