-- Answers (number, rule, kind, subject, value, said, least, counts, is_eased) with the limits
-- that policy gives them. One row per thing that a rule was asked of.
select error('guard_limits.csv gives no limit ' || name || ' for all (*)')
from (
    select unnest(least) as name from answers
    union
    select unnest(['drift_days', 'stray_share', 'least_ordinary_days'])
)
where name not in (select name from limits where subject = '*');

create table facts as
with few as (
    -- Among few, a limit that stops only warns; among fewer, it says nothing.
    select
        asked.number,
        bool_or(asked.counted < limits.fail) as is_few,
        bool_or(asked.counted < limits.warn) as is_fewer
    from (
        select number, unnest(least) as name, unnest(counts) as counted from answers
    ) as asked
    inner join limits on asked.name = limits.name and limits.subject = '*'
    group by asked.number
),

limited as (
    select
        answers.*,
        limits.name as known_limit,
        case when coalesce(is_fewer, false) then null
            when coalesce(is_few, false) then coalesce(limits.warn, limits.fail)
            else limits.warn end as warn,
        case when kind = 'structure' then 0
            when not coalesce(is_few or is_fewer, false) then limits.fail end as fail,
        concat_ws(', ', 'warns beyond ' || printf('%g', limits.warn) || unit,
            'stops beyond ' || printf('%g', limits.fail) || unit) as limit_words
    from answers
    left join few using (number)
    left join (select * replace (if(unit = 'percent', ' %', ' ' || unit) as unit) from limits)
        as limits
        on answers.rule = limits.name
            and limits.subject in (answers.subject, split_part(answers.subject, '.', -1), '*')
    -- The limit of demo.orders: its own, else that of orders, else that of all.
    qualify row_number() over (
        partition by number order by limits.subject = '*', limits.subject <> answers.subject
    ) = 1
)

select
    rule, subject, value, warn, fail, is_eased, said, limit_words,
    if(kind <> 'structure' and known_limit is null,
        error('guard_limits.csv gives no limit ' || rule || ' for all (*)'), null) as nothing
from limited
order by number
