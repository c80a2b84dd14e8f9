-- Services and retail goods. One row per raw row of either list; both have a MISC, so
-- the list is part of the product id.
{{ config(enabled='salon' in var('sources')) }}
{% for list in ['services', 'goods'] %}
select
    '{{ list }}:' || product_code as product_id,
    product_name,
    category,
    'hair' as department,
    false as is_light_medical,
    list_price,
    unit_cost,
    unparsable_column,
    raw_table,
    is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part
from {{ ref('stg_salon__' ~ list) }}
{{ 'union all' if not loop.last }}
{%- endfor %}
