-- Who brought which customer, valid rows only.
-- One row per source and referral_id.
{{ accepted('referrals') }}
