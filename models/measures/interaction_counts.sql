-- Private-domain touches by kind. One row per customer, as-of date and kind of
-- interaction.
with touches as (
    select
        bridge.customer_key,
        dates.as_of_date,
        interactions.interaction_type,
        date_diff('day', interactions.interaction_date, dates.as_of_date) as days_ago
    from {{ ref('interactions') }} as interactions
    inner join {{ ref('customer_bridge') }} as bridge
        on
            interactions.source = bridge.source
            and interactions.customer_id = bridge.customer_id
    inner join {{ ref('as_of_dates') }} as dates
        on interactions.interaction_date <= dates.as_of_date
)

select
    customer_key,
    as_of_date,
    interaction_type,
    {{ windowed('count(*)', 'interactions') }}
from touches
group by customer_key, as_of_date, interaction_type
