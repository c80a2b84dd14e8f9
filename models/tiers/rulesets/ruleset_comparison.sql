-- Each customer's tier under the active rule set beside that under each candidate; no
-- row where none is in play. One row per customer, as-of date, candidate and model.
{{ config(materialized='view') }}
{%- set rows = [] %}
{%- for name in all_tier_models() %}
    {%- set side = 'medical' if name in var('medical_tier_models') else 'tiers' %}
    {%- do rows.append({
        'model': "'" ~ name ~ "'",
        'tier': 'active_' ~ side ~ '.' ~ name ~ '_tier',
        'candidate_tier': side ~ '.' ~ name ~ '_tier',
    }) %}
{%- endfor %}
with compared as (
    select
        active_tiers.customer_key,
        active_tiers.as_of_date,
        active_tiers.ruleset,
        tiers.ruleset as candidate,
        active_tiers.net_amount_365,
        coalesce(active_tiers.clinic_id, 'unknown') as clinic_id,
        {{ one_row_each(rows) }}
    from {{ ref('customer_tiers') }} as active_tiers
    inner join {{ ref('customer_tiers') }} as tiers
        on {{ same_customer('active_tiers', 'tiers') }}
    inner join {{ ref('medical_tiers') }} as active_medical
        on {{ same_placement('active_tiers', 'active_medical') }}
    inner join {{ ref('medical_tiers') }} as medical
        on {{ same_placement('tiers', 'medical') }}
    where
        active_tiers.ruleset = '{{ var("ruleset") }}'
        and tiers.ruleset != '{{ var("ruleset") }}'
)

select
    compared.customer_key,
    compared.as_of_date,
    compared.ruleset,
    compared.candidate,
    compared.model,
    compared.tier,
    held.tier_rank,
    compared.candidate_tier,
    given.tier_rank as candidate_tier_rank,
    compared.net_amount_365,
    compared.clinic_id,
    case
        when given.tier_rank < held.tier_rank then 'up'
        when given.tier_rank > held.tier_rank then 'down'
    end as direction
from compared
left join {{ ref('tiers') }} as held
    on compared.model = held.model and compared.tier = held.tier
left join {{ ref('tiers') }} as given
    on compared.model = given.model and compared.candidate_tier = given.tier
