-- Lines of invoices; cancellations are refunds. One row per line; identical lines are
-- two items. Postage, manual entries and the like count: the customer paid for them.
{{ config(enabled='online_retail' in var('sources')) }}
select
    line_number,
    stock_code as product_id,
    quantity,
    cast(null as decimal(18, 2)) as list_amount,
    amount as net_amount,
    unparsable_column,
    raw_table,
    is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part,
    case when customer_id is not null then invoice end as order_id
from {{ ref('stg_online_retail__lines') }}
where not is_cancellation
