-- Raw rows of referrals, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'referrals',
    key=['referral_id'],
    checks=[
        present('referral_id'),
        present('referrer_customer_id'),
        present('referee_customer_id'),
        present('referral_date'),
        plausible_day('referral_date'),
        distinct_from('referrer_customer_id', 'referee_customer_id'),
        known('referrer_customer_id', 'customers', 'customer_id', 'referrer_record_sk'),
        known('referee_customer_id', 'customers', 'customer_id', 'referee_record_sk'),
    ],
    told={'firm': ['referrer_customer_id', 'referee_customer_id'], 'loose': ['referral_date']}
) }}
