-- The two curves of each high-value action as last matched by the published day.
select curves.*
from mart_action_curves as curves
inner join published on curves.ruleset = published.ruleset
where curves.as_of_date = (
    select max(matched.as_of_date) from mart_action_uplift as matched
    where matched.as_of_date <= published.as_of_date
)
order by curves.action, curves.month_offset
