-- Net amounts: payments on the day of the order, refunds on their own day.
-- One row per customer with money moved and as-of date.
{{ windowed_movements('money_movements', 'amount', 'net_amount') }}
