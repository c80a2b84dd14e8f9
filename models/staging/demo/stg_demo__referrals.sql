-- Raw referrals of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'referrals'),
    columns={
        'referral_id': 'text',
        'referrer_customer_id': 'text',
        'referee_customer_id': 'text',
        'referral_date': 'date',
    }
) }}
