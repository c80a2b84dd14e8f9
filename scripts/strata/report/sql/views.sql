-- What the report describes: the published day and rule set, and nothing else.
create temp view published as
select
    max(run_id) as run_id,
    max(published_at) as published_at,
    max(as_of_date) as as_of_date,
    max(ruleset) as ruleset,
    max(sources) as sources,
    max(git_revision) as git_revision
from publication;

create temp view customers as
select mart_customer_tiers.*
from mart_customer_tiers
inner join published
    on mart_customer_tiers.as_of_date = published.as_of_date
    and mart_customer_tiers.ruleset = published.ruleset;

create temp view tier_summary as
select mart_tier_summary.*
from mart_tier_summary
inner join published
    on mart_tier_summary.as_of_date = published.as_of_date
    and mart_tier_summary.ruleset = published.ruleset;

create temp view rfm as
select fct_rfm.*
from fct_rfm
inner join published
    on fct_rfm.as_of_date = published.as_of_date
    and fct_rfm.ruleset = published.ruleset;

-- From this lifetime amount on a buyer is of high value: the biggest 20 % of the chain's
-- buyers (article 004 §1, the 80/20 rule). Null if nobody has bought.
create temp table high_value as
select
    percentile_disc(0.2) within group (order by net_amount_lifetime desc) as min_amount
from whole_chain
inner join published
    on whole_chain.as_of_date = published.as_of_date
    and whole_chain.ruleset = published.ruleset
where purchases_lifetime > 0 and net_amount_lifetime > 0;

-- Customers who have paid, with the two facts that every section asks for.
create temp view valued as
select
    customers.*,
    coalesce(purchases_lifetime > 0, false) as is_buyer,
    coalesce(
        purchases_lifetime > 0 and net_amount_lifetime >= high_value.min_amount, false
    ) as is_high_value
from customers
cross join high_value;
