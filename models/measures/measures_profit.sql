-- Gross profit: net amount less cost. One row per customer with money moved and as-of
-- date.
{{ windowed_movements('profit_movements', 'profit_amount', 'gross_profit') }}
