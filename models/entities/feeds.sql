-- Which feeds are there: a feed without an accepted row counts as not delivered.
-- One row per feed.
{{ config(meta={'watched': ['feed', 'is_present']}) }}
{% for feed in var('feeds') %}
    select
        '{{ feed }}' as feed,
        count(*) as accepted_rows,
        count(*) > 0 as is_present
    from {{ ref(feed) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
