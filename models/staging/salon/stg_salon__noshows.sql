-- The salon's list of no-shows, typed. One row per raw row.
{{ stage(
    source('salon', 'salon_noshows'),
    columns={
        'customer_id': 'id from Code',
        'visit_date': 'date from Date',
        'service_code': 'id from Service',
        'staff_name': 'text from Staff',
    },
    date_formats=['%m/%d/%Y']
) }}
