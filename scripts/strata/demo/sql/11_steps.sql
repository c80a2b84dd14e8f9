-- The purchase process. Step n of a person is an intended purchase; the time to the
-- next is the treatment cycle for those who keep to it, else exponential at the
-- person's rate. The process ends with the drop-out (after a purchase, as in MBG/NBD).
create or replace table steps as
with
numbered as (
    select
        people.person_no,
        numbers.step_no,
        people.purse,
        people.archetype,
        case
            when u2(people.person_no, numbers.step_no, 'keeps category') < people.focus
                then people.main_category
            when people.purse = 'whale'
                then (['injection', 'energy_based', 'skin_care', 'surgery'])[
                    1 + pick(u2(people.person_no, numbers.step_no, 'category'), 4)
                ]
            else category_of(u2(people.person_no, numbers.step_no, 'category'))
        end as category,
        people.main_category,
        people.is_card_prone and numbers.step_no = people.card_step as is_card,
        people.first_unit,
        people.adherence,
        people.tempo,
        people.gap_days,
        pick(u2(people.person_no, numbers.step_no, 'product'), 100) as slot,
    from people
    cross join lateral unnest(range(
        1,
        1 + least(people.purchases_until_drop, getvariable('step_limit'))
    )) as numbers (step_no)
    where people.kind = 'buyer'
),

chosen as (
    select
        numbered.*,
        if(is_card, card_products.product_id, product_slots.product_id) as product_id,
        greatest(1, round(
            case
                when u2(person_no, step_no, 'keeps cycle') < adherence
                    then product_slots.cycle_days * tempo
                        * exp(0.15 * z2(person_no, step_no, 'cycle'))
                        / getvariable('activity')
                else -ln(u2(person_no, step_no, 'gap')) * gap_days
            end
        ))::bigint as gap,
    from numbered
    inner join product_slots
        on numbered.category = product_slots.category
        and numbered.purse = product_slots.purse
        and numbered.slot = product_slots.slot
    inner join card_products
        on numbered.main_category = card_products.category
),

timed as (
    select
        *,
        first_unit + coalesce(
            sum(gap) over (
                partition by person_no
                order by step_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        )::bigint as unit,
    from chosen
)

-- Hair removal is bought before summer: from March to June some other light item gives
-- way to it.
select
    timed.person_no,
    timed.step_no,
    case
        when timed.archetype = 'li_friend'
            then greatest(warp.day, getvariable('li_date') + 65)
        else warp.day
    end as day,
    timed.is_card,
    case
        when timed.is_card or timed.purse not in ('low', 'mid') then timed.product_id
        when
            month(warp.day) between 3 and 6
            and u2(timed.person_no, timed.step_no, 'summer') < 0.16
            then if(timed.purse = 'low', 'P502', 'P503')
        else timed.product_id
    end as product_id,
from timed
inner join warp
    on timed.unit = warp.unit
where timed.unit < getvariable('unit_limit');

-- First purchase and hidden drop-out, as far as they lie in the past.
create or replace table dropouts as
select
    people.person_no,
    min(steps.day) as first_day,
    max(steps.day) filter (steps.step_no = people.purchases_until_drop) as dropout_day,
from people
inner join steps
    on people.person_no = steps.person_no
where steps.day <= getvariable('end_date')
group by people.person_no;
