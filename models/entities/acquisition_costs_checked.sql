-- Raw rows of acquisition_costs, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'acquisition_costs',
    key=['channel', 'month'],
    checks=[
        present('channel'),
        present('month'),
        present('cost_amount'),
        plausible_day('month'),
        plausible_amount('cost_amount', 'max_channel_cost'),
    ]
) }}
