-- Private-domain touches: all of them, and those that article 000 §3.2 counts (live
-- streams and community). One row per customer who interacted and as-of date.
{%- set live = "interaction_type in ('live_watch', 'live_chat', 'community_post')" %}
select
    customer_key,
    as_of_date,
    {{ windowed_sums('interactions', 'interactions') }},
    {{ windowed_sums('interactions', 'live_interactions', where=live) }}
from {{ ref('interaction_counts') }}
group by customer_key, as_of_date
