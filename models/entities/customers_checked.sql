-- Raw rows of customers, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'customers',
    key=['customer_id'],
    surrogate='record_sk',
    checks=[
        present('customer_id'),
        plausible_day('registered_date'),
        one_of('customers', 'motivation'),
    ],
    told={'person': ['full_name', 'phone', 'registered_date', 'home_clinic_id']}
) }}
