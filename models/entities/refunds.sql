-- Money given back, valid rows only.
-- One row per source and refund_id.
{{ accepted('refunds', {'refund_amount': 'allowed_amount'}) }}
