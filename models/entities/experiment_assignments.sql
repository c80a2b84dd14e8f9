-- Who is in which arm of which experiment, valid rows only.
-- One row per source and experiment_id, customer_id.
{{ accepted('experiment_assignments') }}
