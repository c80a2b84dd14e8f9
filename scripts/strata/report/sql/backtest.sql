-- Every figure of the last backtests.
select * from mart_clv_backtest
order by dataset, horizon_days, origin_date, model, metric, band
