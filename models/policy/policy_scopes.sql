-- Every pair of clinic and department that policy tells apart; '*' stands for all
-- others. One row per pair.
with clinics as (
    select '*' as clinic_id
    union
    select scope_id from {{ ref('thresholds') }}
    where scope_type = 'clinic'
),

departments as (
    select '*' as department
    union
    select scope_id from {{ ref('thresholds') }}
    where scope_type = 'department'
)

select
    clinics.clinic_id,
    departments.department,
    clinics.clinic_id || '/' || departments.department as scope_id
from clinics
cross join departments
