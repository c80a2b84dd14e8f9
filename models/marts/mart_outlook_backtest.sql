-- How the forecast of revenue and the churn probability did in the past, model by model;
-- the one in use is marked. One row per subject, clinic ('*': all), model, metric and band.
{% for subject, relation, clinic, day, others in [
    ('revenue', ref('revenue_outlooks'), 'clinic_id', 'origin_date', "kind = 'figure'"),
    ('churn', ref('churn_fits'), "'*'", 'fit_date', "metric != 'model'"),
] %}
    select
        '{{ subject }}' as subject,
        '{{ var("ruleset") }}' as ruleset,
        {{ clinic }} as clinic_id,
        {{ day }} as fit_date,
        model,
        is_used,
        metric,
        band,
        cast(figure as decimal(18, 4)) as figure,
        cases
    from {{ relation }}
    where {{ others }}
    {{ 'union all' if not loop.last }}
{% endfor %}
