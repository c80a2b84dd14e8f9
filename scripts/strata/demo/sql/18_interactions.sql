-- Private domain. Each persona has its own mix; two thirds go on after their last
-- purchase and so form the silent groups of article 000. Before a first purchase most
-- people browse.
create or replace table interaction_events as
with
windows as (
    select
        people.*,
        personas.mean_events,
        dropouts.first_day,
        if(
            u(people.person_no, 'stays in domain') < 0.66,
            getvariable('end_date'),
            least(
                if(
                    people.kind = 'buyer',
                    coalesce(dropouts.dropout_day, getvariable('end_date')),
                    people.registered_date
                ) + 120,
                getvariable('end_date')
            )
        ) as last_day,
    from people
    left join personas
        on people.persona = personas.persona
    left join dropouts
        on people.person_no = dropouts.person_no
),

frequent as (
    select
        windows.person_no,
        numbers.n,
        registered_date + pick(
            u2(windows.person_no, numbers.n, 'interaction day'),
            greatest(last_day - registered_date + 1, 1)
        )::integer as day,
        persona_slots.interaction_type,
    from windows
    cross join lateral unnest(range(
        1,
        1 + least(
            60, 1 + floor(-ln(u(windows.person_no, 'interactions')) * mean_events)
        )::bigint
    )) as numbers (n)
    inner join persona_slots
        on windows.persona = persona_slots.persona
        and persona_slots.slot
            = pick(u2(windows.person_no, numbers.n, 'interaction'), 100)
    where persona_slots.persona is not null
),

browsed as (
    select
        person_no, 900 as n,
        if(archetype = 'ms_li', registered_date, greatest(
            registered_date, coalesce(first_day, registered_date) - 2
        )) as day,
        'page_view' as interaction_type,
    from windows
    where
        archetype = 'ms_li'
        or kind = 'lead'
        or u(person_no, 'browses first') < 0.3
)

select * from frequent
union all
select * from browsed;

create or replace table out_interactions as
select
    'I' || lpad(events.person_no::varchar, 9, '0') || lpad(events.n::varchar, 3, '0')
        as interaction_id,
    case
        when people.date2 <= events.day and people.system2 <> 'his' then people.id2
        else people.id1
    end as customer_id,
    events.day as interaction_date,
    events.interaction_type,
    year(events.day) as _year,
from interaction_events as events
inner join people
    on events.person_no = people.person_no
where events.day <= getvariable('end_date');

-- Persons per channel and month, kept over all chunks for the acquisition costs.
insert into channel_months
select
    out_customers.acquisition_channel,
    date_trunc('month', people.registered_date)::date,
    count(*),
from people
inner join out_customers
    on people.id1 = out_customers.customer_id
group by all;
