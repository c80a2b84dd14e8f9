-- The comments of surveys by their words (seed voice_words): the sum of the weights found, and
-- the topics that are named. A refresh reads new texts only, equal texts once; no text is kept.
-- One row per text (a hash) and topic found; '*' for the text as a whole.
{{ config(materialized='incremental', incremental_strategy='append') }}
with texts as (
    select distinct
        {{ dbt.hash('comment_text') }} as text_hash,
        lower(comment_text) as comment_text
    from {{ ref('surveys') }}
    where comment_text is not null
),

news as (
    select * from texts
    {%- if is_incremental() %}
    where not exists (
        select 1 from {{ this }} as scored
        where texts.text_hash = scored.text_hash
    )
    {%- endif %}
),

found as (
    select
        news.text_hash,
        words.topic,
        words.weight
    from news
    inner join {{ ref('voice_words') }} as words
        on position(words.word in news.comment_text) > 0
),

scores as (
    select
        news.text_hash,
        coalesce(sum(found.weight), 0) as score
    from news
    left join found on news.text_hash = found.text_hash
    group by news.text_hash
)

select
    text_hash,
    '*' as topic,
    cast(score as decimal(18, 1)) as score
from scores
union all
select distinct
    found.text_hash,
    found.topic,
    cast(scores.score as decimal(18, 1)) as score
from found
inner join scores on found.text_hash = scores.text_hash
where found.topic != 'sentiment'
