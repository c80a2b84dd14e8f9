-- Raw rows of surveys, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
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
    ],
    told={'firm': ['customer_id'], 'loose': ['survey_date']}
) }}
