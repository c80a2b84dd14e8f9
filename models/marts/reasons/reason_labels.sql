-- Labels of the models, of their tiers, and of what keeps a tier.
-- One row per kind, model and code.
{{ config(schema='explain', contract={'enforced': false}) }}
{{ reason_label_rows('everybody') }}
