-- What came of a treatment, valid rows only.
-- One row per source and outcome_id.
{{ accepted('treatment_outcomes') }}
