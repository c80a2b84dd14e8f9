-- Customers without a day in any feed: they are known on no as-of date, so no tier
-- places them. Deliver their registered_date, or the feeds in which they show up.
{{ config(severity='warn') }}
select customer_key
from {{ ref('customer_profiles') }}
where first_contact_date is null
