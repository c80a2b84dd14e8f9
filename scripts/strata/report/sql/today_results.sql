-- What came of contacts: campaigns and actions of the last 12 months, the newest first.
select
    results.campaign, results.label_zh, results.label_en, results.month_date,
    results.is_complete, results.contacts, results.customers, results.responses,
    results.purchases, results.profit_amount, results.cost_amount, results.roi,
    results.extra_profit_amount, results.extra_profit_amount_low,
    results.extra_profit_amount_high
from mart_action_results as results
inner join published on results.ruleset = published.ruleset
where results.month_date > published.as_of_date - interval 12 month
    and results.month_date <= published.as_of_date
order by results.month_date desc, results.contacts desc, results.campaign
limit 10
