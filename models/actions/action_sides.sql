-- Each pair's two customers, with the day from which each one's months are reckoned:
-- the action's, or the day matched to it.
-- One row per as-of date, action, pair and customer of the pair.
{% for customer, day, taker in [
    ('customer_key', 'action_date', 'true'), ('match_key', 'match_date', 'false')
] %}
    select
        as_of_date,
        action,
        customer_key as pair_key,
        {{ customer }} as customer_key,
        {{ day }} as index_date,
        {{ taker }} as is_taker
    from {{ ref('action_pairs') }}
    {{ 'union all' if not loop.last }}
{% endfor %}
