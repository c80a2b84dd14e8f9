-- Skin test results, valid rows only.
-- One row per source and skin_test_id.
{{ accepted('skin_tests') }}
