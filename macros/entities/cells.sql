{#
    Cells of optional columns. A value that cannot be read, or that a check does not accept, is
    null; `flagged` lists such cells as rule:column:raw column or rule:column, with commas
    between them. The view flagged_cells gives each a row.
#}

{# A column of a staged row, or null where a check of it says that its value is bad. #}
{% macro value_if_good(column, checks, as=none) -%}
    {%- set bad = checks | selectattr('column', 'equalto', column) | map(attribute='sql') | list -%}
    {%- if bad -%}
    case when not coalesce({{ bad | join(' or ') }}, false) then staged.{{ column }} end as {{ as or column }}
    {%- else -%}
    staged.{{ column }}{{ ' as ' ~ as if as }}
    {%- endif -%}
{%- endmacro %}


{#
    For a staging model in plain SQL: the list of cells that did not convert, of {rule:column:
    raw column: [raw SQL, typed SQL]}; null where all did. Each costs no more than itself.
#}
{% macro bad_texts(cells) -%}
    nullif(
        concat_ws(
            ','
            {%- for cell, (raw, typed) in cells.items() %},
            case when {{ typed }} is null and {{ clean_text(raw) }} is not null then '{{ cell }}' end
            {%- endfor %}
        ),
        ''
    )
{%- endmacro %}


{# The list of bad cells; null where all are good. #}
{% macro bad_cells(checks) -%}
    case
        when
            staged.unparsable_cells is not null
            {%- for check in checks %}
            or {{ check.sql }}
            {%- endfor %}
            then concat_ws(
                ',', staged.unparsable_cells
                {%- for check in checks %},
                case when {{ check.sql }} then '{{ check.rule }}:{{ check.column }}' end
                {%- endfor %}
            )
    end
{%- endmacro %}
