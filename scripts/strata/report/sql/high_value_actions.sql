-- High-value actions as last matched by the published day, the clearest first;
-- months as the curve goes.
select
    uplift.*,
    (
        select max(month_offset) from mart_action_curves as curves
        where curves.as_of_date = uplift.as_of_date
    ) as months
from mart_action_uplift as uplift
inner join published on uplift.ruleset = published.ruleset
where uplift.as_of_date = (
    select max(matched.as_of_date) from mart_action_uplift as matched
    where matched.as_of_date <= published.as_of_date
)
order by uplift.is_sample_too_small, uplift.pairs desc, uplift.action
