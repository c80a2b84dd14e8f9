-- Referral trees. A referee registers on the referral; the referrer bought before that,
-- so chains run forward in time and never close. Spreaders (>= 10 a year) and advocates
-- (>= 5) own slots in each of the last four years in which they were customers, so that
-- there are about as many on every day; the rest refer now and then, and referees who buy
-- may refer in turn (second level). Whether a referee buys is their own affair.
create or replace table referrer_pool as
select
    people.person_no,
    coalesce(dropouts.first_day, people.registered_date) as first_day,
    row_number() over (
        order by coalesce(dropouts.first_day, people.registered_date), people.person_no,
            copies.copy_no
    ) as pool_no,
from people
left join dropouts
    on people.person_no = dropouts.person_no
cross join lateral unnest(range(case
    when dropouts.first_day is null then 0
    when u(people.person_no, 'refers') < 0.05 then 4
    when u(people.person_no, 'refers') < 0.30 then 1
    else 0
end)) as copies (copy_no);

create or replace table referral_pairs as
with
slots as (
    select
        people.person_no as referrer_no,
        years.year_no,
        row_number() over (
            partition by years.year_no order by people.person_no, numbers.n
        ) as slot_no,
    from people
    left join dropouts
        on people.person_no = dropouts.person_no
    cross join range(4) as years (year_no)
    cross join lateral unnest(range(people.referral_slots)) as numbers (n)
    where
        years.year_no = 0
        or coalesce(dropouts.first_day, people.registered_date)
        < getvariable('end_date') - 365 * (1 + years.year_no)::integer
),

recent as (
    select
        person_no as referee_no,
        registered_date as referral_date,
        (getvariable('end_date') - registered_date - 5) // 365 as year_no,
        row_number() over (
            partition by (getvariable('end_date') - registered_date - 5) // 365
            order by u(person_no, 'recent'), person_no
        ) as slot_no,
    from people
    where
        registered_date <= getvariable('end_date') - 5
        and (getvariable('end_date') - registered_date - 5) % 365 < 340
        and archetype_no > 10
        and archetype <> 'newcomer'
),

slotted as (
    select slots.referrer_no, recent.referee_no, recent.referral_date,
    from slots
    inner join recent
        on slots.slot_no = recent.slot_no
        and slots.year_no = recent.year_no
),

pool_days as (
    select first_day, max(pool_no) as pool_size,
    from referrer_pool
    group by first_day
),

ordinary as (
    select
        people.person_no as referee_no,
        people.registered_date as referral_date,
        1 + pick(u(people.person_no, 'referrer'), pool_days.pool_size) as pool_no,
    from people
    asof join pool_days
        on people.registered_date > pool_days.first_day
    where
        u(people.person_no, 'is referred') < 0.08
        and people.archetype_no > 9
        and people.person_no not in (select referee_no from slotted)
),

pairs as (
    select * from slotted

    union all

    select referrer_pool.person_no, ordinary.referee_no, ordinary.referral_date,
    from ordinary
    inner join referrer_pool
        on ordinary.pool_no = referrer_pool.pool_no

    union all

    select 1, person_no, registered_date,
    from people
    where archetype = 'li_friend'
)

select * from pairs;

create or replace table out_referrals as
select
    'F' || lpad(pairs.referee_no::varchar, 9, '0') as referral_id,
    pick_id(
        giver.id1, giver.id2, giver.id3, giver.date2, giver.date3,
        pairs.referral_date, u(pairs.referee_no, 'referrer id')
    ) as referrer_customer_id,
    taker.id1 as referee_customer_id,
    pairs.referral_date,
from referral_pairs as pairs
inner join people as giver
    on pairs.referrer_no = giver.person_no
inner join people as taker
    on pairs.referee_no = taker.person_no;
