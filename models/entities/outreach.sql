-- Campaign contacts and their responses, valid rows only.
-- One row per source and outreach_id.
{{ accepted('outreach') }}
