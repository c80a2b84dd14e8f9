-- Raw acquisition costs of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'acquisition_costs'),
    columns={
        'channel': 'code',
        'month': 'date',
        'cost_amount': 'amount',
    }
) }}
