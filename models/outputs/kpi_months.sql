-- What the KPIs are made of, month by month: the customers of a tier are those who held it
-- when the month began; who came later is `new_this_month`.
-- One row per month, clinic ('*': all), model ('*': all customers) and tier.
{%- set models = var('kpi_models') %}
{%- set measures = [
    'net_amount', 'profit_amount', 'purchases', 'purchase_amount', 'nps_answers', 'promoters',
    'detractors', 'csat_answers', 'csat_score', 'contacts', 'calls', 'contact_cost',
    'contact_profit', 'debuts', 'single_debuts',
] %}
{%- set flags = ['is_member', 'had_bought', 'is_buyer', 'has_repurchased', 'is_active'] %}
with debuts as (
    select
        customer_sk,
        min(debut_date) as debut_date
    from {{ ref('month_purchases') }}
    group by customer_sk
),

members as (
    select
        profiles.customer_sk,
        snapshots.clinic_id,
        snapshots.clv_amount,
        {% for name in models %}snapshots.{{ name }}_tier, {% endfor %}
        {{ days_after('snapshots.as_of_date', 1) }} as month_date,
        coalesce(debuts.debut_date <= snapshots.as_of_date, false) as has_bought
    from {{ ref('customer_snapshots') }} as snapshots
    inner join {{ ref('customer_profiles') }} as profiles
        on snapshots.customer_key = profiles.customer_key
    left join debuts on profiles.customer_sk = debuts.customer_sk
    where
        snapshots.ruleset = '{{ var("ruleset") }}'
        and {{ days_after('snapshots.as_of_date', 1) }} in (
            select facts.month_date from {{ ref('kpi_facts') }} as facts
        )
),

told as (
    select
        coalesce(members.month_date, facts.month_date) as month_date,
        coalesce(members.clinic_id, profiles.home_clinic_id, 'unknown') as clinic_id,
        {% for name in models %}
            case
                when members.customer_sk is null then 'new_this_month'
                else members.{{ name }}_tier
            end as {{ name }}_tier,
        {% endfor %}
        case when members.customer_sk is not null then 1 else 0 end as is_member,
        case when members.has_bought then 1 else 0 end as had_bought,
        members.clv_amount,
        case when facts.purchases > 0 then 1 else 0 end as is_buyer,
        case when facts.repurchases > 0 and members.has_bought then 1 else 0 end
            as has_repurchased,
        case when facts.active > 0 and members.customer_sk is not null then 1 else 0 end
            as is_active,
        {{ columns_of('facts', measures) }}
    from members
    full join {{ ref('kpi_facts') }} as facts
        on
            members.customer_sk = facts.customer_sk
            and members.month_date = facts.month_date
    left join {{ ref('customer_profiles') }} as profiles
        on facts.customer_sk = profiles.customer_sk
),

summed as (
    select
        month_date,
        clinic_id,
        case
            {%- for name in models %}
            when grouping({{ name }}_tier) = 0 then '{{ name }}'
            {%- endfor %}
            else '*'
        end as model,
        coalesce({{ models | join('_tier, ') }}_tier) as tier,
        count(clv_amount) as valued,
        sum(clv_amount) as value_amount
        {%- for measure in flags + measures %},
        sum({{ measure }}) as {{ measure }}
        {%- endfor %}
    from told
    group by grouping sets (  -- noqa: PRS
        {%- for name in models %}
        (month_date, clinic_id, {{ name }}_tier),
        {%- endfor %}
        (month_date, clinic_id)
    )
),

everywhere as (
    {% for clinic in ['clinic_id', "'*'"] %}
        select
            month_date,
            {{ clinic }} as clinic_id,
            model,
            case when model = '*' then '*' else tier end as tier
            {%- for measure in ['valued', 'value_amount'] + flags + measures %},
            sum({{ measure }}) as {{ measure }}
            {%- endfor %}
        from summed
        where model = '*' or tier is not null
        group by month_date, {{ clinic }}, model, case when model = '*' then '*' else tier end
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    everywhere.*,
    case when everywhere.model = '*' then tops.top_profit_amount end as top_profit_amount
from everywhere
left join {{ ref('kpi_top_buyers') }} as tops
    on
        everywhere.month_date = tops.month_date
        and everywhere.clinic_id = tops.clinic_id
