-- The salon's list of cancellations, typed. One row per raw row.
{{ stage(
    source('salon', 'salon_cancellations'),
    columns={
        'customer_id': 'id from Code',
        'visit_date': 'date from Booking Date',
        'cancelled_date': 'date from Cancel Date',
        'service_code': 'id from Service',
        'staff_name': 'text from Staff',
    },
    date_formats=['%m/%d/%Y']
) }}
