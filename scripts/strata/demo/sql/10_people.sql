-- One row per person of this chunk: who they are, what they would like, how long they
-- stay. Hidden traits live here and in the truth file only.
create or replace table people as
with
numbered as (
    select person_no::bigint as person_no
    from range(getvariable('first_person'), getvariable('last_person') + 1)
        as numbers (person_no)
),

typed as (
    select
        numbered.person_no,
        archetypes.* exclude (per_mille),
    from numbered
    inner join archetype_slots
        on (numbered.person_no * 389 + getvariable('seed') * 17) % 1000
            = archetype_slots.slot
    inner join archetypes
        on archetypes.archetype_no = case
            when numbered.person_no <= 16 then numbered.person_no
            when numbered.person_no <= 20 then 16
            else archetype_slots.archetype_no
        end
),

-- The chain grows: later years see more registrations. Ms Li of article 001 keeps their
-- calendar, moved by whole years so that their story is over by the end date.
dated as (
    select
        *,
        case
            when archetype = 'ms_li'
                then date_diff('day', getvariable('start_date'), getvariable('li_date'))
            when archetype = 'li_friend'
                then date_diff('day', getvariable('start_date'), getvariable('li_date'))
                    + 65
            when back_from is not null
                then getvariable('history_units') - 1
                    - back_from - pick(u(person_no, 'back'), back_to - back_from)
            else pick(pow(u(person_no, 'arrival'), 0.8), getvariable('history_units'))
        end as registered_unit,
    from typed
),

traits as (
    select
        dated.*,
        case
            when archetype in ('ms_li', 'li_friend')
                then getvariable('start_date') + registered_unit::integer
            else warp.day
        end as registered_date,
        coalesce(purse, case
            when u(person_no, 'purse') < 0.48 then 'low'
            when u(person_no, 'purse') < 0.86 then 'mid'
            else 'high'
        end) as purse_drawn,
        case
            when archetype in ('li_friend') then 'hair'
            when archetype = 'fan'
                then if(u(person_no, 'fan') < 0.6, 'skin_care', 'hair')
            when archetype = 'bargain'
                then if(u(person_no, 'bargain') < 0.5, 'skin_care', 'hair')
            when archetype in ('big_ticket', 'super_customer', 'strategic')
                then (['injection', 'energy_based', 'surgery'])[
                    1 + pick(u(person_no, 'whale'), 3)
                ]
            else category_of(u(person_no, 'category'))
        end as main_category,
        case
            when archetype = 'bargain' then 1.0
            when archetype in ('strategic', 'super_customer') then 0.6
            when u(person_no, 'focus') < 0.35 then 1.0
            else 0.5 + 0.4 * u(person_no, 'focus share')
        end as focus,
        case
            when mean_gap is not null or u(person_no, 'adherent') < 0.4 then 0.0
            else 0.8 * u(person_no, 'adherence')
        end as adherence,
        exp(0.25 * z(person_no, 'tempo')) as tempo,
        -- Poisson rates differ by person as a gamma variable of shape 1.5.
        coalesce(mean_gap::double, least(
            1500.0,
            225.0 / (
                pow(z(person_no, 'rate square'), 2) / 2
                - ln(u(person_no, 'rate exponential'))
            )
        ) / getvariable('activity')) as gap_days,
        -- Chance of dropping out after each purchase: beta (1, 3.2), less if active.
        clip(
            (1 - pow(u(person_no, 'drop'), 1 / 3.2))
            / pow(getvariable('activity'), 0.75),
            0.01,
            0.95
        ) as drop_chance,
        u(person_no, 'card') < 0.18
        and kind = 'buyer'
        and lifespan is distinct from 1
        and archetype <> 'bargain'
        or archetype = 'li_friend' as is_card_prone,
        1 + case
            when archetype = 'li_friend' then 0
            else pick(u(person_no, 'card step'), 4)
        end as card_step,
        exp(0.45 * z(person_no, 'spend')) as spend_factor,
        u(person_no, 'price') < 0.3 or archetype = 'bargain' as is_price_sensitive,
        z(person_no, 'mood') as mood,
        case
            when archetype = 'ms_li' then 'none'
            when archetype = 'lead_browser' then (
                ['browser', 'browser', 'coupon_collector', 'silent_viewer',
                 'community_only']
            )[1 + pick(u(person_no, 'persona'), 5)]
            when u(person_no, 'private domain') >= 0.45 then 'none'
            else (
                ['engaged', 'engaged', 'engaged', 'browser', 'coupon_collector',
                 'silent_viewer', 'community_only']
            )[1 + pick(u(person_no, 'persona'), 7)]
        end as persona,
        case
            when u(person_no, 'motive') < 0.45 then 'efficacy'
            when u(person_no, 'motive') < 0.75 then 'experience'
        end as motivation,
        case
            when u(person_no, 'clinic') < 0.26 then 0
            when u(person_no, 'clinic') < 0.46 then 1
            when u(person_no, 'clinic') < 0.66 then 2
            when u(person_no, 'clinic') < 0.80 then 3
            when u(person_no, 'clinic') < 0.92 then 4
            else 5
        end as clinic_no,
    from dated
    left join warp
        on dated.registered_unit = warp.unit
),

-- Six in a hundred have a second source record (some a third); the last of the cast
-- show each way to be linked. Nobody on the switchboard number has two.
records as (
    select
        *,
        case
            when person_no in (17, 18, 19) then 2
            when person_no = 20 then 3
            when archetype_no <= 2 or person_no between 101 and 140 then 1
            when u(person_no, 'records') < 0.048 then 2
            when u(person_no, 'records') < 0.060 then 3
            else 1
        end as record_count,
        case
            when person_no between 17 and 20 then person_no - 17
            else pick(u(person_no, 'link kind'), 3)
        end as link_no,
        if(
            kind = 'buyer' or kind = 'scripted' or archetype = 'lead_consulted',
            'his',
            if(u(person_no, 'system') < 0.7, 'mini_program', 'wecom')
        ) as system1,
    from traits
)

select
    * exclude (purse, purse_drawn, mean_gap, back_from, back_to, link_no),
    purse_drawn as purse,
    case when record_count = 3 then 'chain' else (['phone', 'unionid', 'link'])[
        1 + link_no % 3
    ] end as link_kind,
    if(system1 = 'mini_program', 'wecom', 'mini_program') as system2,
    if(system1 = 'his', 'wecom', 'his') as system3,
    upper(system1[1]) || lpad(person_no::varchar, 9, '0') as id1,
    case when record_count >= 2 then
        upper(system2[1]) || (300000000 + person_no * 2)::varchar
    end as id2,
    case when record_count >= 3 then
        upper(system3[1]) || (600000000 + person_no * 2)::varchar
    end as id3,
    case when record_count >= 2 then
        least(
            registered_date + pick(u(person_no, 'second'), 200)::integer,
            getvariable('end_date')
        )
    end as date2,
    case when record_count >= 3 then
        least(
            registered_date + 30 + pick(u(person_no, 'third'), 300)::integer,
            getvariable('end_date')
        )
    end as date3,
    registered_unit + case
        when
            referral_slots > 0
            or archetype in ('newcomer', 'li_friend')
            or u(person_no, 'at once') < 0.35
            then 0
        else floor(-ln(u(person_no, 'hesitation')) * 9)::bigint
    end as first_unit,
    -- Purchases until the hidden drop-out: geometric. A card keeps its holder longer:
    -- the high-value action of article 001 has a real effect here.
    case
        when kind <> 'buyer' then 0
        when lifespan = 0 then 100000
        when lifespan is not null then lifespan
        else 1 + floor(ln(u(person_no, 'last purchase')) / ln(1 - drop_chance))::bigint
            + case
                when
                    is_card_prone
                    and 1 + floor(
                        ln(u(person_no, 'last purchase')) / ln(1 - drop_chance)
                    ) >= card_step
                    then 2 + floor(-ln(u(person_no, 'card effect')) * 4)::bigint
                else 0
            end
    end as purchases_until_drop,
from records
order by person_no;
