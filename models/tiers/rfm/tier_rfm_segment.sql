-- The eight RFM segments (articles 002, 003, 004 §1): each score above or below its
-- cut.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='rfm_segment',
    measures='tier_inputs',
    feed='orders',
    versus=segment_cuts('recency', 'frequency', 'monetary'),
    rungs=eight_segments('recency', 'frequency', 'monetary')
) }}
