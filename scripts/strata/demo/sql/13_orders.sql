-- Every order: the process itself, upgrades on site, campaign and experiment orders,
-- and Ms Li's four. Days after the end date exist only for the truth file.
create or replace table order_events as
with
happened as (
    select person_no, day, 1 as source_no, step_no, product_id, is_card,
    from steps

    union all

    -- 升单: the day's treatment leads to a second, linked order.
    select
        steps.person_no, steps.day, 2, steps.step_no, product_list.linked_id, false,
    from steps
    inner join people
        on steps.person_no = people.person_no
    inner join product_list
        on steps.product_id = product_list.product_id
    where
        u2(steps.person_no, steps.step_no, 'upgrade') < 0.05
        and people.archetype not in ('newcomer', 'trial_only', 'bargain')

    union all

    select
        contacts.person_no, contacts.answer_day, 3, contacts.campaign_no,
        coalesce(nullif(steps.product_id, card_products.product_id), 'P101'), false,
    from contacts
    inner join people
        on contacts.person_no = people.person_no
    inner join steps
        on contacts.person_no = steps.person_no
        and steps.step_no = 1
    inner join card_products
        on people.main_category = card_products.category
    where
        contacts.has_responded
        and contacts.is_alive
        and people.archetype not in ('newcomer', 'trial_only')
        and u2(contacts.person_no, contacts.campaign_no, 'campaign order') < 0.4

    union all

    select
        assignments.person_no,
        assignments.assigned_day
        + 1
        + pick(u2(assignments.person_no, experiment_no, 'experiment day'), 28)::integer,
        4,
        assignments.experiment_no,
        if(experiment_no = 1, 'P201', 'P002'),
        false,
    from assignments
    inner join people
        on assignments.person_no = people.person_no
    where
        assignments.has_converted
        and people.archetype <> 'trial_only'

    union all

    -- Ms Li (article 001 §02-03): trial, card, fillers, and the big upgrade.
    select
        person_no, getvariable('li_date') + story.day_no, 5, story.order_no,
        story.product_id, story.is_card,
    from people
    cross join (values
        (1, 5, 'P501', false),
        (2, 9, 'P504', true),
        (3, 32, 'P105', false),
        (4, 95, 'P303', false)
    ) as story (order_no, day_no, product_id, is_card)
    where people.archetype = 'ms_li'
)

select
    happened.*,
    row_number() over (
        partition by happened.person_no
        order by happened.day, happened.source_no, happened.step_no
    ) as order_no,
    people.archetype,
    people.is_price_sensitive,
    people.spend_factor,
    case
        when happened.source_no <> 1 then 'paid'
        when people.archetype_no <= 9 or people.archetype = 'newcomer' then 'paid'
        when u2(happened.person_no, happened.step_no, 'status') < 0.94 then 'paid'
        when u2(happened.person_no, happened.step_no, 'status') < 0.98 then 'cancelled'
        else 'pending'
    end as status,
from happened
inner join people
    on happened.person_no = people.person_no;

create or replace table order_lines as
with
lines as (
    select *, 1 as line_number, false as is_gift,
    from order_events

    union all

    -- A linked item on the same order (cross-sell); Ms Li's are told by the article.
    select
        order_events.* replace (
            case
                when order_events.source_no = 5 and order_events.step_no = 4 then 'P304'
                when order_events.source_no = 5 then 'P104'
                else product_list.linked_id
            end as product_id
        ),
        2 as line_number,
        u2(person_no, order_no, 'gift') < 0.12
        and source_no <> 5 as is_gift,
    from order_events
    inner join product_list
        on order_events.product_id = product_list.product_id
    where
        case
            when source_no = 5 then step_no >= 3
            when archetype in ('newcomer', 'bargain') then false
            else u2(person_no, order_no, 'second line') < 0.22
        end
),

priced as (
    select
        lines.*,
        lines.order_no * 10 + lines.line_number as draw_no,
        product_list.category,
        product_list.department,
        product_list.list_price,
        product_list.card_sessions,
        -- Spend is log-normal: more millilitres, more areas.
        case
            when lines.is_gift or lines.source_no = 5 or product_list.card_sessions > 0
                or lines.archetype in ('bargain', 'newcomer')
                or product_list.category in ('surgery', 'dental')
                then 1
            else clip(
                round(lines.spend_factor * exp(0.3 * z2(
                    lines.person_no, lines.order_no * 10 + lines.line_number, 'quantity'
                ))),
                1,
                5
            )::integer
        end as quantity,
        (month(day) = 6 and day(day) between 8 and 18)
        or (month(day) = 11 and day(day) <= 11) as is_sale,
    from lines
    inner join product_list
        on lines.product_id = product_list.product_id
),

discounted as (
    select
        *,
        case
            when is_gift then 1.0
            when
                u2(person_no, order_no, 'discount')
                < if(is_price_sensitive, 0.75, 0.18) + if(is_sale, 0.2, 0)
                then if(
                    is_price_sensitive,
                    0.15 + 0.30 * u2(person_no, draw_no, 'depth'),
                    0.03 + 0.17 * u2(person_no, draw_no, 'depth')
                )
            else 0.0
        end as discount,
    from priced
)

select
    * exclude (list_price, discount, is_sale),
    list_price::bigint * quantity * 100 as list_cents,
    round(list_price * quantity * 10 * (1 - discount))::bigint * 10 as net_cents,
    discount > 0 as is_discounted,
    -- Three in a hundred paid lines are refunded, half of them in part.
    status = 'paid'
    and source_no <> 5
    and not is_gift
    and archetype not in ('strategic', 'super_customer', 'newcomer')
    and u2(person_no, draw_no, 'refund') < 0.03 as is_refunded,
from discounted;

create or replace table out_orders as
select
    'O' || lpad(order_events.person_no::varchar, 9, '0')
    || lpad(order_events.order_no::varchar, 4, '0') as order_id,
    pick_id(
        people.id1, people.id2, people.id3, people.date2, people.date3,
        order_events.day, u2(order_events.person_no, order_events.order_no, 'order id')
    ) as customer_id,
    clinics.clinic_id,
    order_events.day as order_date,
    order_events.status,
    year(order_events.day) as _year,
from order_events
inner join people
    on order_events.person_no = people.person_no
inner join clinics
    on clinics.clinic_no = case
        when u2(order_events.person_no, order_events.order_no, 'other clinic') < 0.92
            then people.clinic_no
        else (people.clinic_no + 1) % 6
    end
where order_events.day <= getvariable('end_date');

create or replace table out_order_items as
select
    'O' || lpad(person_no::varchar, 9, '0') || lpad(order_no::varchar, 4, '0')
        as order_id,
    line_number,
    product_id,
    quantity,
    yuan(list_cents) as list_amount,
    yuan(net_cents) as net_amount,
    year(day) as _year,
from order_lines
where day <= getvariable('end_date');

create or replace table out_refunds as
with
first_refunds as (
    select
        *,
        day + 2 + pick(u2(person_no, draw_no, 'refund day'), 44)::integer as refund_day,
        if(
            u2(person_no, draw_no, 'refund share') < 0.5,
            net_cents,
            net_cents * (2 + pick(u2(person_no, draw_no, 'refund part'), 6)) // 100 * 10
        ) as refund_cents,
    from order_lines
    where is_refunded
),

all_refunds as (
    select *, 1 as refund_no,
    from first_refunds

    union all

    -- Now and then a second part follows; together never more than was paid.
    select
        * replace (
            refund_day + 9 as refund_day,
            net_cents // 1000 * 100 as refund_cents
        ),
        2 as refund_no,
    from first_refunds
    where
        refund_cents < net_cents
        and u2(person_no, draw_no, 'second refund') < 0.2
)

select
    'R' || lpad(person_no::varchar, 9, '0') || lpad(draw_no::varchar, 5, '0')
    || refund_no as refund_id,
    'O' || lpad(person_no::varchar, 9, '0') || lpad(order_no::varchar, 4, '0')
        as order_id,
    line_number,
    refund_day as refund_date,
    yuan(refund_cents) as refund_amount,
from all_refunds
where
    refund_day <= getvariable('end_date')
    and refund_cents > 0;
