-- A threshold that a model reads but nobody defined, or one defined that nobody reads.
{%- set names = [] %}
{%- for node in project_models() %}
    {%- for name in node.config.meta.get('thresholds', []) if name not in names %}
        {%- do names.append(name) %}
    {%- endfor %}
{%- endfor %}
with used as (
    select '' as threshold
    {%- for name in names %}
    union all
    select '{{ name }}' as threshold
    {%- endfor %}
),

defined as (
    select distinct threshold from {{ ref('thresholds') }}
)

select
    used.threshold as used_but_not_defined,
    defined.threshold as defined_but_not_used
from used
full outer join defined on used.threshold = defined.threshold
where (used.threshold is null or defined.threshold is null)
    and coalesce(used.threshold, '?') != ''
