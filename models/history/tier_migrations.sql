-- The migration matrices: how many went from which tier to which, and why; those who
-- stayed as well. One row per day, rule set, clinic, model, pair of tiers and cause.
-- depends_on: {{ ref('touched_pairs') }} {{ ref('snapshot_pairs') }}
{{ config(materialized='kept', meta={'kept_by': 'rows_of_pairs'}) }}
with placed (
    ruleset, from_date, to_date, clinic_id, model, from_tier, to_tier, cause,
    from_net_amount_365, to_net_amount_365, customers
) as (
    select
        moves.ruleset,
        moves.from_date,
        moves.to_date,
        moves.clinic_id,
        moves.model,
        moves.from_tier,
        moves.to_tier,
        moves.cause,
        moves.from_net_amount_365,
        moves.to_net_amount_365,
        1
    from {{ ref('tier_changes') }} as moves
    inner join {{ ref('touched_pairs') }} as pairs
        on moves.to_date = pairs.to_date and moves.ruleset = pairs.ruleset
    {% for name in var('tier_models') %}
        union all
        {{ stayers(name) | indent(8) }}
    {% endfor %}
)

select
    ruleset,
    from_date,
    to_date,
    clinic_id,
    model,
    from_tier,
    to_tier,
    cause,
    cast(sum(customers) as bigint) as customers,
    sum(from_net_amount_365) as from_net_amount_365,
    sum(to_net_amount_365) as to_net_amount_365
from placed
group by
    ruleset, from_date, to_date, clinic_id, model, from_tier, to_tier, cause
