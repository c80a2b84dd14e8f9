{#
    CTEs that end in `near`: who took an action (CTE `seekers_1`) beside those near enough, in
    the narrowest cell that has any. Wider cells are looked at for who found nobody.

    Args:
        shared: the columns of action_pool in which the rows of every cell agree.
        widths: what they agree in besides, a list of columns for each width, narrowest first.
#}
{% macro nearest_in_narrowest_cells(shared, widths) -%}
{%- for further in widths -%}
{%- set width = loop.index -%}
{{ nearest_in_cells(width, shared + further, 'seekers_' ~ width) }},

{% if not loop.last -%}
seekers_{{ width + 1 }} as (
    select * from seekers_{{ width }}
    except
    select as_of_date, action, customer_key from near_{{ width }}
),

{% endif -%}
{% endfor -%}
near as (
    {%- for further in widths %}
    select * from near_{{ loop.index }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}


{#
    CTEs that end in `near_<width>`: those of `seekers` (as_of_date, action, customer_key) who
    took an action, each beside the two nearest below and above in her cell who had not by
    then, in the order of what they had spent before and of the day; none further off than the
    policy allows (CTE `policy`).

    Args:
        width: the number of the width, for the names.
        cell: the columns of action_pool in which the rows of a cell agree.
        seekers: the CTE that says who looks for a match.
#}
{% macro nearest_in_cells(width, cell, seekers) -%}
cells_{{ width }} as (
    select
        {{ cell | join(', ') }},
        row_number() over (order by {{ cell | join(', ') }}) as cell_number
    from {{ ref('action_pool') }}
    left join {{ seekers }} as seekers using (as_of_date, action, customer_key)
    group by {{ cell | join(', ') }}
    having
        bool_or(is_taken and seekers.customer_key is not null)
        and bool_or(not is_taken)
),

ordered_{{ width }} as (
    select
        pool.as_of_date,
        pool.action,
        pool.customer_key,
        pool.index_date,
        pool.is_taken,
        pool.before_amount,
        cells.cell_number,
        sum(cast(not pool.is_taken as integer)) over (
            partition by cells.cell_number
            order by
                pool.before_amount asc,
                pool.index_date asc,
                pool.is_taken asc,
                pool.customer_key asc
            rows between unbounded preceding and current row
        ) as place
    from {{ ref('action_pool') }} as pool
    inner join cells_{{ width }} as cells on {{ same_values(cell, 'pool', 'cells') }}
),

-- An equality for each place: a range would hold everybody in a cell against everybody.
sought_{{ width }} as (
    {%- for step in [-1, 0, 1, 2] %}
    select
        ordered.*,
        ordered.place + {{ step }} as near_place
    from ordered_{{ width }} as ordered
    inner join {{ seekers }} as seekers using (as_of_date, action, customer_key)
    where ordered.is_taken
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

near_{{ width }} as (
    select
        taken.as_of_date,
        taken.action,
        taken.customer_key,
        taken.index_date as action_date,
        taken.before_amount,
        {{ width }} as width,
        near.customer_key as match_key,
        near.index_date as match_date,
        near.before_amount as match_before_amount,
        abs(taken.before_amount - near.before_amount) as gap_amount,
        abs(date_diff('day', taken.index_date, near.index_date)) as gap_days
    from sought_{{ width }} as taken
    inner join ordered_{{ width }} as near
        on taken.cell_number = near.cell_number and taken.near_place = near.place
    inner join policy
        on taken.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
        and abs(taken.before_amount - near.before_amount)
        <= policy.hva_max_spend_gap_share
        * greatest(abs(taken.before_amount), abs(near.before_amount))
    where not near.is_taken and taken.customer_key != near.customer_key
)
{%- endmacro %}
