-- The biggest spenders among the lost. Keys only.
select
    customer_key,
    clinic_id,
    final_tier,
    final_label_zh,
    final_label_en,
    lifecycle_tier,
    lifecycle_label_zh,
    lifecycle_label_en,
    days_since_consumption,
    net_amount_365,
    net_amount_lifetime
from valued
where is_buyer and net_amount_lifetime > 0 and lifecycle_tier = 'lost'
order by net_amount_lifetime desc, customer_key
limit $lost_rows
