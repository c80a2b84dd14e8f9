-- Private-domain touches by kind. One row per customer, as-of date and kind of interaction.
with dated as (
    select
        bridge.customer_sk,
        dates.as_of_date,
        interactions.interaction_type,
        {{ days_between('interactions.interaction_date', 'dates.as_of_date') }} as days_ago
    from {{ ref('interactions') }} as interactions
    inner join {{ ref('customer_bridge') }} as bridge
        on interactions.record_sk = bridge.record_sk
    inner join {{ ref('as_of_dates') }} as dates
        on interactions.interaction_date <= dates.as_of_date
    where {{ only_touched('bridge.customer_sk') }}
)

select
    customer_sk,
    as_of_date,
    interaction_type,
    {{ windowed('count(*)', 'interactions', type='integer') }}
from dated
group by customer_sk, as_of_date, interaction_type
