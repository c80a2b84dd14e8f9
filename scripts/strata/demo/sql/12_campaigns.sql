-- Outreach: four campaigns a year by SMS, WeCom or telephone. Those who still belong
-- respond more often; part of the responders buy at once (campaign ROI).
create or replace table campaigns as
select
    row_number() over (order by day) as campaign_no,
    theme || '_' || year(day) as campaign,
    day as campaign_day,
from (
    select
        themes.theme,
        make_date(years.y::integer, themes.m, themes.d) as day,
    from range(
        year(getvariable('start_date')), year(getvariable('end_date')) + 1
    ) as years (y)
    cross join (values
        ('spring_renewal', 3, 12),
        ('mid_year_618', 6, 6),
        ('autumn_care', 9, 8),
        ('double_11', 11, 2)
    ) as themes (theme, m, d)
) as planned
where day between getvariable('start_date') + 90 and getvariable('end_date') - 5;

create or replace table contacts as
with
contacted as (
    select
        people.person_no,
        people.archetype,
        campaigns.campaign_no,
        campaigns.campaign,
        campaigns.campaign_day
        + pick(u2(people.person_no, campaigns.campaign_no, 'contact day'), 5)::integer
            as contact_day,
        u2(people.person_no, campaigns.campaign_no, 'contact channel') as channel_u,
        dropouts.first_day,
        dropouts.dropout_day,
    from people
    cross join campaigns
    left join dropouts
        on people.person_no = dropouts.person_no
    where
        people.registered_date < campaigns.campaign_day
        and people.archetype <> 'ms_li'
        and u2(people.person_no, campaigns.campaign_no, 'contacted') < 0.16
),

priced as (
    select
        *,
        case
            when channel_u < 0.5 then 'sms'
            when channel_u < 0.85 then 'wecom'
            else 'phone'
        end as contact_channel,
        first_day < contact_day
        and coalesce(dropout_day > contact_day, true) as is_alive,
    from contacted
),

answered as (
    select
        *,
        contact_day + pick(u2(person_no, campaign_no, 'answer day'), 11)::integer
            as answer_day,
        u2(person_no, campaign_no, 'answer')
        < case contact_channel when 'sms' then 0.05 when 'wecom' then 0.13 else 0.22 end
        * case when is_alive then 1.7 when first_day is null then 0.8 else 0.35 end
            as would_answer,
    from priced
)

select
    *,
    would_answer and answer_day <= getvariable('end_date') as has_responded,
from answered;

-- Experiments: the linked item 48 h after treatment works for those with three or more
-- purchases and for nobody else; the visit gift works for the dormant.
create or replace table assignments as
with
experiments as (
    select * from (values
        (1, 'exp_linked_item_48h', getvariable('end_date') - 200),
        (2, 'exp_dormant_gift', getvariable('end_date') - 110)
    ) as planned (experiment_no, experiment_id, assigned_day)
),

histories as (
    select
        steps.person_no,
        experiments.experiment_no,
        count(*) as purchases_before,
        max(steps.day) as last_day,
    from steps
    inner join experiments
        on steps.day < experiments.assigned_day
    group by steps.person_no, experiments.experiment_no
)

select
    people.person_no,
    experiments.*,
    if(
        u2(people.person_no, experiments.experiment_no, 'arm') < 0.5,
        'treatment',
        'control'
    ) as arm,
    u2(people.person_no, experiments.experiment_no, 'converts')
    < case
        when u2(people.person_no, experiments.experiment_no, 'arm') >= 0.5 then 0.01
        when experiments.experiment_no = 1 and histories.purchases_before >= 3 then 0.28
        when experiments.experiment_no = 2 and last_day < assigned_day - 180 then 0.15
        else 0.015
    end as has_converted,
from histories
inner join people
    on histories.person_no = people.person_no
inner join experiments
    on histories.experiment_no = experiments.experiment_no
where u2(people.person_no, experiments.experiment_no, 'enrolled') < 0.4;

create or replace table out_outreach as
select
    'T' || lpad(contacts.person_no::varchar, 9, '0')
    || lpad(contacts.campaign_no::varchar, 3, '0') as outreach_id,
    pick_id(
        people.id1, people.id2, people.id3, people.date2, people.date3,
        contacts.contact_day,
        u2(contacts.person_no, contacts.campaign_no, 'outreach id')
    ) as customer_id,
    contacts.contact_day as contact_date,
    contacts.campaign,
    contacts.contact_channel,
    yuan(
        case contact_channel when 'sms' then 5 when 'wecom' then 30 else 800 end
    ) as cost_amount,
    contacts.has_responded,
    case when contacts.has_responded then contacts.answer_day end as response_date,
from contacts
inner join people
    on contacts.person_no = people.person_no;

create or replace table out_experiment_assignments as
select
    assignments.experiment_id,
    people.id1 as customer_id,
    assignments.arm,
    assignments.assigned_day as assigned_date,
from assignments
inner join people
    on assignments.person_no = people.person_no;
