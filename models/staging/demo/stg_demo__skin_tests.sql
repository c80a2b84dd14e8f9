-- Raw skin tests of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'skin_tests'),
    columns={
        'skin_test_id': 'text',
        'customer_id': 'text',
        'test_date': 'date',
        'moisture_pct': 'number',
        'pigmentation_pct': 'number',
        'collagen_density_pct': 'number',
        'uv_damage_index': 'number',
        'skin_problem_index': 'number',
    }
) }}
