-- Experiments over all tiers, and the tiers in which an arm was clearly better or worse.
select
    experiments.experiment_id, experiments.arm, experiments.control_arm,
    experiments.customers, experiments.control_customers, experiments.rate,
    experiments.control_rate, experiments.rate_difference, experiments.rate_low,
    experiments.rate_high, experiments.smallest_effect, experiments.verdict,
    list(tiers.tier order by tiers.tier) filter (
        where tiers.verdict in ('better', 'worse')
    ) as clear_tiers
from mart_experiments as experiments
inner join published on experiments.ruleset = published.ruleset
left join mart_experiments as tiers
    on experiments.experiment_id = tiers.experiment_id and experiments.arm = tiers.arm
    and tiers.tier != '*'
where experiments.tier = '*'
group by all
order by experiments.experiment_id, experiments.arm
