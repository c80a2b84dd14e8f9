-- What a customer brought: customers referred, those of them who bought since, the second
-- level (裂变: referred by those that the customer had referred before), and the net amount of
-- the referred orders, the base of the reward. One row per referrer and as-of date.
{{ config(materialized='table') }}
with direct as (
    select
        referrer_sk as customer_sk,
        as_of_date,
        {{ windowed('count(*)', 'referrals_made', type='integer') }},
        {{ windowed(
            'count(*)', 'referrals_converted', where='is_converted', type='integer'
        ) }}
    from {{ ref('referral_conversions') }}
    group by referrer_sk, as_of_date
),

second_level as (
    select
        firsts.referrer_sk as customer_sk,
        firsts.as_of_date,
        count(*) as referees,
        count(*) filter (where seconds.is_converted) as converted
    from {{ ref('referral_conversions') }} as firsts
    inner join {{ ref('referral_conversions') }} as seconds
        on
            firsts.referee_sk = seconds.referrer_sk
            and firsts.as_of_date = seconds.as_of_date
            and firsts.referral_date <= seconds.referral_date
    group by firsts.referrer_sk, firsts.as_of_date
),

-- Payments for a referee's orders from the day of the referral on, and their refunds.
rewarded as (
    select
        claims.referrer_sk as customer_sk,
        dates.as_of_date,
        sum(movements.amount) as amount
    from {{ ref('referral_claims') }} as claims
    inner join {{ ref('money_movements') }} as movements
        on
            claims.referee_sk = movements.customer_sk
            and claims.referral_date <= movements.order_date
    inner join {{ ref('as_of_dates') }} as dates
        on movements.movement_date <= dates.as_of_date
    where claims.reason is null
    group by claims.referrer_sk, dates.as_of_date
)

select
    direct.customer_sk,
    direct.as_of_date,
    {{ columns_of('direct', held_names('referrals_made')) }},
    {{ columns_of('direct', held_names('referrals_converted')) }},
    {% for window in windows_of('referral_conversion_rate') %}
        {{ share_cut_off(
            'direct.referrals_converted_' ~ window, 'direct.referrals_made_' ~ window
        ) }} as referral_conversion_rate_{{ window }},
    {% endfor %}
    cast(coalesce(second_level.referees, 0) as integer) as second_level_referees,
    cast(coalesce(second_level.converted, 0) as integer) as second_level_converted,
    cast(coalesce(rewarded.amount, 0) as decimal(18, 2)) as reward_base_amount
from direct
left join second_level on {{ same_customer('direct', 'second_level') }}
left join rewarded on {{ same_customer('direct', 'rewarded') }}
