-- Champion and challenger: from which tier to which each candidate rule set would move
-- how many customers; empty without a candidate, and without the medical models.
-- One row per as-of date, candidate, model, pair of tiers and clinic.
{%- set rows = [] %}
{%- for name in var('tier_models') %}
    {%- do rows.append({
        'model': "'" ~ name ~ "'",
        'tier': 'active.' ~ name ~ '_tier',
        'candidate_tier': 'challenger.' ~ name ~ '_tier',
    }) %}
{%- endfor %}
with compared as (
    select
        active.as_of_date,
        active.ruleset,
        challenger.ruleset as candidate,
        active.net_amount_365,
        coalesce(active.clinic_id, 'unknown') as clinic_id,
        {{ one_row_each(rows) }}
    from {{ ref('customer_tiers') }} as active
    inner join {{ ref('customer_tiers') }} as challenger
        on {{ same_customer('active', 'challenger') }}
    where
        active.ruleset = '{{ var("ruleset") }}'
        and challenger.ruleset != '{{ var("ruleset") }}'
)

select
    as_of_date,
    ruleset,
    candidate,
    model,
    tier,
    candidate_tier,
    clinic_id,
    cast(count(*) as integer) as customers,
    cast(sum(net_amount_365) as decimal(18, 2)) as net_amount_365
from compared
group by as_of_date, ruleset, candidate, model, tier, candidate_tier, clinic_id
