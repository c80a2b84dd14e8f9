{#
    The rows of `entity` from every active source, cast to the types of the contract in the
    entity's .yml: those that came after the raw row `after_row`. A source's rows come from its
    staging model, or typed from the raw table that has the contract's own columns. A feed that
    no active source delivers is an empty relation of the same shape.
#}
{% macro staged_rows(entity, after_row=0) -%}
    {%- set columns = staged_columns(entity) -%}
    {%- for name in sources_of(entity) %}
    {% if not loop.first %}union all{% endif %}
    select
        {%- set given = {'source': "'" ~ name ~ "'", 'known_since': 'loaded_at'} %}
        {%- for column in may_lack(name, entity) %}{% do given.update({column: 'null'}) %}{% endfor %}
        {%- for column, type in columns %}
        cast({{ given.get(column, column) }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- if is_staged(name, entity) %}
    {%- do must_have_columns(ref('stg_' ~ name ~ '__' ~ entity), entity, columns) %}
    from {{ ref('stg_' ~ name ~ '__' ~ entity) }}
    {%- else %}
    from (
        {{ typed_rows(source(name, entity), kinds_of(name, entity)) | indent(8) }}
    ) as typed
    {%- endif %}
    {{ 'where row_id > ' ~ after_row if after_row }}
    {%- else %}
    select
        {%- for column, type in columns %}
        cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endfor %}
{%- endmacro %}


{#
    Columns of a staged row that a source's model does not have and need not have: those that
    the contract calls optional (meta is_optional), and what only stage() tells of a raw row.
#}
{% macro may_lack(source_name, entity) %}
    {% if not is_staged(source_name, entity) %}{{ return([]) }}{% endif %}
    {% set staged = ref('stg_' ~ source_name ~ '__' ~ entity) %}
    {% set is_built = execute and load_cached_relation(staged) %}
    {% set there = column_names(staged) | map('lower') | list if is_built else [] %}
    {% set own = [] if is_row_by_row(source_name, entity) else ['unparsable_cells', 'lacking'] %}
    {{ return((optional_columns(entity) + own) | reject('in', there) | list) }}
{% endmacro %}


{# The columns of an entity's contract that no source has to name. #}
{% macro optional_columns(entity) %}
    {% set names = [] %}
    {% for column in (node_of(entity).columns.values() if execute else []) if column.meta.get('is_optional') %}
        {% do names.append(column.name) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# The columns of a staged row: those of the contract, and what is known of the raw row. #}
{% macro staged_columns(entity) %}
    {{ return(contract_columns(entity) + [
        ('unparsable_column', 'varchar'), ('raw_table', 'varchar'), ('is_carrier', 'boolean'),
        ('file_part', 'varchar'), ('unparsable_cells', 'varchar'), ('lacking', 'varchar'),
    ]) }}
{% endmacro %}


{# The active sources that deliver a feed, staged or in the contract's own shape. #}
{% macro sources_of(entity) %}
    {% set names = [] %}
    {% for name in var('sources') %}
        {% set feeds = var('source_feeds').get(name, []) + var('contract_feeds').get(name, []) %}
        {% if name in var('source_feeds') and not feeds %}
            {{ exceptions.raise_compiler_error(
                "The source '" ~ name ~ "' has no feed: write a model stg_" ~ name
                ~ "__<feed> and name the feed under source_feeds in dbt_project.yml (CONTRIBUTING.md)."
            ) }}
        {% elif not feeds %}
            {{ exceptions.raise_compiler_error(
                "Unknown source '" ~ name ~ "'. Known: "
                ~ (var('contract_feeds').keys() | list + var('source_feeds').keys() | list) | join(', ')
                ~ ". Add it to source_feeds in dbt_project.yml (CONTRIBUTING.md)."
            ) }}
        {% endif %}
        {% do names.append(name) if entity in feeds %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# Whether a source has a staging model for the feed. #}
{% macro is_staged(source_name, entity) %}
    {{ return(entity in var('source_feeds').get(source_name, [])) }}
{% endmacro %}


{# Whether each row of the feed is one raw row, typed by stage() or as the contract says. #}
{% macro is_row_by_row(source_name, entity) %}
    {% if not execute or not is_staged(source_name, entity) %}{{ return(true) }}{% endif %}
    {% set node = node_of('stg_' ~ source_name ~ '__' ~ entity) %}
    {{ return(node.config.meta.get('row_by_row', false)) }}
{% endmacro %}


{#
    {column: kind} of an entity's contract, for stage(). The raw table must have a column for
    each that is not optional: a source that lacks one stages the feed itself. Empty while dbt
    is still parsing.
#}
{% macro kinds_of(source_name, entity) %}
    {% set kinds = {} %}
    {% for column in (node_of(entity).columns.values() if execute else []) if column.meta.get('kind') %}
        {% set is_there = column.name in raw_table_of(source_name, entity).columns %}
        {% if not is_there and not column.meta.get('is_optional') %}
            {{ exceptions.raise_compiler_error(
                "The raw table " ~ entity ~ " of " ~ source_name ~ " lacks the column "
                ~ column.name ~ " of the contract (models/entities/" ~ entity ~ ".yml). Declare "
                ~ "it in models/staging/" ~ source_name ~ "/, or write stg_" ~ source_name ~ "__"
                ~ entity ~ " and move the feed to source_feeds in dbt_project.yml."
            ) }}
        {% endif %}
        {% do kinds.update({column.name: column.meta.kind if is_there else 'none'}) %}
    {% endfor %}
    {{ return(kinds) }}
{% endmacro %}


{# A raw table in dbt's graph. #}
{% macro raw_table_of(source_name, name) %}
    {{ return(graph.sources['source.' ~ project_name ~ '.' ~ source_name ~ '.' ~ name]) }}
{% endmacro %}


{#
    Stops the build if a staging model, once it is built, lacks one of `columns`
    ([(column, type), …]; `source` and `known_since` are not the staging model's to give).
#}
{% macro must_have_columns(staged, entity, columns) %}
    {% set is_built = execute and load_cached_relation(staged) %}
    {% set there = column_names(staged) | map('lower') | list if is_built else [] %}
    {% set by_themselves = ['source', 'known_since', 'unparsable_cells', 'lacking'] + optional_columns(entity) %}
    {% for column, type in columns if there and column not in there + by_themselves %}
        {{ exceptions.raise_compiler_error(
            staged.identifier ~ " lacks the column " ~ column ~ " of the contract "
            ~ "(models/entities/" ~ entity ~ ".yml). Where the source has none, write '"
            ~ column ~ "': 'none' in stage(), or cast(null as " ~ type ~ ") as " ~ column
            ~ " in plain SQL."
        ) }}
    {% endfor %}
{% endmacro %}


{#
    [(column, type), …] of an entity's contract, the columns with a data_type in its .yml;
    empty while dbt is still parsing. Surrogate keys have none: nobody delivers them.
#}
{% macro contract_columns(entity) %}
    {% set columns = [] %}
    {% for column in (node_of(entity).columns.values() if execute else []) if column.data_type %}
        {% do columns.append((column.name, column.data_type)) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{#
    The columns of a contract that say what happened: not which source says it and when, and
    not the personal ones (meta is_personal in the entity's .yml).
#}
{% macro content_columns(entity) %}
    {% set names = [] %}
    {% for column in (node_of(entity).columns.values() if execute else []) if column.data_type %}
        {% if not column.meta.get('is_personal') %}{% do names.append(column.name) %}{% endif %}
    {% endfor %}
    {{ return(names | reject('in', ['source', 'loaded_at', 'known_since', 'row_id']) | list) }}
{% endmacro %}


{# The raw tables of the sources that take part; empty while dbt is still parsing. #}
{% macro active_sources() %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {{ return(graph.sources.values() | selectattr('source_name', 'in', var('sources')) | list) }}
{% endmacro %}


{# The raw tables that a feed is made of. #}
{% macro raw_tables_of(entity) %}
    {% set found, open = {}, [] %}
    {% for name in (sources_of(entity) if execute else []) %}
        {% if is_staged(name, entity) %}
            {% do open.append('model.' ~ project_name ~ '.stg_' ~ name ~ '__' ~ entity) %}
        {% else %}
            {% do open.append(raw_table_of(name, entity).unique_id) %}
        {% endif %}
    {% endfor %}
    {# The list grows while it is read, up to the raw tables. #}
    {% for unique_id in open %}
        {% if unique_id in graph.sources %}
            {% do found.update({unique_id: graph.sources[unique_id]}) %}
        {% else %}
            {% do open.extend(graph.nodes[unique_id].depends_on.nodes | reject('in', open) | list) %}
        {% endif %}
    {% endfor %}
    {{ return(found.values() | list) }}
{% endmacro %}


{# Raw rows as text, of these tables and of the row ids that the query gives. #}
{% macro raw_rows(tables, row_ids) -%}
    {%- for node in tables %}
    select
        raw._row_id as row_id,
        raw._file as file_name,
        raw._row as row_number,
        {{ raw_row_text('raw') }} as raw_row
    from (
        select * from {{ node.relation_name }}
        where _row_id in ({{ row_ids }})
    ) as raw
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as bigint) as row_id,
        cast(null as varchar) as file_name,
        cast(null as bigint) as row_number,
        cast(null as varchar) as raw_row
    where false
    {%- endfor %}
{%- endmacro %}
