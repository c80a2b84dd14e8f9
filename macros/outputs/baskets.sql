{#
    A draw of customers by hash, the same on every run, so that they have about so many order
    lines at most. Over `scale`, a row of policy with basket_max_lines.
#}
{% macro customers_of_baskets() -%}
{%- set lines = '(select count(*) from ' ~ ref('bought_items') ~ ')' -%}
select profiles.customer_sk
from {{ ref('customer_profiles') }} as profiles
cross join scale as draw
where {{ is_drawn('profiles.customer_key', drawn_one_in(lines, 'draw.basket_max_lines')) }}
{%- endmacro %}
