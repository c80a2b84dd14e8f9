-- What those who took a high-value action spent more in the months after than customers
-- like them who had not, with its interval. Observed, not proven.
-- One row per as-of date and action that is looked at.
select
    samples.as_of_date,
    samples.ruleset,
    samples.action,
    samples.label_en,
    samples.label_zh,
    cast(samples.customers_taken as integer) as customers_taken,
    samples.takers_one_in,
    samples.candidates_one_in,
    cast(samples.pairs as integer) as pairs,
    cast(samples.matched_customers as integer) as matched_customers,
    cast(coalesce(balances.pairs_same_clinic, 0) as integer) as pairs_same_clinic,
    cast(coalesce(balances.matches_who_followed, 0) as integer) as matches_who_followed,
    {% for relation, column in [
        ('balances', 'before_taken_amount'), ('balances', 'before_matched_amount'),
        ('balances', 'day_difference_amount'), ('uplifts', 'after_taken_amount'),
        ('uplifts', 'after_matched_amount'), ('uplifts', 'uplift_amount'),
        ('uplifts', 'uplift_low_amount'), ('uplifts', 'uplift_high_amount'),
    ] %}
        cast({{ relation }}.{{ column }} as decimal(18, 2)) as {{ column }},
    {% endfor %}
    samples.is_sample_too_small,
    case
        when samples.is_sample_too_small
            then 'Too few pairs: do not act on this figure.'
    end as warning_en,
    case when samples.is_sample_too_small then '配对太少：请勿据此决策。' end as warning_zh
from {{ ref('action_samples') }} as samples
left join {{ ref('action_uplifts') }} as uplifts
    on
        samples.as_of_date = uplifts.as_of_date
        and samples.action = uplifts.action
left join {{ ref('action_balances') }} as balances
    on
        samples.as_of_date = balances.as_of_date
        and samples.action = balances.action
