-- Every pair of clinic and department that policy tells apart; '*' stands for all
-- others. One row per pair.
with told_apart (scope_type, scope_id) as (
    {% for seed in ['thresholds', 'strategies', 'triggers'] %}
        select
            scope_type,
            scope_id
        from {{ ref(seed) }}
        {{ 'union' if not loop.last }}
    {% endfor %}
),

clinics as (
    select '*' as clinic_id
    union
    select scope_id from told_apart
    where scope_type = 'clinic'
),

departments as (
    select '*' as department
    union
    select scope_id from told_apart
    where scope_type = 'department'
)

select
    clinics.clinic_id,
    departments.department,
    clinics.clinic_id || '/' || departments.department as scope_id
from clinics
cross join departments
