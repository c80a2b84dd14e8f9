-- Comments of the last 12 calendar months: in all, by topic, by tier and by clinic; and those
-- of the 12 months before, in all.
with told as (
    select
        voice.*,
        voice.month_date > published.as_of_date - interval 12 month as is_recent
    from mart_voice as voice
    inner join published on voice.ruleset = published.ruleset
    where voice.month_date > published.as_of_date - interval 24 month
        and voice.month_date <= published.as_of_date
),

sorted as (
    select
        *,
        case
            when topic = '*' and tier = '*' and clinic_id = '*'
                then if(is_recent, 'all', 'before')
            when tier = '*' and clinic_id = '*' and is_recent then 'topic'
            when topic = '*' and clinic_id = '*' and is_recent then 'tier'
            when topic = '*' and tier = '*' and is_recent then 'clinic'
        end as kind
    from told
)

select
    kind,
    case kind when 'topic' then topic when 'tier' then tier when 'clinic' then clinic_id end
        as code,
    max(label_zh) as label_zh,
    max(label_en) as label_en,
    cast(sum(comments) as bigint) as comments,
    cast(sum(positive_comments) as bigint) as positive_comments,
    cast(sum(negative_comments) as bigint) as negative_comments
from sorted
where kind is not null
group by kind, code
order by kind, comments desc, code
