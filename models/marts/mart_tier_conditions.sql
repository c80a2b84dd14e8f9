-- What each tier rests on and what the next one asks, as data; computed when asked; the
-- active rule set, without the medical models. Filter on customers.
-- One row per customer, as-of date, model and condition.
{{ config(materialized='view', contract={'enforced': false}, meta={'is_computed_when_asked': true}) }}
{{ condition_rows(
    ref('reason_facts').include(database=false),
    ref('reason_words').include(database=false),
    var('tier_models')
) }}
