{#
    A staging model: one row per raw row, renamed and typed, nothing else.

    Args:
        relation: the raw table, from `source(...)`.
        columns: {contract column: kind}, {contract column: 'kind from raw_column'}, or
            {contract column: 'kind of expression'} with SQL over `raw`, such as
            "code of 'paid'"; it converts what it reads itself, by clean_amount and the like.
            Kinds: text, code, date, amount, number, integer, boolean, phone; none for a
            column that the source does not have.
        date_formats: strptime formats, where the source writes dates in its own way.
#}
{% macro stage(relation, columns, date_formats=none) -%}
    {{- source_must_take_part() -}}
    {{- config(meta={'row_by_row': true}) -}}
    {{ typed_rows(relation, columns, date_formats) }}
{%- endmacro %}


{# The query behind stage(), for a feed without a staging model; arguments as there. #}
{% macro typed_rows(relation, columns, date_formats=none) -%}
    {%- set typed, checked, texts = {}, {}, {} -%}
    {%- for column, spec in columns.items() if ' of ' in spec -%}
        {%- set kind, sql = spec.split(' of ', 1) -%}
        {%- do typed.update({column: typed_column('(' ~ sql ~ ')', kind, date_formats)}) -%}
    {%- endfor -%}
    {%- for column, spec in columns.items() if ' of ' not in spec -%}
        {%- set kind = spec.split(' from ')[0] -%}
        {%- set raw_column = (spec.split(' from ') + [column])[1] -%}
        {%- set text = none if kind in ('text', 'code', 'none') else 'raw."' ~ raw_column ~ '__text"' -%}
        {%- if text -%}
            {%- do checked.update({column: raw_column}) -%}
            {%- set sql = 'raw."' ~ raw_column ~ '"' -%}
            {%- do texts.update(
                {raw_column: clean_text(sql) if kind == 'boolean' else half_width(sql)}
            ) -%}
        {%- endif -%}
        {%- do typed.update(
            {column: typed_column('raw."' ~ raw_column ~ '"', kind, date_formats, text)}
        ) -%}
    {%- endfor -%}
with texts as (
    select
        raw.*{{ ',' if texts }}
        {%- for raw_column, sql in texts.items() %}
        {{ sql }} as "{{ raw_column }}__text"{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }} as raw
),

typed as (
    select
        {%- for column, sql in typed.items() %}
        {{ sql }} as {{ column }},
        {%- endfor %}
        {%- for raw_column in texts %}
        {{ is_given('raw."' ~ raw_column ~ '"', 'raw."' ~ raw_column ~ '__text"') }}
            as "{{ raw_column }}__given",
        {%- endfor %}
        raw._file as file_name,
        raw._row as row_number,
        raw._loaded_at as loaded_at,
        raw._row_id as row_id
    from texts as raw
)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    {% if checked -%}
    case
        {%- for column, raw_column in checked.items() %}
        when {{ column }} is null and "{{ raw_column }}__given" then '{{ raw_column }}'
        {%- endfor %}
    end as unparsable_column,
    {%- else -%}
    cast(null as varchar) as unparsable_column,
    {%- endif %}
    '{{ relation.identifier }}' as raw_table,
    true as is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    cast(null as varchar) as file_part
from typed
{%- endmacro %}


{# One raw column, converted; an unknown kind stops the build. `text`: it as text, once. #}
{% macro typed_column(column, kind, date_formats=none, text=none) -%}
    {%- if kind == 'text' -%}{{ clean_text(column) }}
    {%- elif kind == 'code' -%}{{ clean_code(column) }}
    {%- elif kind == 'date' -%}{{ clean_date(column, date_formats, text) }}
    {%- elif kind == 'amount' -%}{{ clean_amount(column, text) }}
    {%- elif kind == 'number' -%}{{ clean_number(column, text) }}
    {%- elif kind == 'integer' -%}{{ clean_integer(column, text) }}
    {%- elif kind == 'boolean' -%}{{ clean_boolean(column, text) }}
    {%- elif kind == 'phone' -%}{{ clean_phone(column, text) }}
    {%- elif kind == 'none' -%}cast(null as varchar)
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "stage: column " ~ column ~ " asks for the kind '" ~ kind ~ "'. Known: text, "
            ~ "code, date, amount, number, integer, boolean, phone, none."
        ) }}
    {%- endif -%}
{%- endmacro %}


{# models/staging/<source>/: a source that takes no part in a run is not built. #}
{% macro source_must_take_part() -%}
    {{- config(enabled=model.fqn[2] in var('sources')) -}}
{%- endmacro %}


{#
    The last columns of every staging model: where the row comes from and what did not
    convert.
    - unparsable_column: the first raw column with a value that did not convert, or null.
    - raw_table, file_name, row_number, loaded_at, row_id.
    - file_part: null, unless a part of a file (a sheet) is a delivery of its own.

    Args:
        raw_table: the name of the raw table.
        converted: {raw column: typed expression}, each column that is more than text.
        is_carrier: false for a model that derives rows (a header from its lines): its raw
            rows are accounted for by the model that carries them.
    Needs the raw relation to be aliased `raw`.
#}
{% macro lineage(raw_table, converted={}, is_carrier=true) -%}
    {{- source_must_take_part() -}}
    {% if converted -%}
    case
        {%- for column, typed in converted.items() %}
        when {{ typed }} is null and {{ clean_text('raw."' ~ column ~ '"') }} is not null
            then '{{ column }}'
        {%- endfor %}
    end as unparsable_column,
    {% else -%}
    cast(null as varchar) as unparsable_column,
    {% endif -%}
    '{{ raw_table }}' as raw_table,
    {{ is_carrier }} as is_carrier,
    raw._file as file_name,
    raw._row as row_number,
    raw._loaded_at as loaded_at,
    raw._row_id as row_id,
    cast(null as varchar) as file_part
{%- endmacro %}
