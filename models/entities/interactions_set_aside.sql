-- Rows of interactions that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'interactions',
    key=['interaction_id'],
    checks=[
        present('interaction_id'),
        present('customer_id'),
        present('interaction_date'),
        present('interaction_type'),
        plausible_day('interaction_date'),
        one_of('interaction_type', ['page_view', 'live_watch', 'live_chat', 'community_post', 'coupon_claimed', 'coupon_used']),
        known('customer_id', 'customers'),
    ]
) }}
