-- Customer records as the source systems hold them, before they become persons, valid
-- rows only.
-- One row per source and customer_id.
{{ accepted('customers') }}
