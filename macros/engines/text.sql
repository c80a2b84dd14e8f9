{#
    Conversions of raw values. Each takes a column of any type and gives null where the
    value does not convert; staging names such a column in `unparsable_column`, so that no
    conversion turns into a silent null. A column that arrives typed (Parquet) is not
    taken through text.
#}

{#
    Trimmed text without invisible characters. Blank is null, and so are the words that
    exporters write for null, spelled as they write them.
#}
{% macro clean_text(column) -%}
    nullif({{ _visible(column) }}, '')
{%- endmacro %}


{#
    An id as all files of a source write it: without the guards of spreadsheets (`="0012"`,
    `'0012`), in half-width characters, 10023.0 as 10023. `clean_id` is null for a number in
    scientific notation: it has lost its end, and would be the id of strangers.
#}
{% macro clean_id(column, text=none) -%}
    {%- set id = text or id_text(column) -%}
    case
        when regexp_full_match(
            {{ id }}, '[+-]?[0-9]+([.][0-9]+[eE][+-]?[0-9]+|[eE][+][0-9]+)'
        ) then null
        else nullif({{ id }}, '')
    end
{%- endmacro %}


{% macro id_text(column) -%}
    {%- set value = 'cast(' ~ column ~ ' as varchar)' -%}
    case
        when regexp_full_match({{ value }}, '[A-Za-z0-9_-]+')
            and {{ value }} not in ('NULL', 'null')
            then {{ value }}
        else regexp_replace(
            regexp_replace(
                translate(
                    {{ _without_hidden(column) }}, '{{ _wide_characters() }}　',
                    '{{ _plain_characters() }} '
                ),
                '^=?["''`]+|["''`]+$', '', 'g'
            ),
            '^\s+|\s+$|^([0-9]+)[.]0+$', '\1', 'g'
        )
    end
{%- endmacro %}


{# The full-width forms of all plain characters that can be seen, and those characters. #}
{% macro _wide_characters() -%}
    ！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～
{%- endmacro %}

{% macro _plain_characters() -%}
    !"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~
{%- endmacro %}


{#
    A business day, written with the year first, of four digits: a date, or a moment in any
    usual spelling (`2024/3/5`, `2024年3月5日 15时`, `20240305`, `2024-03-05T15:59:59.123 Z`).
    What has an offset is read in the business time zone. `formats`: strptime formats, where
    a source writes days in its own way; a digit is asked for first, since strptime reads the
    words `infinity` and `epoch` as dates.
#}
{% macro clean_date(column, formats=none, text=none) -%}
    {%- set written = text or half_width(column) -%}
    case
        when typeof({{ column }}) = 'TIMESTAMP WITH TIME ZONE'
            then {{ _day_of_moment('try_cast(' ~ column ~ ' as timestamp with time zone)') }}
        when typeof({{ column }}) = 'DATE' or typeof({{ column }}) like 'TIMESTAMP%'
            then try_cast({{ column }} as date)
        {%- if not formats %}
        when regexp_full_match({{ written }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
            then try_cast({{ written }} as date)
        {%- endif %}
        {%- if formats %}
        when {{ _day_as_written(written, formats) }} is not null
            then {{ _day_as_written(written, formats) }}
        {%- endif %}
        when regexp_full_match({{ written }}, '{{ _year_first() }}') then try_cast(
            regexp_replace(
                {{ written }}, '^([0-9]{4})[^0-9]*([0-9]{1,2})[^0-9]*([0-9]{1,2}).*$', '\1-\2-\3'
            ) as date
        )
        when regexp_full_match({{ written }}, '{{ _year_first(zoned=true) }}')
            then {{ _day_of_moment(_moment_with_offset(written)) }}
    end
{%- endmacro %}


{#
    A business day as a flat file writes it. `style`, a column: day_first (`5/3/2024`),
    month_first (`3/5/2024`), month_named (`5 Mar 2024`, `Mar 5, 2024`), else the year first
    (`24/3/5`, too).
    A time behind the day is left out; years may have two digits.
#}
{% macro written_day(column, style) -%}
    {%- set text = half_width(column) -%}
    {%- set short = "replace(replace(regexp_extract(" ~ text ~ ", '^([0-9]{1,2}[/.-][0-9]{1,2}"
        ~ "[/.-]([0-9]{4}|[0-9]{2}))([^0-9].*)?$', 1), '.', '/'), '-', '/')" -%}
    {%- set turned = "replace(replace(regexp_extract(" ~ text ~ ", '^([0-9]{2}[/.-][0-9]{1,2}"
        ~ "[/.-][0-9]{1,2})([^0-9].*)?$', 1), '.', '/'), '-', '/')" -%}
    {%- set named = "replace(replace(regexp_extract(" ~ text ~ ", '^(([0-9]{1,2}[ -][A-Za-z]+[ -]"
        ~ "|[A-Za-z]+ [0-9]{1,2},? )([0-9]{4}|[0-9]{2}))([^0-9].*)?$', 1), '-', ' '), ',', '')" -%}
    case
        when {{ style }} = 'day_first' and {{ short }} != ''
            then cast(try_strptime({{ short }}, ['%d/%m/%y', '%d/%m/%Y']) as date)
        when {{ style }} = 'month_first' and {{ short }} != ''
            then cast(try_strptime({{ short }}, ['%m/%d/%y', '%m/%d/%Y']) as date)
        when {{ style }} = 'month_named' and {{ named }} != ''
            then cast(try_strptime({{ named }}, [
                '%d %b %y', '%d %b %Y', '%d %B %Y', '%b %d %Y', '%B %d %Y'
            ]) as date)
        when {{ style }} = 'year_first' and {{ turned }} != ''
            then cast(try_strptime({{ turned }}, '%y/%m/%d') as date)
        else {{ clean_date(column) }}
    end
{%- endmacro %}


{# The day by a source's own formats; with %z it is a moment. #}
{% macro _day_as_written(written, formats) -%}
    {%- set digits = "regexp_extract(" ~ written ~ ", '^.*[0-9].*$')" -%}
    {%- set ways = [] -%}
    {%- for format in formats -%}
        {%- if '%z' in format | lower -%}
            {%- do ways.append(_day_of_moment(
                "try_strptime(regexp_replace(" ~ digits ~ ", 'Z$', '+00:00'), '" ~ format ~ "')"
            )) -%}
        {%- else -%}{%- do ways.append("cast(try_strptime(" ~ digits ~ ", '" ~ format ~ "') as date)") -%}
        {%- endif -%}
    {%- endfor -%}
    coalesce({{ ways | join(', ') }})
{%- endmacro %}


{# A pattern: a day or moment with its year first; `zoned`: a moment with its offset. #}
{% macro _year_first(zoned=false) -%}
    {%- set separated = '[0-9]{4}(?:-[0-9]{1,2}-|/[0-9]{1,2}/|[.][0-9]{1,2}[.])[0-9]{1,2}' -%}
    {%- set chinese = '[0-9]{4} ?年 ?[0-9]{1,2} ?月 ?[0-9]{1,2} ?[日号]' -%}
    {%- set weekday = '(?: ?(?:[(（]?(?:星期|周)[一二三四五六日天][)）]?|[(（][一二三四五六日天][)）]))?' -%}
    {%- set hour = '(?:[01]?[0-9]|2[0-3])' -%}
    {%- set colons = hour ~ ':[0-5]?[0-9](?::[0-5]?[0-9](?:[.,][0-9]+)?)?' -%}
    {%- set words = hour ~ ' ?[时点](?: ?[0-5]?[0-9] ?分(?: ?[0-5]?[0-9] ?秒)?)?' -%}
    {%- set packed = '(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9](?:[.,]?[0-9]{1,9})?)?' -%}
    {%- set clock = '(?:' ~ colons ~ '|' ~ words ~ ')' -%}
    {%- set gap = '[ T,\\t\\x{A0}]+' -%}
    {%- if zoned -%}
        {%- set offset = ' *(?:[Zz]|(?:UTC|GMT)?[+-][0-9]{2}(?::?[0-9]{2})?|UTC|GMT)(?:\\[[A-Za-z_/]+\\])?' -%}
        (?:{{ separated }}{{ gap }}{{ clock }}|{{ chinese }}{{ weekday }} *{{ clock }}|[0-9]{8}(?:[ T]*{{ packed }}|{{ gap }}{{ clock }})){{ offset }}
    {%- else -%}
        {%- set clock = '(?:(?:凌晨|早上|上午|中午|下午|晚上) ?)?' ~ clock ~ '(?: ?[AaPp][Mm])?' ~ weekday -%}
        (?:{{ separated }}{{ weekday }}(?:{{ gap }}{{ clock }}|[ T]{{ hour }})?|{{ chinese }}{{ weekday }}(?: *{{ clock }})?|[0-9]{8}(?:[.]0+|[ T]*{{ packed }}|{{ gap }}{{ clock }})?)
    {%- endif -%}
{%- endmacro %}


{# The moment of such a text; seconds are left out, which move no day. #}
{% macro _moment_with_offset(written) -%}
    try_cast(
        regexp_replace(
            regexp_replace(
                {{ written }},
                '^([0-9]{4})[^0-9]*([0-9]{1,2})[^0-9]*([0-9]{1,2})[^0-9]*([0-9]{1,2})[^0-9]*([0-9]{1,2})'
                || '.*?([+-][0-9]{2}:?(?:[0-9]{2})?)?(?:\[.*\])?$',
                '\1-\2-\3 \4:\5:00Z\6'
            ),
            'Z([+-])', '\1'
        ) as timestamp with time zone
    )
{%- endmacro %}


{# The business day of a timestamp that is in UTC, such as the time of loading. #}
{% macro business_day(utc_timestamp) -%}
    {{ _day_of_moment("timezone('UTC', " ~ utc_timestamp ~ ")") }}
{%- endmacro %}


{#
    Money, rounded to the fen: `1234.50`, `1,234.50`, `¥ 1,234.50`, `1234.50 元`, `１２３４`;
    `(500)` is below zero, as bookkeepers write it.
#}
{% macro clean_amount(column, text=none) -%}
    {{ _clean_decimal(column, 'decimal(18, 2)', text) }}
{%- endmacro %}


{# A number that is not money: an index, a score. #}
{% macro clean_number(column, text=none) -%}
    {{ _clean_decimal(column, 'decimal(18, 4)', text) }}
{%- endmacro %}


{# A share in percent: `45`, `45.0` and `45%` are alike. #}
{% macro clean_share(column, text=none) -%}
    {%- set bare = "regexp_replace(" ~ (text or half_width(column)) ~ ", ' ?[%％]$', '')" -%}
    {{ _clean_decimal(column, 'decimal(18, 4)', bare) }}
{%- endmacro %}


{# A whole number; `3.0` is 3, `3.5` does not convert. #}
{% macro clean_integer(column, text=none) -%}
    {%- set number = clean_number(column, text) -%}
    case when {{ number }} % 1 = 0 then try_cast({{ number }} as integer) end
{%- endmacro %}


{#
    Of the cells that did not convert (rule:column:raw column, …) the first in one of these
    columns, as rule:raw column; null if there is none.
#}
{% macro fault_among(cells, columns) -%}
    regexp_replace(
        nullif(regexp_extract({{ cells }}, '[a-z_]+:(?:{{ columns | join('|') }}):[^,]*'), ''),
        ':[a-z_0-9]+:', ':'
    )
{%- endmacro %}


{# A list of cells without those of these rules; null where none is left. #}
{% macro without_cells(cells, rules) -%}
    nullif(
        regexp_replace({{ cells }}, '(^|,)({{ rules | join('|') }}):[^,]*', '', 'g'), ''
    )
{%- endmacro %}


{# Yes or no, as systems write it: true/false, t/f, yes/no, y/n, 1/0, 1.0/0.0, 是/否. #}
{% macro clean_boolean(column, text=none) -%}
    {%- set word = 'lower(' ~ (text or clean_text(column)) ~ ')' -%}
    case
        when {{ word }} in ('true', 't', 'yes', 'y', '1', '1.0', '是') then true
        when {{ word }} in ('false', 'f', 'no', 'n', '0', '0.0', '否') then false
    end
{%- endmacro %}


{# A code in lower case with underscores: `Follow-up` is `follow_up`. #}
{% macro clean_code(column) -%}
    replace(replace(lower({{ clean_text(column) }}), '-', '_'), ' ', '_')
{%- endmacro %}


{#
    A phone number in one form, whatever way it is written: a mobile number as its 11 digits, a
    landline with the 0 of its area code, another country's after 00. What a spreadsheet has
    rounded (`1.38E+10`), two numbers in one cell, or `0` is no phone number: as digits it would
    link strangers. A masked number (`138****8888`) stays as it is; it identifies nobody.
#}
{% macro clean_phone(column, text=none) -%}
    {%- set phone = "regexp_replace(" ~ (text or half_width(column)) ~ ", '[.]0+$', '')" -%}
    {%- set digits = "regexp_replace(" ~ phone ~ ", '[^0-9]', '', 'g')" -%}
    case
        when regexp_full_match({{ digits }}, '1[3-9][0-9]{9}')
            and not regexp_matches({{ phone }}, '[+]') then {{ digits }}
        when regexp_matches({{ phone }}, '[*＊●•]|[xX#?]{2,}')
            then regexp_replace({{ phone }}, '[^0-9*＊●•xX#?]', '', 'g')
        when length({{ digits }}) between 7 and 15
            and not regexp_matches({{ phone }}, '[0-9][eE][+]?[0-9]')
            then {{ _phone_form("regexp_replace(" ~ phone ~ ", '[^0-9+]', '', 'g')") }}
    end
{%- endmacro %}


{# Digits and plus signs, step by step: `#` stands for China, `+` for another country. #}
{% macro _phone_form(written) -%}
    {%- set form = namespace(sql=written) -%}
    {%- for pattern, by in [
        ('^([+]|00)860?', '#'),
        ('^0?860?([1-9][0-9]{9,10})$', '#\\1'),
        ('^0?(1[3-9][0-9]{9})$', '#\\1'),
        ('^((10|2[0-9])[2-9][0-9]{7})$', '#\\1'),
        ('^(([35679][0-9]{2}|4[1-9][0-9]|8[1-46-9][0-9]|85[014-9])[2-9][0-9]{6,7})$', '#\\1'),
        ('^(85[23][569][0-9]{7}|8869[0-9]{8})$', '+\\1'),
        ('^#(1[3-9][0-9]{9})', '\\1'),
        ('^#', '0'),
        ('^[+]', '00'),
        ('[+]', ''),
    ] -%}
        {%- set form.sql = 'regexp_replace(' ~ form.sql ~ ", '" ~ pattern ~ "', '" ~ by ~ "')" -%}
    {%- endfor -%}
    {{ form.sql }}
{%- endmacro %}


{# The letters and digits of a text, in lower case: `(N/A)` is `na`. #}
{% macro bare_word(column) -%}
    lower(regexp_replace({{ column }}, '[^\pL\pN]', '', 'g'))
{%- endmacro %}


{# The raw row as JSON text without its lineage, for people who have to find and mend it. #}
{% macro raw_row_text(relation_alias) -%}
    cast(json_merge_patch(
        to_json({{ relation_alias }}),
        '{"_file": null, "_row": null, "_loaded_at": null, "_row_id": null}'
    ) as varchar)
{%- endmacro %}


{#
    The characters that can be seen: no white space or control character at the ends, no
    zero-width space, byte order mark, soft hyphen or change of direction within; nothing
    at all for a word that stands for null; not the guard of a spreadsheet (`="0012"`). What
    is not text when it arrives has none.
#}
{% macro _visible(column) -%}
    case
        when {{ _is_plain(column) }} then cast({{ column }} as varchar)
        when cast({{ column }} as varchar) like '="%"'
            then regexp_replace({{ _without_hidden(column) }}, '^="(.*)"$', '\1')
        else {{ _without_hidden(column) }}
    end
{%- endmacro %}


{#
    Whether a value is one word of plain characters, as most ids and numbers are: there is
    nothing to clean, and one look is cheaper than a search for what to take away.
#}
{% macro _is_plain(column) -%}
    {{ _is_text(column) }}
    and regexp_full_match(cast({{ column }} as varchar), '[#-&(-<>-_a-~][!-~]*')
    and cast({{ column }} as varchar) not in ('NULL', 'null', '\N', '#N/A')
{%- endmacro %}


{% macro _without_hidden(column) -%}
    {%- set edge = '[\\s\\pZ\\p{Cc}\\p{Cf}]' -%}
    {%- set hidden = [
        '\\x{AD}', '\\x{200B}', '\\x{200E}-\\x{200F}', '\\x{202A}-\\x{202E}',
        '\\x{2060}-\\x{2069}', '\\x{FEFF}',
    ] -%}
    {%- set null_word = edge ~ '*(?:NULL|null|\\\\N|#N/A)' ~ edge ~ '*' -%}
    case
        when {{ _is_text(column) }} then regexp_replace(
            cast({{ column }} as varchar),
            '^{{ null_word }}$|^{{ edge }}+|{{ edge }}+$|[{{ hidden | join("") }}]',
            '',
            'g'
        )
        else cast({{ column }} as varchar)
    end
{%- endmacro %}


{# Whether a column holds text: also without its mark (Parquet of old writers), or as JSON. #}
{% macro _is_text(column) -%}
    typeof({{ column }}) in ('VARCHAR', 'BLOB', 'JSON')
{%- endmacro %}


{# Whether a raw value says something; `text`: it as text. #}
{% macro is_given(column, text) -%}
    case when {{ _is_text(column) }} then {{ text }} != '' else {{ column }} is not null end
{%- endmacro %}


{#
    Text whose full-width digits and signs are written as the plain ones, without the guards
    of spreadsheets (`="12"`, `'12`).
#}
{% macro half_width(column) -%}
    case
        when {{ _is_plain(column) }} then cast({{ column }} as varchar)
        when {{ _is_text(column) }} and regexp_matches(cast({{ column }} as varchar), '^\s*[=''"`]')
            then regexp_replace({{ _without_hidden(column) }}, '^=?["''`]+|["''`]+$', '', 'g')
        when {{ _is_text(column) }}
            and regexp_matches(cast({{ column }} as varchar), '[０-９．，－−＋：／]')
            then translate({{ _without_hidden(column) }}, '０１２３４５６７８９．，－−＋：／　', '0123456789.,--+:/ ')
        else {{ _without_hidden(column) }}
    end
{%- endmacro %}


{# The day in the business time zone of a timestamp with time zone. #}
{% macro _day_of_moment(moment) -%}
    cast(timezone('{{ var("business_time_zone") }}', {{ moment }}) as date)
{%- endmacro %}


{#
    A truth value is no number, though it casts to one. An amount in another currency than the
    project's (var currency_symbol) is none either: nothing here converts it.
#}
{% macro _clean_decimal(column, type, text=none) -%}
    {%- set text = text or half_width(column) -%}
    {%- set is_yuan = var('currency') == 'CNY' -%}
    {%- set signs = '[¥￥]' if var('currency_symbol') in ['¥', '￥'] else '[' ~ var('currency_symbol') ~ ']+' -%}
    {%- set sign = '(?:' ~ signs ~ '|' ~ var('currency') ~ ('|RMB' if is_yuan) ~ ')' -%}
    {%- set signed = "regexp_replace(" ~ text ~ ", '^(" ~ sign ~ "?) ?[(（](.+)[)）]$', '-\\1\\2')" -%}
    case
        when typeof({{ column }}) = 'BOOLEAN' then null
        when typeof({{ column }}) != 'VARCHAR' then try_cast({{ column }} as {{ type }})
        when regexp_full_match({{ text }}, '-?[0-9]+([.][0-9]+)?')
            then try_cast({{ text }} as {{ type }})
        when regexp_full_match(
            {{ signed }},
            '[+-]?({{ sign }} ?)?[+-]?([0-9]*|[1-9][0-9]{0,2}(,[0-9]{3})+)([.][0-9]+)?( ?({{ sign }}{{ '|元' if is_yuan }}))?'
        )
            then try_cast(regexp_replace({{ signed }}, '{{ sign }}|[,元 ]', '', 'g') as {{ type }})
    end
{%- endmacro %}
