-- Raw customers of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'customers'),
    columns={
        'customer_id': 'text',
        'system': 'code',
        'full_name': 'text',
        'phone': 'phone',
        'is_phone_verified': 'boolean',
        'wechat_unionid': 'text',
        'registered_date': 'date',
        'acquisition_channel': 'code',
        'home_clinic_id': 'text',
        'motivation': 'code',
    }
) }}
