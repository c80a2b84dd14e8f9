-- RFM² (article 000 §3.2): the eight groups over cycle adherence, private-domain
-- touches and breadth, in the places of R, F and M.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='rfm2',
    measures='tier_inputs',
    feed='interactions',
    versus=segment_cuts('cycle', 'interaction', 'breadth'),
    rungs=eight_segments('cycle', 'interaction', 'breadth')
) }}
