{#
    A staging model: one row per raw row, renamed and typed, nothing else.

    Args:
        relation: the raw table, from `source(...)`.
        columns: {contract column: kind}, {contract column: 'kind from raw_column'}, or
            {contract column: 'kind of expression'} with SQL over `raw`, such as
            "code of 'paid'"; it converts what it reads itself, by clean_amount and the like.
            Kinds: text, id, code, date, amount, number, share (in percent), integer, boolean,
            phone; none for a column that the source does not have.
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
    {%- for column, spec in columns.items() if is_expression(spec) -%}
        {%- set kind, sql = spec.split(' of ', 1) -%}
        {%- do typed.update({column: typed_column('(' ~ sql ~ ')', kind, date_formats)}) -%}
    {%- endfor -%}
    {%- for column, spec in columns.items() if not is_expression(spec) -%}
        {%- set kind = spec.split(' from ')[0] -%}
        {%- set raw_column = (spec.split(' from ', 1) + [column])[1] -%}
        {%- set sql = 'raw."' ~ raw_column ~ '"' -%}
        {%- set text = none -%}
        {%- if kind not in ('text', 'code', 'none') -%}
            {%- set way = kind if kind in ('id', 'boolean') else 'text' -%}
            {%- set text = raw_column ~ '__' ~ way -%}
            {%- do checked.update({column: [raw_column, text, 'rounded_id' if kind == 'id' else 'unparsable_value']}) -%}
            {%- do texts.update({text: {'id': id_text(sql), 'boolean': clean_text(sql)}.get(way, half_width(sql))}) -%}
        {%- endif -%}
        {%- do typed.update(
            {column: typed_column(sql, kind, date_formats, 'raw."' ~ text ~ '"' if text else none)}
        ) -%}
        {%- if kind == 'id' -%}
            {%- do typed.update({column: scoped_id(relation, raw_column, typed[column])}) -%}
        {%- endif -%}
    {%- endfor -%}
with texts as (
    select
        raw.*{{ ',' if texts }}
        {%- for name, sql in texts.items() %}
        {{ sql }} as "{{ name }}"{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }} as raw
),

typed as (
    select
        {%- for column, sql in typed.items() %}
        {{ sql }} as {{ column }},
        {%- endfor %}
        {%- for column, (raw_column, text, rule) in checked.items() %}
        {{ is_given('raw."' ~ raw_column ~ '"', 'raw."' ~ text ~ '"') }} as {{ column }}__given,
        {%- endfor %}
        raw._file as file_name,
        raw._row as row_number,
        raw._loaded_at as loaded_at,
        raw._row_id as row_id,
        {{ lacking_columns(relation, columns) }} as lacking
    from texts as raw
)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    {% if checked -%}
    case
        {%- for column, (raw_column, text, rule) in checked.items() %}
        when {{ column }} is null and {{ column }}__given then '{{ raw_column }}'
        {%- endfor %}
    end as unparsable_column,
    case
        when
            {%- for column in checked %}
            {{ 'or ' if not loop.first }}({{ column }} is null and {{ column }}__given)
            {%- endfor %}
            then concat_ws(
                ','
                {%- for column, (raw_column, text, rule) in checked.items() %},
                case
                    when {{ column }} is null and {{ column }}__given
                        then '{{ rule }}:{{ column }}:{{ raw_column }}'
                end
                {%- endfor %}
            )
    end as unparsable_cells,
    {%- else -%}
    cast(null as varchar) as unparsable_column,
    cast(null as varchar) as unparsable_cells,
    {%- endif %}
    lacking,
    '{{ relation.identifier }}' as raw_table,
    true as is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    cast(null as varchar) as file_part
from typed
{%- endmacro %}


{# Whether a column of stage() is SQL; a raw column's name may have the word `of` in it, too. #}
{% macro is_expression(spec) %}
    {{ return(' of ' in spec.split(' from ')[0]) }}
{% endmacro %}


{# One raw column, converted; an unknown kind stops the build. `text`: it as text, once. #}
{% macro typed_column(column, kind, date_formats=none, text=none) -%}
    {%- if kind == 'text' -%}{{ clean_text(column) }}
    {%- elif kind == 'id' -%}{{ clean_id(column, text) }}
    {%- elif kind == 'code' -%}{{ clean_code(column) }}
    {%- elif kind == 'date' -%}{{ clean_date(column, date_formats, text) }}
    {%- elif kind == 'amount' -%}{{ clean_amount(column, text) }}
    {%- elif kind == 'number' -%}{{ clean_number(column, text) }}
    {%- elif kind == 'share' -%}{{ clean_share(column, text) }}
    {%- elif kind == 'integer' -%}{{ clean_integer(column, text) }}
    {%- elif kind == 'boolean' -%}{{ clean_boolean(column, text) }}
    {%- elif kind == 'phone' -%}{{ clean_phone(column, text) }}
    {%- elif kind == 'none' -%}cast(null as varchar)
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "stage: column " ~ column ~ " asks for the kind '" ~ kind ~ "'. Known: text, "
            ~ "id, code, date, amount, number, share, integer, boolean, phone, none."
        ) }}
    {%- endif -%}
{%- endmacro %}


{# models/staging/<source>/: a source that takes no part in a run is not built. #}
{% macro source_must_take_part() -%}
    {{- config(enabled=model.fqn[2] in var('sources')) -}}
{%- endmacro %}


{#
    The last columns of a staging model in plain SQL: where the row comes from and what did
    not convert. (stage() has `unparsable_cells`, too: all that did not convert, as
    rule:column:raw column. There an optional cell costs no more than itself.)
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
