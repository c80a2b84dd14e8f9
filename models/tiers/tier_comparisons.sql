-- What every rung asks beside what the customer has, with her tier and the next one.
-- One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
select
    compared.*,
    customers.tier,
    aims.next_tier
from {{ ref('tier_membership') }} as customers
inner join {{ ref('tier_aims') }} as aims
    on customers.model = aims.model and customers.tier = aims.tier
inner join {{ ref('tier_values') }} as compared
    on {{ same_placement('customers', 'compared') }} and customers.model = compared.model
