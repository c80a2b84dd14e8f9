-- Today's actions by clinic and owner: how many, the money at stake, and the three commonest.
with listed as (
    select actions.*
    from mart_action_list as actions
    inner join published
        on actions.as_of_date = published.as_of_date and actions.ruleset = published.ruleset
),

counted as (
    select
        clinic_id, owner, any_value(owner_label_zh) as owner_label_zh,
        any_value(owner_label_en) as owner_label_en, label_zh, label_en, count(*) as actions
    from listed
    group by clinic_id, owner, label_zh, label_en
),

sums as (
    select clinic_id, owner, count(*) as actions, sum(stake_amount) as stake_amount
    from listed
    group by clinic_id, owner
)

select
    sums.clinic_id, sums.owner, any_value(counted.owner_label_zh) as label_zh,
    any_value(counted.owner_label_en) as label_en, sums.actions, sums.stake_amount,
    list(
        {'label_zh': counted.label_zh, 'label_en': counted.label_en,
            'actions': counted.actions}
        order by counted.actions desc, counted.label_en
    )[:3] as commonest
from sums
inner join counted
    on sums.clinic_id = counted.clinic_id and sums.owner = counted.owner
group by sums.clinic_id, sums.owner, sums.actions, sums.stake_amount
order by sums.clinic_id, sums.actions desc, sums.owner
