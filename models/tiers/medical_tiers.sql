{% for m in var('tier_models') %}
-- depends_on: {{ ref('tier_' ~ m) }}
{% endfor %}
select 1 as x
