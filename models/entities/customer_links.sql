-- Explicit statements that two customer records are one person, valid rows only.
-- One row per source and link_id.
{{ accepted('customer_links') }}
