-- Measures that a ladder reads but that nobody put into words: add them to
-- seeds/policy/measures.csv and measure_words.csv, in both languages.
{{ config(tags=['proof']) }}
select distinct
    rules.model,
    rules.measure
from {{ ref('tier_rules') }} as rules
left join {{ ref('measures') }} as measures
    on replace(rules.measure, '_lifetime', '') = measures.measure
left join {{ ref('measure_words') }} as words
    on replace(rules.measure, '_lifetime', '') = words.measure
where
    measures.label_en is null
    or measures.label_zh is null
    or words.course is null
    or (words.fact_en is null) != (words.fact_zh is null)
    or (words.gain_en is null) != (words.gain_zh is null)
    or (words.reset_en is null) != (words.reset_zh is null)
    or (words.start_en is null) != (words.start_zh is null)
    or (rules.asks_for = 'number' and words.fact_en is null)
    -- What tier_outlooks foretells by a measure's name is what its words say.
    or (words.course = 'ages') != (rules.measure like 'days!_since!_%' escape '!')
    or (words.course = 'grace') != (rules.measure like '%!_unearned!_days' escape '!')
