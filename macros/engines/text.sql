{#
    Conversions of raw values. Each takes a column of any type and gives null where the
    value does not convert; staging names such a column in `unparsable_column`, so that no
    conversion turns into a silent null. A column that arrives typed (Parquet) is not
    taken through text.
#}

{# Trimmed text; blank is null. #}
{% macro clean_text(column) -%}
    nullif(trim(cast({{ column }} as varchar)), '')
{%- endmacro %}


{#
    A business day. Accepts dates, timestamps, ISO dates, `2024/3/5`, `2024年3月5日`,
    `20240305`, and timestamps with an offset, which are read in the business time zone.
    `formats`: other strptime formats, where a source writes dates in its own way.
#}
{% macro clean_date(column, formats=none) -%}
    {%- set days = formats or ['%Y-%m-%d', '%Y/%m/%d', '%Y.%m.%d', '%Y年%m月%d日', '%Y%m%d'] -%}
    {%- set times = [
        '%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y/%m/%d %H:%M:%S',
        '%Y-%m-%d %H:%M:%S.%f', '%Y-%m-%dT%H:%M:%S.%f', '%Y-%m-%d %H:%M', '%Y/%m/%d %H:%M',
    ] -%}
    {%- set zoned = ['%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%d %H:%M:%S%z', '%Y-%m-%dT%H:%M:%S.%f%z'] -%}
    {#- Digits first: strptime would read the words `infinity` and `epoch` as dates. -#}
    {%- set text = "regexp_extract(" ~ clean_text(column) ~ ", '^[0-9].*$')" -%}
    case
        when typeof({{ column }}) = 'DATE' or typeof({{ column }}) like 'TIMESTAMP%'
            then try_cast({{ column }} as date)
        else coalesce(
            cast(try_strptime({{ text }}, {{ days + times }}) as date),
            cast(timezone(
                '{{ var("business_time_zone") }}',
                try_strptime(regexp_replace({{ text }}, 'Z$', '+00:00'), {{ zoned }})
            ) as date)
        )
    end
{%- endmacro %}


{# Money with two decimals: `1234.50`, `1,234.50`, `¥1,234.50`, `1234.50元`. #}
{% macro clean_amount(column) -%}
    {{ _clean_decimal(column, 'decimal(18, 2)') }}
{%- endmacro %}


{# A number that is not money: an index, a share, a score. #}
{% macro clean_number(column) -%}
    {{ _clean_decimal(column, 'decimal(18, 4)') }}
{%- endmacro %}


{# A whole number; `3.0` is 3, `3.5` does not convert. #}
{% macro clean_integer(column) -%}
    case
        when {{ clean_number(column) }} = floor({{ clean_number(column) }})
            then try_cast({{ clean_number(column) }} as integer)
    end
{%- endmacro %}


{# Yes or no, as systems write it: true/false, t/f, yes/no, y/n, 1/0, 是/否. #}
{% macro clean_boolean(column) -%}
    case
        when lower({{ clean_text(column) }}) in ('true', 't', 'yes', 'y', '1', '是') then true
        when lower({{ clean_text(column) }}) in ('false', 'f', 'no', 'n', '0', '否') then false
    end
{%- endmacro %}


{# A code in lower case with underscores: `Follow-up` is `follow_up`. #}
{% macro clean_code(column) -%}
    replace(replace(lower({{ clean_text(column) }}), '-', '_'), ' ', '_')
{%- endmacro %}


{# A phone number reduced to its digits, without China's country code. #}
{% macro clean_phone(column) -%}
    nullif(regexp_replace(
        regexp_replace({{ clean_text(column) }}, '[^0-9]', '', 'g'),
        '^(0086|86)(1[0-9]{10})$', '\2'
    ), '')
{%- endmacro %}


{# The raw row as JSON text without its lineage, for people who have to find and mend it. #}
{% macro raw_row_text(relation_alias) -%}
    cast(json_merge_patch(
        to_json({{ relation_alias }}),
        '{"_file": null, "_row": null, "_loaded_at": null, "_row_id": null}'
    ) as varchar)
{%- endmacro %}


{% macro _clean_decimal(column, type) -%}
    {%- set text = clean_text(column) -%}
    case
        when typeof({{ column }}) != 'VARCHAR' then try_cast({{ column }} as {{ type }})
        when regexp_full_match(
            {{ text }}, '[+-]?[¥￥]?[+-]?([0-9]+|[0-9]{1,3}([,，][0-9]{3})+)([.][0-9]+)?元?'
        )
            then try_cast(regexp_replace({{ text }}, '[¥￥,，元]', '', 'g') as {{ type }})
    end
{%- endmacro %}
