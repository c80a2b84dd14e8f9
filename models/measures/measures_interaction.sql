-- Private-domain touches: all of them, and those that article 000 §3.2 counts (live
-- streams and community). One row per customer who interacted and as-of date.
{%- set live = "interaction_type in ('live_watch', 'live_chat', 'community_post')" %}
select
    customer_key,
    as_of_date,
    {{ windowed('count(*)', 'interactions') }},
    {{ windowed('count(*)', 'live_interactions', where=live) }}
from {{ ref('dated_interactions') }}
group by customer_key, as_of_date
