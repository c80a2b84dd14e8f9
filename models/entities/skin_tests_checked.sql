-- Raw rows of skin_tests, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'skin_tests',
    key=['skin_test_id'],
    checks=[
        present('skin_test_id'),
        present('customer_id'),
        present('test_date'),
        plausible_day('test_date'),
        within('moisture_pct', 'max_percentage'),
        within('pigmentation_pct', 'max_percentage'),
        within('collagen_density_pct', 'max_percentage'),
        within('uv_damage_index', 'max_index'),
        within('skin_problem_index', 'max_index'),
        known('customer_id', 'customers'),
    ],
    told={'firm': ['customer_id'], 'loose': ['test_date']}
) }}
