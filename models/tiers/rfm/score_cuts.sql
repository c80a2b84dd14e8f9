-- The cuts above which scores are high (var rfm_high_cut), over all who have one: the
-- mean in one decimal (that of fifths is 3, or a hair less, and may not make a 3 high),
-- the median, or the policy's score. One row per as-of date and rule set.
{%- set method = one_of_values('rfm_high_cut', ['mean', 'median', 'fixed']) %}
with policy as (
    {{ policy_row({
        'rfm_segment': ['rfm_fixed_high_above_score'],
        'rfm2': ['rfm_fixed_high_above_score'],
    }) }}
)

select
    policy.as_of_date,
    {% for name in [
        'recency', 'frequency', 'monetary', 'breadth', 'interaction', 'cycle',
    ] %}
        {% set score = 'scores.' ~ name ~ '_score' %}
        {% set cut = {
            'mean': exact_ratio('sum(' ~ score ~ ')', 'count(' ~ score ~ ')', 1),
            'median': median_of(score),
            'fixed': 'max(policy.rfm_fixed_high_above_score)',
        }[method] %}
        cast({{ cut }} as decimal(9, 4)) as {{ name }}_cut,
    {% endfor %}
    policy.ruleset
from policy
left join {{ ref('tier_scores') }} as scores
    on policy.as_of_date = scores.as_of_date and policy.ruleset = scores.ruleset
where policy.scope_id = {{ chain_scope() }}
group by policy.as_of_date, policy.ruleset
