-- The tags that medical facts give (seed tags); for the medical team only.
-- One row per customer, as-of date and tag.
-- depends_on: {{ ref('medical_tiers') }}
{{ tag_rows('medical_tiers', 'medical') }}
