-- Raw rows of visits, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'visits',
    key=['visit_id'],
    checks=[
        present('visit_id'),
        present('customer_id'),
        present('visit_date'),
        present('status'),
        plausible_day('visit_date', unless="staged.status in ('booked', 'cancelled')"),
        one_of('visit_type', ['consultation', 'treatment', 'follow_up', 'skin_test']),
        one_of('status', ['arrived', 'booked', 'cancelled', 'no_show']),
        known('customer_id', 'customers'),
    ],
    told={'firm': ['customer_id', 'clinic_id'], 'loose': ['visit_date']}
) }}
