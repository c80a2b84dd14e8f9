-- Depth class (article 000 §2.1): how many categories the customer ever bought.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='rfm_depth',
    measures='tier_inputs',
    feed='categories',
    rungs=[
        {'tier': 'multi', 'when': ['categories_lifetime >= rfm_multi_min_categories']},
        {'tier': 'dual', 'when': ['categories_lifetime >= rfm_dual_min_categories']},
        {'tier': 'single', 'when': ['categories_lifetime >= rfm_single_min_categories']},
        {'tier': 'none'},
    ]
) }}
