-- Bookings and arrivals at a clinic, valid rows only.
-- One row per source and visit_id.
{{ accepted('visits') }}
