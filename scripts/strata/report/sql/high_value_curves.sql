-- The two curves of each high-value action on the published day.
select curves.*
from mart_action_curves as curves
inner join published
    on curves.as_of_date = published.as_of_date
    and curves.ruleset = published.ruleset
order by curves.action, curves.month_offset
