-- Rows set aside, by reason, most frequent first, with the feeds they came in.
with by_feed as (
    select
        rule,
        subject,
        sum(row_count) as row_count,
        min(label_zh) as label_zh,
        min(label_en) as label_en,
        min(what_to_do) as what_to_do
    from mart_data_quality
    where kind = 'rejection'
    group by rule, subject
)

select
    rule,
    min(label_zh) as label_zh,
    min(label_en) as label_en,
    min(what_to_do) as what_to_do,
    cast(sum(row_count) as bigint) as row_count,
    list(struct_pack(subject, row_count := cast(row_count as bigint))
        order by row_count desc, subject) as feeds
from by_feed
group by rule
order by row_count desc, rule
