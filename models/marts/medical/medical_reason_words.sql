-- The rungs in words, with the customer's own values left open: the medical models.
-- One row per as-of date, rule set, scope, model, tier and rung aimed at.
{{ config(schema='explain', contract={'enforced': false}) }}
{{ rung_words(var('medical_tier_models')) }}
