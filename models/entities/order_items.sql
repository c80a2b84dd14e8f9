-- Order lines, valid rows only.
-- One row per source and order_id, line_number.
{{ accepted('order_items') }}
