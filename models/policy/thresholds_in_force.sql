-- The value of every threshold on every as-of date and scope: the active rule set
-- before its base, department before clinic before chain, then the latest begun.
-- One row per as-of date, rule set, scope and threshold.
{{ thresholds_on(ref('as_of_dates'), 'as_of_date') }}
