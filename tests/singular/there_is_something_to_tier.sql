-- No order, no visit and no referral was accepted: there is no business day to describe. Look at
-- entities.rejected_rows for the reasons, or load the missing files.
select 'no accepted order, visit or referral: strata check tells why' as problem
from {{ ref('as_of_dates') }}
where as_of_date is null
