-- Order headers, valid rows only.
-- One row per source and order_id.
{{ accepted('orders') }}
