-- Rows of referrals that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'referrals',
    key=['referral_id'],
    checks=[
        present('referral_id'),
        present('referrer_customer_id'),
        present('referee_customer_id'),
        present('referral_date'),
        plausible_day('referral_date'),
        distinct_from('referrer_customer_id', 'referee_customer_id'),
        known('referrer_customer_id', 'customers', 'customer_id'),
        known('referee_customer_id', 'customers', 'customer_id'),
    ]
) }}
