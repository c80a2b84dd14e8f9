{#
    Lists within a row, as engines spell them: what a sentence is made of stays beside its
    customer, so that a filter on customers reaches the table before anything is said.
#}

{# Some values as a list. #}
{% macro list_of(values) -%}
    {{ return(adapter.dispatch('list_of', 'strata')(values)) }}
{%- endmacro %}

{% macro default__list_of(values) -%} array({{ values | join(', ') }}) {%- endmacro %}

{% macro duckdb__list_of(values) -%} [{{ values | join(', ') }}] {%- endmacro %}


{# Named values as one: {name: SQL}. #}
{% macro record_of(fields) -%}
    {{ return(adapter.dispatch('record_of', 'strata')(fields)) }}
{%- endmacro %}

{% macro default__record_of(fields) -%}
    named_struct({% for name, value in fields.items() %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro duckdb__record_of(fields) -%}
    struct_pack({% for name, value in fields.items() %}{{ name }} := {{ value }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}


{# What an expression makes of every element `name` of a list. #}
{% macro each_of(list, name, expression) -%}
    {{ return(adapter.dispatch('each_of', 'strata')(list, name, expression)) }}
{%- endmacro %}

{% macro default__each_of(list, name, expression) -%}
    transform({{ list }}, {{ name }} -> {{ expression }})
{%- endmacro %}

{% macro duckdb__each_of(list, name, expression) -%}
    list_transform({{ list }}, lambda {{ name }}: {{ expression }})
{%- endmacro %}


{# The elements of a list for which a condition holds. #}
{% macro those_of(list, name, condition) -%}
    {{ return(adapter.dispatch('those_of', 'strata')(list, name, condition)) }}
{%- endmacro %}

{% macro default__those_of(list, name, condition) -%}
    filter({{ list }}, {{ name }} -> {{ condition }})
{%- endmacro %}

{% macro duckdb__those_of(list, name, condition) -%}
    list_filter({{ list }}, lambda {{ name }}: {{ condition }})
{%- endmacro %}


{# How many elements fulfil a condition; 0 where there is no list. #}
{% macro number_of(list, name, condition) -%}
    coalesce({{ adapter.dispatch('length_of', 'strata')(those_of(list, name, condition)) }}, 0)
{%- endmacro %}

{% macro default__length_of(list) -%} size({{ list }}) {%- endmacro %}

{% macro duckdb__length_of(list) -%} len({{ list }}) {%- endmacro %}


{# The element in a place, from 1 on; null beyond the end. #}
{% macro element_of(list, place) -%}
    {{ return(adapter.dispatch('element_of', 'strata')(list, place)) }}
{%- endmacro %}

{% macro default__element_of(list, place) -%} try_element_at({{ list }}, {{ place }}) {%- endmacro %}

{% macro duckdb__element_of(list, place) -%} list_extract({{ list }}, {{ place }}) {%- endmacro %}


{# A list of texts as one; null where there is none. #}
{% macro told_together(list, separator) -%}
    nullif({{ adapter.dispatch('told_together', 'strata')(list, separator) }}, '')
{%- endmacro %}

{% macro default__told_together(list, separator) -%} array_join({{ list }}, '{{ separator }}') {%- endmacro %}

{% macro duckdb__told_together(list, separator) -%} array_to_string({{ list }}, '{{ separator }}') {%- endmacro %}


{# As an aggregate: the values in the order of another. #}
{% macro gathered(value, order) -%}
    {{ return(adapter.dispatch('gathered', 'strata')(value, order)) }}
{%- endmacro %}

{% macro default__gathered(value, order) -%}
    transform(array_sort(collect_list(struct({{ order }}, {{ value }}))), x -> x.col2)
{%- endmacro %}

{% macro duckdb__gathered(value, order) -%} list({{ value }} order by {{ order }}) {%- endmacro %}


{# A row for every element of a list. #}
{% macro each_row(list) -%}
    {{ return(adapter.dispatch('each_row', 'strata')(list)) }}
{%- endmacro %}

{% macro default__each_row(list) -%} explode({{ list }}) {%- endmacro %}

{% macro duckdb__each_row(list) -%} unnest({{ list }}) {%- endmacro %}


{# A text as a list of its parts. #}
{% macro split_text(text, separator) -%}
    {{ return(adapter.dispatch('split_text', 'strata')(text, separator)) }}
{%- endmacro %}

{% macro default__split_text(text, separator) -%} split({{ text }}, '{{ separator }}') {%- endmacro %}

{% macro duckdb__split_text(text, separator) -%} string_split({{ text }}, '{{ separator }}') {%- endmacro %}


{# The smallest element of a list. #}
{% macro smallest_of(list) -%}
    {{ return(adapter.dispatch('smallest_of', 'strata')(list)) }}
{%- endmacro %}

{% macro default__smallest_of(list) -%} array_min({{ list }}) {%- endmacro %}

{% macro duckdb__smallest_of(list) -%} list_min({{ list }}) {%- endmacro %}
