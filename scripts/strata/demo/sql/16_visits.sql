-- Annual cards: after the card order, monthly redemptions are treatments without order.
create or replace table cards as
select
    order_lines.person_no,
    order_lines.order_no,
    order_lines.product_id,
    order_lines.department,
    order_lines.archetype,
    order_lines.day as opened_day,
    order_lines.card_sessions as sessions_total,
    product_list.cycle_days,
    if(
        order_lines.archetype = 'ms_li',
        4,
        ceil(order_lines.card_sessions * (
            0.4 + 0.75 * u2(order_lines.person_no, order_no, 'card use')
        ))
    )::integer as sessions_wanted,
from order_lines
inner join product_list
    on order_lines.product_id = product_list.product_id
where
    order_lines.is_card
    and order_lines.line_number = 1
    and order_lines.status = 'paid'
    and order_lines.day <= getvariable('end_date');

create or replace table redemptions as
with
planned as (
    select
        cards.*,
        numbers.session_no,
        opened_day + case
            when archetype = 'ms_li' then ([0, 23, 56, 86])[session_no]
            when session_no = 1 then 0
            else (session_no - 1) * cycle_days
                + pick(u2(person_no, order_no * 100 + session_no, 'card day'), 9)
        end::integer as day,
    from cards
    cross join lateral unnest(range(1, 1 + least(sessions_total, sessions_wanted)))
        as numbers (session_no)
)

select *
from planned
where
    day <= getvariable('end_date')
    and day < opened_day + 365;

create or replace table out_cards as
with
used as (
    select person_no, order_no, count(*) as sessions_used,
    from redemptions
    group by person_no, order_no
)

select
    'C' || lpad(cards.person_no::varchar, 9, '0')
    || lpad(cards.order_no::varchar, 4, '0')
        as card_id,
    people.id1 as customer_id,
    cards.product_id,
    clinics.clinic_id,
    cards.opened_day as opened_date,
    cards.opened_day + 365 as expires_date,
    cards.sessions_total,
    coalesce(used.sessions_used, 0)::integer as sessions_used,
from cards
inner join people
    on cards.person_no = people.person_no
inner join clinics
    on people.clinic_no = clinics.clinic_no
left join used
    on cards.person_no = used.person_no
    and cards.order_no = used.order_no;

-- Treatments after orders (mostly the same day, some missed and made up), follow-ups,
-- consultations before big or first purchases, skin tests, bookings near the end.
create or replace table treatments as
with
planned as (
    select
        person_no,
        order_no,
        product_id,
        category,
        department,
        archetype,
        case
            when archetype in ('ms_li', 'newcomer', 'trial_only') then 0
            when u2(person_no, order_no, 'treated at once') < 0.65 then 0
            else 1 + pick(u2(person_no, order_no, 'treatment day'), 10)
        end::integer + day as day,
        u2(person_no, order_no, 'arrival') as arrival,
    from order_lines
    where
        status = 'paid'
        and line_number = 1
        and not is_card
        and day <= getvariable('end_date')
),

attended as (
    select
        *,
        case
            when archetype in ('ms_li', 'newcomer', 'trial_only') then 'arrived'
            when arrival < 0.90 then 'arrived'
            when arrival < 0.95 then 'cancelled'
            else 'no_show'
        end as status,
    from planned
),

made_up as (
    select * from attended

    union all

    select * replace (day + 5 as day, 'arrived' as status),
    from attended
    where status <> 'arrived'

    union all

    select
        redemptions.person_no,
        redemptions.order_no * 100 + redemptions.session_no,
        redemptions.product_id,
        product_list.category,
        redemptions.department,
        redemptions.archetype,
        redemptions.day,
        0.0,
        'arrived',
    from redemptions
    inner join product_list
        on redemptions.product_id = product_list.product_id
)

select
    person_no,
    order_no,
    product_id,
    category,
    department,
    day,
    if(
        status = 'arrived'
        and archetype not in ('ms_li', 'newcomer', 'trial_only')
        and day >= getvariable('end_date') - 1
        and u2(person_no, order_no, 'booked') < 0.3,
        'booked',
        status
    ) as status,
    -- Care after medical treatments: a follow-up falls due; one in fourteen is missed.
    case category
        when 'injection' then 14 when 'energy_based' then 28
        when 'surgery' then 30 when 'dental' then 90
    end as follow_up_days,
    u2(person_no, order_no, 'follow-up kept') < 0.93 as keeps_follow_up,
from made_up
where day <= getvariable('end_date');

create or replace table visit_events as
with
happened as (
    select
        person_no, day, 'treatment' as visit_type, status, department, product_id,
        order_no * 10 + if(status = 'arrived', 1, 0) as draw_no,
        category, follow_up_days, keeps_follow_up,
    from treatments

    union all

    select
        person_no,
        day + follow_up_days
        - pick(u2(person_no, order_no, 'follow-up day'), 4)::integer,
        'follow_up', 'arrived', department, product_id, order_no * 10 + 2,
        category, null, null,
    from treatments
    where
        status = 'arrived'
        and keeps_follow_up
        and follow_up_days is not null

    union all

    select
        order_events.person_no,
        greatest(
            order_events.day
            - pick(
                u2(order_events.person_no, order_no, 'consultation day'), 10
            )::integer,
            people.registered_date
        ),
        'consultation', 'arrived', product_list.department, order_events.product_id,
        order_no * 10 + 3, product_list.category, null, null,
    from order_events
    inner join people
        on order_events.person_no = people.person_no
    inner join product_list
        on order_events.product_id = product_list.product_id
    where
        order_events.day <= getvariable('end_date')
        and order_events.archetype <> 'ms_li'
        and u2(order_events.person_no, order_no, 'consultation')
        < case
            when order_no = 1 then 0.8
            when product_list.list_price >= 10000 then 0.5
            else 0.05
        end

    union all

    select
        person_no, registered_date + (tests.n * 180)::integer, 'skin_test', 'arrived',
        'dermatology', null, 4 + tests.n, null, null, null,
    from people
    cross join lateral unnest(range(case
        when archetype = 'ms_li' then 0
        when archetype = 'lead_tested' then 1
        when archetype in ('lead_browser', 'lead_consulted') then 0
        when u(person_no, 'tested') < 0.10 then 3
        when u(person_no, 'tested') < 0.30 then 1
        else 0
    end)) as tests (n)

    union all

    select
        person_no,
        registered_date + pick(u2(person_no, visits.n, 'lead visit'), 30)::integer,
        'consultation',
        if(visits.n = 0 or u(person_no, 'lead comes') < 0.7, 'arrived', 'no_show'),
        'dermatology', null, 8 + visits.n, null, null, null,
    from people
    cross join lateral unnest(range(
        if(archetype = 'lead_consulted', 1 + pick(u(person_no, 'lead visits'), 2), 0)
    )) as visits (n)
)

select
    *,
    'V' || lpad(person_no::varchar, 9, '0') || lpad(
        row_number() over (
            partition by person_no
            order by day, visit_type, draw_no
        )::varchar, 4, '0'
    ) as visit_id,
from happened
where day <= getvariable('end_date');

create or replace table visits as
select
    visit_events.*,
    pick_id(
        people.id1, people.id2, people.id3, people.date2, people.date3,
        visit_events.day, u2(visit_events.person_no, draw_no, 'visit id')
    ) as customer_id,
    people.mood,
    people.archetype,
    case
        when u2(visit_events.person_no, draw_no, 'other clinic') < 0.93
            then people.clinic_no
        else (people.clinic_no + 1) % 6
    end as clinic_no,
from visit_events
inner join people
    on visit_events.person_no = people.person_no;

create or replace table out_visits as
select
    visits.visit_id,
    visits.customer_id,
    clinics.clinic_id,
    visits.day as visit_date,
    visits.visit_type,
    visits.status,
    visits.department,
    visits.product_id,
    year(visits.day) as _year,
from visits
inner join clinics
    on visits.clinic_no = clinics.clinic_no;

create or replace table out_treatment_outcomes as
select
    'M' || visit_id as outcome_id,
    customer_id,
    visit_id,
    day + 1 + pick(u2(person_no, draw_no, 'outcome day'), 3)::integer as outcome_date,
    u2(person_no, draw_no, 'complication')
    < if(category = 'surgery', 0.03, 0.008) as has_complication,
    day + follow_up_days as follow_up_due_date,
    keeps_follow_up and day + follow_up_days <= getvariable('end_date')
        as is_follow_up_kept,
from visits
where
    visit_type = 'treatment'
    and status = 'arrived'
    and follow_up_days is not null
    and archetype <> 'ms_li'
    and day + 4 <= getvariable('end_date')
    and u2(person_no, draw_no, 'outcome') < 0.9;
