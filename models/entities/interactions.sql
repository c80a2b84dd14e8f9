-- Private-domain touches: page views, live streams, community, coupons, valid rows
-- only.
-- One row per source and interaction_id.
{{ accepted('interactions') }}
