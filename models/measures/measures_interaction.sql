-- Private-domain touches: all of them, and those that article 000 §3.2 counts (live
-- streams and community). One row per customer who interacted and as-of date.
{%- set spoken = "interaction_type in ('live_watch', 'live_chat', 'community_post')" %}
select
    customer_key,
    as_of_date,
    {% for suffix in var('measure_windows') + ['lifetime'] %}
        sum(interactions_{{ suffix }}) as interactions_{{ suffix }},
        sum(interactions_{{ suffix }}) filter (where {{ spoken }})
            as live_interactions_{{ suffix }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('interaction_counts') }}
group by customer_key, as_of_date
