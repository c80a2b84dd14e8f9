-- Referrals that close a circle (a brings b, b brings a, or a longer way round): the
-- latest of each circle, the one that makes a person her own ancestor.
-- One row per circle.
with edges as (
    select
        referee_key as node,
        referrer_key as parent,
        claim_number as place
    from {{ ref('first_claims') }}
),

-- Only who brought somebody before she was brought herself can stand in a circle.
starts as (
    select distinct
        brought.node as descendant,
        brought.parent,
        brought.place
    from edges as brought
    inner join edges as bringing
        on
            brought.node = bringing.parent
            and brought.place > bringing.place
),

above as (
    {{ ancestors('edges', 'starts') }}
)

select descendant as referee_key
from above
where ancestor = descendant
