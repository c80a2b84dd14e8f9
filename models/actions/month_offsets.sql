-- Months before and after a day, as far as a curve may ever reach: five years.
-- One row per month.
select cast(months.month_offset as integer) as month_offset
from (
    values
    {% for month in range(-60, 61) %}
        ({{ month }}){{ ',' if not loop.last }}
    {% endfor %}
) as months (month_offset)
