-- High-value actions on the published day, the clearest first; months as the curve goes.
select
    uplift.*,
    (
        select max(month_offset) from mart_action_curves as curves
        where curves.as_of_date = uplift.as_of_date
    ) as months
from mart_action_uplift as uplift
inner join published
    on uplift.as_of_date = published.as_of_date
    and uplift.ruleset = published.ruleset
order by uplift.is_sample_too_small, uplift.pairs desc, uplift.action
