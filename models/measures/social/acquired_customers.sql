-- Through which channel and in which month a customer first showed up, and what she is
-- worth so far. One row per customer and as-of date.
select
    scopes.customer_key,
    scopes.as_of_date,
    profiles.acquisition_channel as channel,
    cast(date_trunc('month', scopes.first_contact_date) as date) as month_date,
    worth.customer_key is not null as has_bought,
    coalesce(worth.clv_amount, 0) as clv_amount
from {{ ref('customer_scopes') }} as scopes
inner join {{ ref('customer_profiles') }} as profiles
    on scopes.customer_key = profiles.customer_key
left join {{ ref('measures_value') }} as worth
    on {{ same_customer('scopes', 'worth') }}
where profiles.acquisition_channel is not null
