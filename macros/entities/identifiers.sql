{#
    Whether a word (bare_word) stands for "unknown" or "example", and so identifies nobody: it
    has no letter or digit, it is in the seed placeholders, it repeats one character, or it is
    a row of digits that count up or down.
#}
{% macro is_placeholder(word) -%}
    {{ word }} = ''
    or {{ word }} in (select {{ bare_word('value') }} from {{ ref('placeholders') }})
    or {{ word }} = repeat(left({{ word }}, 1), length({{ word }}))
    or (
        length({{ word }}) >= 3
        and (
            position({{ word }} in '01234567890123456789') > 0
            or position({{ word }} in '98765432109876543210') > 0
        )
    )
{%- endmacro %}


{#
    A WeChat unionid as is_placeholder asks for it: a phrase (`微信用户`, `no data`) is none, since
    WeChat writes letters, digits, _ and - only.
#}
{% macro unionid_word(unionid) -%}
    {%- set written = 'abcdefghijklmnopqrstuvwxyz0123456789_-' -%}
    case
        when translate(lower({{ unionid }}), '{{ written }}', '') = '' then {{ bare_word(unionid) }}
        else ''
    end
{%- endmacro %}


{#
    Whether a phone number is nobody's: masked, one digit eight times at its end, a few digits
    over and over, or digits that count up at its end (a mobile number's also down). As
    clean_phone writes it.
#}
{% macro is_placeholder_number(phone) -%}
    translate({{ phone }}, '0123456789', '') != ''
    or right({{ phone }}, 8) = repeat(right({{ phone }}, 1), length(right({{ phone }}, 8)))
    or (
        length({{ phone }}) >= 8
        and position(right({{ phone }}, 8) in '01234567890123456789') > 0
    )
    or position(ltrim({{ phone }}, '0') in '98765432109876543210') > 0
    or ({{ phone }} like '1%' and position(right({{ phone }}, 8) in '9876543210987') > 0)
    or position(left({{ phone }}, 8) in '12345678901234567890') > 0
    or left({{ phone }}, 8) = repeat(left({{ phone }}, 1), 8)
    {%- for digits in [2, 3, 4] %}
    or (
        length({{ phone }}) >= 10
        and {{ phone }} = left(repeat(left({{ phone }}, {{ digits }}), 8), length({{ phone }}))
    )
    {%- endfor %}
{%- endmacro %}
