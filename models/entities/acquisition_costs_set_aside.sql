-- Rows of acquisition_costs that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
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
