{#
    What the books of landing say of files when a model is compiled: which lack columns that
    others of their table have, and which number their rows by themselves.
#}

{# Rows of a query over a table of landing; none while dbt is parsing, or where nothing landed. #}
{% macro landed(table, columns, where) %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% if not is_there('landing', table) %}{{ return([]) }}{% endif %}
    {{ return(run_sql('select ' ~ columns ~ ' from landing.' ~ table ~ ' where ' ~ where)) }}
{% endmacro %}


{#
    [(SQL over `raw` that is true for their rows, raw columns), …]: files and sheets of a raw
    table without columns that others of it have. A table whose files are alike has none.
#}
{% macro partial_files(schema, table) %}
    {% set of_table = "source = '" ~ schema[4:] ~ "' and table_name = '" ~ table ~ "'" %}
    {% set groups, known, partial, in_sheets = {}, [], [], [] %}
    {% for file_id, first, last, columns in landed('sheets', 'file_id, first_row_id, last_row_id, columns', of_table) %}
        {% do in_sheets.append(file_id) %}
        {% do groups.setdefault(columns | sort | join('\n'), []).append(
            'raw._row_id between ' ~ first ~ ' and ' ~ last
        ) %}
    {% endfor %}
    {% for file_id, columns in landed('files', 'file_id, columns', of_table ~ ' and columns is not null') %}
        {% if file_id not in in_sheets %}
            {% do groups.setdefault(columns | sort | join('\n'), []).append(file_of('raw._row_id') ~ ' = ' ~ file_id) %}
        {% endif %}
    {% endfor %}
    {% for group in (groups if groups | length > 1 else []) %}{% do known.extend(group.split('\n')) %}{% endfor %}
    {% for group, rows in groups.items() %}
        {% set missing = known | unique | reject('in', group.split('\n')) | list %}
        {% if missing %}{% do partial.append((rows | join(' or '), missing)) %}{% endif %}
    {% endfor %}
    {{ return(partial) }}
{% endmacro %}


{# SQL: the contract columns that a row's file lacks, between commas; null: none. #}
{% macro lacking_columns(relation, columns) -%}
    {%- set cases = [] -%}
    {%- for rows, missing in partial_files(relation.schema, relation.identifier) -%}
        {%- set lacked = [] -%}
        {%- for column, spec in columns.items() if spec != 'none' -%}
            {%- set named = raw_names(spec) if is_expression(spec) else [(spec.split(' from ', 1) + [column])[1]] -%}
            {%- do lacked.append(column) if missing | select('in', named) | list -%}
        {%- endfor -%}
        {%- if lacked -%}{%- do cases.append((rows, ',' ~ lacked | join(',') ~ ',')) -%}{%- endif -%}
    {%- endfor -%}
    {%- if cases -%}
    case
        {%- for rows, lacked in cases %}
        when {{ rows }} then '{{ lacked }}'
        {%- endfor %}
    end
    {%- else -%}
    cast(null as varchar)
    {%- endif -%}
{%- endmacro %}


{# The raw columns that an expression of stage() names. #}
{% macro raw_names(sql) %}
    {{ return(modules.re.findall('raw[.]"([^"]+)"', sql) + modules.re.findall('raw[.](\\w+)', sql)) }}
{% endmacro %}


{# SQL: an id, in front of it the scope of the row's file where it numbers by itself. #}
{% macro scoped_id(relation, raw_column, id) -%}
    {%- set scopes = {} -%}
    {%- set of_table = "source = '" ~ relation.schema[4:] ~ "' and table_name = '" ~ relation.identifier ~ "'" -%}
    {%- for file_id, scope, columns in landed('files', 'file_id, scope, scoped_columns', of_table ~ " and scope != ''") -%}
        {%- if raw_column in columns -%}{%- do scopes.setdefault(scope, []).append(file_id) -%}{%- endif -%}
    {%- endfor -%}
    {%- if scopes -%}
    case
        {%- for scope, file_ids in scopes.items() %}
        when {{ file_of('raw._row_id') }} in ({{ file_ids | join(', ') }})
            then '{{ scope | replace("'", "''") }}/' || {{ id }}
        {%- endfor %}
        else {{ id }}
    end
    {%- else -%}
    {{ id }}
    {%- endif -%}
{%- endmacro %}


{# Whether files of a feed's raw tables lack columns that others have. #}
{% macro has_partial_files(entity) %}
    {% set found = [] %}
    {% for name in sources_of(entity) if is_row_by_row(name, entity) %}
        {% for node in raw_tables_of(entity) if node.source_name == name %}
            {% do found.extend(partial_files(node.schema, node.identifier)) %}
        {% endfor %}
    {% endfor %}
    {{ return(found | length > 0) }}
{% endmacro %}


{#
    The rows of `delivered`; a row whose file lacks a column has what the rows of its key said
    before it: a file changes the columns that it has, and no others.

    Args:
        columns: the columns of a staged row, [(column, type), …].
        key: the columns of the key.
        required: a row in which one of these cannot be read says nothing.
        held: the checked feed, if it holds earlier rows.
#}
{% macro with_what_was_known(columns, key, required, held=none) -%}
{%- set identity = ['source'] + key -%}
{%- set names = columns | map(attribute=0) | list -%}
{%- set fixed = identity + ['loaded_at', 'known_since', 'row_id', 'unparsable_column', 'raw_table',
    'is_carrier', 'file_part', 'unparsable_cells', 'lacking'] -%}
{%- set withdrawn = file_of('row_id') ~ ' in (select file_id from ' ~ source('landing', 'withdrawn_files') ~ ')' -%}
    select
        {{ names | join(',\n        ') }}
    from (
        select
            {%- for name in names %}
            {%- if name in fixed %}
            {{ name }},
            {%- else %}
            case
                when lacking like '%,{{ name }},%' then ({{ last_known(
                    "case when is_base and coalesce(lacking, '') not like '%," ~ name ~ ",%' then "
                    ~ record_of({'value': name}) ~ " end"
                ) }} over before_it).value
                else {{ name }}
            end as {{ name }},
            {%- endif %}
            {%- endfor %}
            is_new
        from (
            select
                {{ names | join(', ') }},
                {{ fault_among('unparsable_cells', required) }} is null and not {{ withdrawn }} as is_base,
                true as is_new
            from delivered
            {%- if held %}
            union all
            select
                {% for name, type in columns -%}
                {{ name if name not in ['unparsable_column', 'unparsable_cells', 'lacking']
                    else 'cast(null as varchar)' }},
                {% endfor -%}
                (
                    coalesce(row_fault, '') not like 'unparsable_value:%'
                    and coalesce(row_fault, '') not like 'rounded_id:%'
                    and not {{ withdrawn }}
                ) as is_base,
                false
            from {{ held }}
            {%- endif %}
        ) as told
        where {{ identity | join(' is not null and ') }} is not null
            and ({{ identity | join(', ') }}) in (
                select ({{ identity | join(', ') }}) from delivered
                where lacking is not null
            )
        window before_it as (
            partition by {{ identity | join(', ') }} order by loaded_at, row_id
            rows between unbounded preceding and 1 preceding
        )
    ) as filled
    where is_new
    union all
    select {{ names | join(', ') }}
    from delivered
    where coalesce(({{ identity | join(', ') }}) not in (
            select ({{ identity | join(', ') }}) from delivered
            where lacking is not null and {{ identity | join(' is not null and ') }} is not null
        ), true)
{%- endmacro %}
