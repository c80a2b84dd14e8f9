-- The tier models that dbt_project.yml builds (tier_models, medical_tier_models) are
-- those that tier_models.csv puts into words, and for the same eyes.
{{ config(tags=['proof']) }}
with built (model, audience) as (
    {% for audience, names in {
        'everybody': var('tier_models'), 'medical': var('medical_tier_models')
    }.items() %}
        {% set last_list = loop.last %}
        {% for name in names %}
            select
                '{{ name }}',
                '{{ audience }}'
            {{ 'union all' if not (last_list and loop.last) }}
        {% endfor %}
    {% endfor %}
)

select
    built.model as model_in_project,
    built.audience as audience_in_project,
    models.model as model_in_seed,
    models.audience as audience_in_seed
from built
full outer join {{ ref('tier_models') }} as models
    on built.model = models.model and built.audience = models.audience
where built.model is null or models.model is null
