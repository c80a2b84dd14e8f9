-- Private-domain touches by kind. One row per customer, as-of date and kind of
-- interaction.
select
    customer_key,
    as_of_date,
    interaction_type,
    {{ windowed('count(*)', 'interactions') }}
from {{ ref('dated_interactions') }}
group by customer_key, as_of_date, interaction_type
