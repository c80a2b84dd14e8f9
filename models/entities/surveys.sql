-- Answers to surveys, valid rows only.
-- One row per source and survey_id.
{{ accepted('surveys') }}
