-- Media cost by channel and month: registrations times a price that drifts. Search ads
-- are too dear on purpose (LTV : CAC below 3, article 002).
create or replace table out_acquisition_costs as
with
monthly as (
    select channel, month, sum(people)::bigint as people,
    from channel_months
    group by channel, month
)

select
    monthly.channel,
    monthly.month,
    yuan(round(
        channels.cost_per_lead * monthly.people * 100
        * (0.85 + 0.3 * u2(
            date_diff('month', date '2000-01-01', monthly.month),
            length(monthly.channel),
            monthly.channel
        ))
    )::bigint) as cost_amount,
from monthly
inner join channels
    on monthly.channel = channels.channel
order by month, channel;
