-- The cut above which a score of RFM is high (var rfm_high_cut), over all who have one.
-- One row per as-of date and rule set.
{{ high_cuts('rfm_customer_scores', ['recency', 'frequency', 'monetary']) }}
