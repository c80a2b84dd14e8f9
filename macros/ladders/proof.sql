{#
    The measures of a ladder, each window apart: [{name, label, measure, window, family,
    window_sql, thresholds, columns, codes, may_be_null}].
#}
{% macro ladder_slots(rungs, versus) %}
    {% set by_label = {} %}
    {% for rung in rungs %}
        {% for c in rung_conditions(rung, versus) %}
            {% set p = c.parts %}
            {% set label = p.measure ~ ('[' ~ p.window ~ ']' if p.window else '') %}
            {% if label not in by_label %}
                {% set is_lifetime = p.measure.endswith('_lifetime') %}
                {% do by_label.update({label: {
                    'name': 'slot_' ~ (by_label | length + 1), 'label': label,
                    'measure': p.measure, 'window': p.window,
                    'family': p.measure[:-9] if is_lifetime else (p.measure if p.window else label ~ '?'),
                    'window_sql': ('coalesce(nullif(policy.' ~ p.window ~ ', 0), 1e9)') if p.window else '1e9',
                    'thresholds': [], 'codes': [], 'columns': [],
                }}) %}
            {% endif %}
            {% set slot = by_label[label] %}
            {% if p.kind == 'null' %}{% do slot.update({'may_be_null': true}) %}
            {% elif p.kind == 'threshold' %}{% do slot.thresholds.append(p.target) %}
            {% elif p.kind == 'code' %}{% do slot.codes.append(p.target) %}
            {% elif p.kind == 'column' %}{% do slot.columns.append(p.target) %}{% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(by_label.values() | list) }}
{% endmacro %}


{# The boundary values of one slot: one row per as-of date, rule set, scope and point. #}
{% macro slot_values(slot) -%}
    {%- if slot.codes and slot.measure.endswith('_tier') -%}
    select policy.as_of_date, policy.ruleset, policy.scope_id, tiers.tier as point
    from policy
    cross join {{ ref('tiers') }} as tiers
    where tiers.model = '{{ slot.measure[:-5] }}'
    {%- if slot.may_be_null %}
    union all
    select as_of_date, ruleset, scope_id, null as point from policy
    {%- endif %}
    {%- else -%}
    select as_of_date, ruleset, scope_id, cast(null as {{ 'varchar' if slot.codes else 'decimal(18, 4)' }}) as point
    from policy
    {%- for code in slot.codes %}
    union
    select as_of_date, ruleset, scope_id, {{ code }} as point from policy
    {%- endfor %}
    {%- for base in slot.thresholds | unique | map('string') | list + (['0'] if slot.columns else []) %}
    {%- for step in ['- 1', '+ 0', '+ 1'] %}
    union
    select as_of_date, ruleset, scope_id, {{ base }} {{ step }} as point from policy
    {%- endfor %}
    {%- endfor %}
    {%- endif %}
{%- endmacro %}


{# The columns of `measures` that a ladder reads, out of the slots. #}
{% macro slot_columns(slots) %}
    {% set columns = [] %}
    {% for slot in slots if not slot.window %}
        {% do columns.append({'name': slot.measure, 'sql': 'points.' ~ slot.name}) %}
    {% endfor %}
    {% set known = columns | map(attribute='name') | list %}
    {% for slot in slots %}
        {% for column in slot.columns | unique if column not in known %}
            {% do known.append(column) %}
            {% do columns.append({'name': column, 'sql': '0'}) %}
        {% endfor %}
    {% endfor %}
    {% for measure in slots | selectattr('window') | map(attribute='measure') | unique %}
        {% for suffix in var('measure_windows') + ['lifetime'] %}
            {% set name = measure ~ '_' ~ suffix %}
            {% if name not in known %}
                {% set days = 0 if suffix == 'lifetime' else suffix %}
                {% set sql %}case
            {%- for slot in slots if slot.measure == measure and slot.window %} when points.{{ slot.window }} = {{ days }} then points.{{ slot.name }}{% endfor %} end{% endset %}
                {% do columns.append({'name': name, 'sql': sql}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{#
    The columns of a ladder's input that it compares as numbers although they have more than
    four decimals, as relation columns.
#}
{% macro too_fine_columns(ladder) %}
    {% set numbers, found = [], [] %}
    {% for slot in ladder_slots(ladder.rungs, ladder.versus) if slot.thresholds or slot.columns %}
        {% do numbers.append(slot) %}
    {% endfor %}
    {% set names = slot_columns(numbers) | map(attribute='name') | list %}
    {% set measures = load_cached_relation(relation_of(node_of(ladder.measures))) %}
    {% for column in (columns_with_types(measures) if measures else []) %}
        {% if column.name in names and decimals_of(column) > 4 %}
            {% do found.append(column) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
