-- Rows of surveys that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'surveys',
    key=['survey_id'],
    checks=[
        present('survey_id'),
        present('customer_id'),
        present('survey_date'),
        plausible_day('survey_date'),
        within('nps_score', 'max_survey_score'),
        within('csat_score', 'max_survey_score'),
        within('postop_satisfaction_score', 'max_survey_score'),
        known('customer_id', 'customers'),
    ]
) }}
