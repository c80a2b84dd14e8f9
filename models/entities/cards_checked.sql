-- Raw rows of cards, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'cards',
    key=['card_id'],
    checks=[
        present('card_id'),
        present('customer_id'),
        present('opened_date'),
        plausible_day('opened_date'),
        in_sequence('staged.opened_date', 'staged.expires_date', 'expires_date'),
        plausible_amount('sessions_total', 'max_quantity'),
        plausible_amount('sessions_used', 'max_quantity'),
        known('customer_id', 'customers'),
    ],
    told={'firm': ['customer_id'], 'loose': ['opened_date']}
) }}
