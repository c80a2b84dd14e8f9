-- Medical need by skin tests (article 000 §2.2); silent without the feed. Medical data.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='medical_need',
    measures='medical_measures',
    feed='skin_tests',
    rungs=[
        {'tier': 'high_risk', 'next': 'out', 'when': [[
            'collagen_density_pct < need_risk_below_collagen_pct',
            'uv_damage_index >= need_risk_min_uv_index',
            'pigmentation_pct > need_risk_above_pigmentation_pct',
        ]]},
        {'tier': 'high_potential_lead', 'next': 'out', 'when': [
            'skin_problem_index >= need_lead_min_problem_index',
            'purchases_lifetime < need_buyer_min_purchases',
        ]},
        {'tier': 'untested', 'next': 'out', 'when': [
            'skin_tests_lifetime < need_tested_min_tests',
        ]},
        {'tier': 'normal', 'next': 'out'},
    ]
) }}
