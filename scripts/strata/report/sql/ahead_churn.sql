-- Active buyers who may stay away, by the money at stake. Keys only.
select
    churn.customer_key, churn.clinic_id, churn.final_tier, churn.churn_probability,
    churn.stake_amount, churn.days_since_purchase, churn.drivers_zh, churn.drivers_en,
    count(*) over () as buyers, sum(churn.stake_amount) over () as stake_total,
    sum(churn.churn_probability) over () as leavers
from mart_churn as churn
inner join published
    on churn.as_of_date = published.as_of_date and churn.ruleset = published.ruleset
order by churn.stake_amount desc, churn.customer_key
limit 20
