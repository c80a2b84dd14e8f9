-- How churn probabilities did before: the figures of the model in use, and of the naive one.
select model, is_used, metric, band, figure, cases
from mart_outlook_backtest
inner join published on mart_outlook_backtest.ruleset = published.ruleset
where subject = 'churn' and (is_used or model = 'naive')
order by model, metric, band
