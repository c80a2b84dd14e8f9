{#
    Customers on two days side by side: one row per customer and pair of days, with
    `from_<model>` and `to_<model>` for each tier model, and what happened to them between.

    Args:
        pairs: a relation or CTE with ruleset, from_date, to_date, from_loaded_through and
            to_loaded_through.
#}
{% macro customers_on_two_days(pairs) -%}
    {%- set kept = [
        'clinic_id', 'scope_id', 'first_contact_date', 'source_records', 'net_amount_365',
        'clv_amount',
    ] -%}
    with
    {%- for side, day in [('earlier', 'from_date'), ('later', 'to_date')] %}
    {{ side }} as (
        select
            pairs.from_date,
            pairs.to_date,
            snapshots.*
        from {{ pairs }} as pairs
        inner join {{ ref('customer_snapshots') }} as snapshots
            on pairs.{{ day }} = snapshots.as_of_date
            and pairs.ruleset = snapshots.ruleset
    ),
    {% endfor %}
    merged as (
        select
            earlier.to_date,
            bridge.record_key,
            bridge.customer_key
        from earlier
        inner join {{ ref('customer_bridge') }} as bridge
            on earlier.customer_key = bridge.record_key
        where bridge.customer_key != bridge.record_key
    ),

    fused as (
        select to_date, record_key as customer_key from merged
        union
        select to_date, customer_key from merged
    ),

    -- What the customer did between the days, and what of before came to be known after the
    -- one day was computed and before the other was. An earlier day that was computed again
    -- later knows more than the later day.
    fact_days as (
        select distinct fact_date from {{ ref('customer_facts') }}
    ),

    between_days as (
        select distinct
            fact_days.fact_date,
            pairs.to_date
        from fact_days
        inner join {{ pairs }} as pairs
            on fact_days.fact_date > pairs.from_date and fact_days.fact_date <= pairs.to_date
    ),

    late as (
        select * from {{ ref('customer_facts') }}
        where known_since > (
            select min(least(from_loaded_through, to_loaded_through)) from {{ pairs }}
        )
    ),

    found as (
        select
            between_days.to_date,
            facts.customer_key,
            bool_or(facts.deed = 'refund') as has_refund,
            bool_or(facts.deed != 'refund') as has_acted,
            false as has_late_facts
        from {{ ref('customer_facts') }} as facts
        inner join between_days on facts.fact_date = between_days.fact_date
        group by between_days.to_date, facts.customer_key
        union all
        select distinct
            pairs.to_date,
            late.customer_key,
            false as has_refund,
            false as has_acted,
            true as has_late_facts
        from late
        inner join {{ pairs }} as pairs
            on late.fact_date <= pairs.from_date
            and late.known_since > least(pairs.from_loaded_through, pairs.to_loaded_through)
            and late.known_since
                <= greatest(pairs.from_loaded_through, pairs.to_loaded_through)
    ),

    deeds as (
        select
            to_date,
            customer_key,
            bool_or(has_refund) as has_refund,
            bool_or(has_acted) as has_acted,
            bool_or(has_late_facts) as has_late_facts
        from found
        group by to_date, customer_key
    ),

    newcomers as (
        select
            later.to_date,
            later.from_date,
            later.customer_key,
            pairs.from_loaded_through
        from later
        inner join {{ pairs }} as pairs on later.to_date = pairs.to_date
        left join earlier
            on later.customer_key = earlier.customer_key
            and later.to_date = earlier.to_date
        where earlier.customer_key is null
    ),

    known_before as (
        select distinct
            newcomers.to_date,
            newcomers.customer_key
        from newcomers
        inner join {{ ref('customer_facts') }} as facts
            on newcomers.customer_key = facts.customer_key
            and newcomers.from_date >= facts.fact_date
            and newcomers.from_loaded_through >= facts.known_since
        where facts.deed is not null
    )

    select
        coalesce(later.customer_key, earlier.customer_key) as customer_key,
        coalesce(later.ruleset, earlier.ruleset) as ruleset,
        coalesce(later.from_date, earlier.from_date) as from_date,
        coalesce(later.to_date, earlier.to_date) as to_date,
        earlier.customer_key is not null as was_known,
        later.customer_key is not null as is_known,
        fused.customer_key is not null as is_merged,
        coalesce(later.source_records < earlier.source_records, false) as is_split,
        known_before.customer_key is not null as has_known_facts,
        coalesce(
            pairs.from_loaded_through > pairs.to_loaded_through, false
        ) as is_restated,
        coalesce(deeds.has_late_facts, false) as has_late_facts,
        coalesce(deeds.has_refund, false) as has_refund,
        coalesce(deeds.has_acted, false) as has_acted,
        {% for column in kept %}
        earlier.{{ column }} as from_{{ column }},
        later.{{ column }} as to_{{ column }},
        {% endfor %}
        {% for name in var('tier_models') %}
        earlier.{{ name }}_tier as from_{{ name }},
        later.{{ name }}_tier as to_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from later
    full outer join earlier
        on later.customer_key = earlier.customer_key
        and later.to_date = earlier.to_date
        and later.ruleset = earlier.ruleset
    left join fused
        on coalesce(later.customer_key, earlier.customer_key) = fused.customer_key
        and coalesce(later.to_date, earlier.to_date) = fused.to_date
    left join deeds
        on coalesce(later.customer_key, earlier.customer_key) = deeds.customer_key
        and coalesce(later.to_date, earlier.to_date) = deeds.to_date
    left join known_before
        on later.customer_key = known_before.customer_key
        and later.to_date = known_before.to_date
    left join {{ pairs }} as pairs
        on coalesce(later.to_date, earlier.to_date) = pairs.to_date
{%- endmacro %}


{#
    The tiers of `customers_on_two_days` in the long form, with the cause of each move: one
    row per customer, pair of days and model.

    Args:
        customers: the relation or CTE that `customers_on_two_days` filled.
#}
{% macro tiers_on_two_days(customers) -%}
    with tiers as (
        {% for name in var('tier_models') %}
        select
            customers.*,
            '{{ name }}' as tier_model,
            customers.from_{{ name }} as from_tier,
            customers.to_{{ name }} as to_tier
        from {{ customers }} as customers
        where customers.from_{{ name }} is not null or customers.to_{{ name }} is not null
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    inputs (model, input_model) as (
        {{ tier_model_inputs() }}
    ),

    pairs as (
        select distinct from_date, to_date from {{ customers }}
    ),

    repositioned as (
        select distinct
            effects.customer_key,
            pairs.from_date,
            pairs.to_date,
            inputs.model
        from {{ ref('policy_effects') }} as effects
        inner join inputs on effects.model = inputs.input_model
        inner join pairs
            on effects.from_date >= pairs.from_date and effects.to_date <= pairs.to_date
        where effects.ruleset = '{{ var("ruleset") }}'
    ),

    ranked as (
        select
            tiers.*,
            from_labels.tier_rank as from_rank,
            to_labels.tier_rank as to_rank,
            repositioned.model is not null as is_repositioned
        from tiers
        left join {{ ref('tiers') }} as from_labels
            on tiers.tier_model = from_labels.model and tiers.from_tier = from_labels.tier
        left join {{ ref('tiers') }} as to_labels
            on tiers.tier_model = to_labels.model and tiers.to_tier = to_labels.tier
        left join repositioned
            on tiers.customer_key = repositioned.customer_key
            and tiers.tier_model = repositioned.model
            and tiers.from_date = repositioned.from_date
            and tiers.to_date = repositioned.to_date
    )

    select
        ranked.customer_key,
        ranked.ruleset,
        ranked.from_date,
        ranked.to_date,
        ranked.tier_model,
        ranked.from_tier,
        ranked.to_tier,
        ranked.from_rank,
        ranked.to_rank,
        ranked.from_clv_amount,
        ranked.to_clv_amount,
        coalesce(ranked.to_clinic_id, ranked.from_clinic_id) as clinic_id,
        coalesce(ranked.to_scope_id, ranked.from_scope_id) as scope_id,
        coalesce(ranked.from_net_amount_365, 0) as from_net_amount_365,
        coalesce(ranked.to_net_amount_365, 0) as to_net_amount_365,
        {{ move_cause() | indent(8) }} as cause
    from ranked
{%- endmacro %}


{# The first that applies; null for whoever stayed. Described in DECISIONS.md, "History". #}
{% macro move_cause() -%}
    case
        when (ranked.from_tier is not distinct from ranked.to_tier) then null
        when ranked.is_merged then 'merge'
        when ranked.is_restated and (not ranked.is_known or ranked.is_split) then 'late_data'
        when not ranked.is_known then 'withdrawn'
        when not ranked.was_known and ranked.to_first_contact_date > ranked.from_date
            then 'new_customer'
        when ranked.is_split or ranked.has_known_facts then 'unmerge'
        when ranked.has_late_facts or not ranked.was_known then 'late_data'
        when ranked.from_tier is null or ranked.to_tier is null then 'new_model'
        when ranked.is_repositioned then 'threshold_change'
        when ranked.to_rank > ranked.from_rank and ranked.has_refund then 'refund'
        when ranked.to_rank < ranked.from_rank and ranked.has_acted then 'behaviour'
        else 'time_passing'
    end
{%- endmacro %}


{# Each tier model with itself and the tier models that it is made of, as rows. #}
{% macro tier_model_inputs() -%}
    {%- set rows = [] -%}
    {%- for name in var('tier_models') if execute -%}
        {%- for input in _made_of(name, []) -%}
            {%- do rows.append("('" ~ name ~ "', '" ~ input ~ "')") -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ value_rows(rows, 2) }}
{%- endmacro %}


{#
    Each tier model with the thresholds that it, or what it is made of, reads, as rows: those
    of its ladder, of tier_inputs, and of the models in the room `tiers` that make its columns.
#}
{% macro tier_model_thresholds() -%}
    {%- set rows = [] -%}
    {%- for name in var('tier_models') if execute -%}
        {%- for input in _made_of(name, []) -%}
            {%- set ladder = node_of('tier_' ~ input).config.meta.ladder -%}
            {%- set names = ladder_thresholds(ladder.rungs, ladder.versus) -%}
            {%- do names.extend(node_of('tier_inputs').config.meta.serves.get(input, [])) -%}
            {%- for id in _upstream(_makers_of(_columns_read(ladder)), []) -%}
                {%- do names.extend(graph.nodes[id].config.meta.get('thresholds', [])) -%}
            {%- endfor -%}
            {%- for threshold in names -%}
                {%- do rows.append("('" ~ name ~ "', '" ~ threshold ~ "')") -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ value_rows(rows | unique | list, 2) }}
{%- endmacro %}


{# The model itself, and those whose tiers (`<model>_tier`) its ladder compares, all the way down. #}
{% macro _made_of(name, found) %}
    {% do found.append(name) %}
    {% for column in _columns_read(node_of('tier_' ~ name).config.meta.ladder) %}
        {% set input = column[:-5] if column.endswith('_tier') else '' %}
        {% do _made_of(input, found) if input in var('tier_models') and input not in found %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{% macro _columns_read(ladder) %}
    {% set columns = [] %}
    {% for rung in ladder.rungs %}
        {% for c in rung_conditions(rung, ladder.versus) %}
            {% do columns.append(c.parts.measure) %}
            {% do columns.append(c.parts.target) if c.parts.kind == 'column' %}
        {% endfor %}
    {% endfor %}
    {{ return(columns | unique | list) }}
{% endmacro %}


{# Ids of the models behind tier_inputs that describe one of these columns as theirs. #}
{% macro _makers_of(columns) %}
    {% set ids = [] %}
    {% for id in node_of('tier_inputs').depends_on.nodes if id in graph.nodes %}
        {% for column in columns if column in graph.nodes[id].columns and id not in ids %}
            {% do ids.append(id) %}
        {% endfor %}
    {% endfor %}
    {{ return(ids) }}
{% endmacro %}


{# Ids of the models of the room `tiers` that these read, themselves included. #}
{% macro _upstream(ids, found) %}
    {% for id in ids if id not in found and id in graph.nodes and graph.nodes[id].fqn[1] == 'tiers' %}
        {% do found.append(id) %}
        {% do _upstream(graph.nodes[id].depends_on.nodes, found) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
