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
        one_of('visits', 'visit_type'),
        one_of('visits', 'status'),
        known('customer_id', 'customers'),
    ],
    told={'firm': ['customer_id', 'clinic_id'], 'loose': ['visit_date']}
) }}
