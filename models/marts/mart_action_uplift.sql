-- What those who took a high-value action spent more in the months after than customers
-- like them who had not, with its interval. Observed, not proven.
-- One row per matched day and action that is looked at.
with described as (
    select distinct
        max(matched.as_of_date) over (partition by dates.as_of_date) as as_of_date
    from {{ ref('as_of_dates') }} as dates
    inner join {{ ref('action_uplifts') }} as matched
        on
            dates.as_of_date >= matched.as_of_date
            and matched.ruleset = '{{ var("ruleset") }}'
),

spent as (
    select
        as_of_date,
        action
        {%- for column, months, amount in [
            ('before_taken_amount', '< 0', 'taken_amount'),
            ('before_matched_amount', '< 0', 'matched_amount'),
            ('day_difference_amount', '= 0', '(taken_amount - matched_amount)'),
            ('after_taken_amount', '> 0', 'taken_amount'),
            ('after_matched_amount', '> 0', 'matched_amount'),
        ] %},
        {{ exact_ratio(
            'sum(case when month_offset ' ~ months ~ ' then ' ~ amount ~ ' end)',
            'max(pairs)', 2
        ) }} as {{ column }}
        {%- endfor %}
    from {{ ref('action_curves') }}
    group by as_of_date, action
)

select
    uplifts.as_of_date,
    uplifts.ruleset,
    uplifts.action,
    actions.label_en,
    actions.label_zh,
    cast(uplifts.customers_taken as integer) as customers_taken,
    cast(uplifts.takers_one_in as integer) as takers_one_in,
    cast(uplifts.candidates_one_in as integer) as candidates_one_in,
    cast(uplifts.pairs as integer) as pairs,
    cast(uplifts.matched_customers as integer) as matched_customers,
    cast(uplifts.pairs_same_clinic as integer) as pairs_same_clinic,
    cast(uplifts.matches_who_followed as integer) as matches_who_followed,
    spent.before_taken_amount,
    spent.before_matched_amount,
    spent.day_difference_amount,
    spent.after_taken_amount,
    spent.after_matched_amount,
    uplifts.uplift_amount,
    uplifts.uplift_low_amount,
    uplifts.uplift_high_amount,
    uplifts.is_sample_too_small,
    case
        when uplifts.is_sample_too_small
            then 'Too few pairs: do not act on this figure.'
    end as warning_en,
    case when uplifts.is_sample_too_small then '配对太少：请勿据此决策。' end as warning_zh
from {{ ref('action_uplifts') }} as uplifts
inner join described on uplifts.as_of_date = described.as_of_date
inner join {{ ref('high_value_actions') }} as actions on uplifts.action = actions.action
left join spent
    on
        uplifts.as_of_date = spent.as_of_date
        and uplifts.action = spent.action
