-- What a proposal of new RFM² weights asks for (`strata weights`): how many buyers, how
-- many days of history, how many days of revenue to foretell.
-- One row per as-of date, rule set and scope.
{{ config(materialized='view', meta={'serves': 'rfm2'}) }}
{{ policy_row([
    'rfm2_weights_min_buyers', 'rfm2_weights_min_history_days',
    'rfm2_weights_horizon_days',
]) }}
