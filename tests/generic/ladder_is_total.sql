{#
    The totality proof of a ladder. Over the grid of boundary values (for each measure: every
    threshold it is compared with, one below, one above, and null) each point must fall on a
    rung, whoever falls on the last rung must be meant by it, and every rung must be reached.
    Counts in a longer window are never below counts in a shorter one.

    Returns the points that nobody meant, and the rungs that no point reaches.
#}
{% test ladder_is_total(model) %}
{%- if execute -%}
{%- set ladder = node_of(model.identifier).config.meta.ladder -%}
{{ ladder_proof(ladder.rungs, ladder.versus) }}
{%- endif -%}
-- depends_on: {{ ref('thresholds_in_force') }} {{ ref('tiers') }}
{% endtest %}
