-- How likely each active buyer is to buy nothing in the next churn_window_days, and the three
-- strongest reasons in words (↑ raises the risk, ↓ lowers it). One row per active buyer.
{%- set money = "'" ~ var('currency_symbol') ~ "'" %}
with told as (
    select
        scores.customer_key,
        scores.as_of_date,
        scores.model,
        scores.fit_date,
        scores.probability,
        scores.place,
        {% for language in ['zh', 'en'] %}
            case
                when scores.effect = 0 then null
                when scores.value is null then words.none_{{ language }}
                else replace(
                    case
                        when round(scores.value) = 1
                            then {{ in_number('words.text_' ~ language, true) }}
                        else {{ in_number('words.text_' ~ language, false) }}
                    end, '{value}',
                    case when scores.feature like '%amount%' then {{ money }} else '' end
                    || {{ grouped_number('round(scores.value)') }}
                )
            end || case when scores.effect > 0 then ' ↑' else ' ↓' end as text_{{ language }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref('churn_scores') }} as scores
    inner join {{ ref('churn_drivers') }} as words on scores.feature = words.feature
),

joined as (
    select
        customer_key,
        as_of_date,
        model,
        fit_date,
        cast(max(probability) as decimal(9, 4)) as churn_probability,
        {{ joined_text('text_zh', '；', 'place') }} as drivers_zh,
        {{ joined_text('text_en', '; ', 'place') }} as drivers_en
    from told
    group by customer_key, as_of_date, model, fit_date
)

select
    measures.customer_key,
    joined.as_of_date,
    '{{ var("ruleset") }}' as ruleset,
    coalesce(measures.clinic_id, 'unknown') as clinic_id,
    tiers.final_tier,
    joined.churn_probability,
    cast(
        joined.churn_probability * greatest(measures.net_amount_365, 0) as decimal(18, 2)
    ) as stake_amount,
    measures.net_amount_365,
    measures.days_since_purchase,
    joined.model,
    joined.fit_date,
    joined.drivers_zh,
    joined.drivers_en
from joined
inner join {{ ref('customer_measures') }} as measures
    on
        joined.customer_key = measures.customer_key
        and joined.as_of_date = measures.as_of_date
left join {{ ref('customer_tiers') }} as tiers
    on
        measures.customer_sk = tiers.customer_sk
        and measures.as_of_date = tiers.as_of_date
        and tiers.ruleset = '{{ var("ruleset") }}'
