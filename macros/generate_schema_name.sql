{# A room is a schema: models/tiers builds into `tiers`, not into `main_tiers`. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
