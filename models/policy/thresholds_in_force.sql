-- The value of every threshold for every rule set in play, as-of date and scope: its
-- own before its base's, department before clinic before chain, then the latest begun.
-- One row per as-of date, rule set, scope and threshold.
{{ thresholds_on(ref('as_of_dates'), 'as_of_date') }}
