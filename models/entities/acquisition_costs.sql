-- What a channel cost in a month, valid rows only.
-- One row per source and channel, month.
{{ accepted('acquisition_costs') }}
