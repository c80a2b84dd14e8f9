-- The tags that customers have (seed tags), with the value that earned each; medical tags are
-- in mart_medical_tags. One row per customer, as-of date and tag.
-- depends_on: {{ ref('customer_tiers') }}
{{ tag_rows('customer_tiers', 'everybody') }}
