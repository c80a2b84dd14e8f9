-- Kinds of people. The first twenty persons are a cast with one of each, so that even
-- a few hundred customers show every behaviour; all others follow the shares. A null
-- means "drawn for the person". `mean_gap` in days; `lifespan` in purchases (0: never
-- drops out); `back_from`, `back_to`: registered that many days before the end;
-- `referral_slots`: people brought in during the last year.
create or replace table archetypes as
select * from (values
    (1, 'ms_li', 0, 'scripted', 'mid', null, 0, null, null, 0),
    (2, 'li_friend', 0, 'buyer', 'low', 60, null, null, null, 0),
    (3, 'strategic', 1, 'buyer', 'whale', 24, 0, 1250, 1800, 0),
    (4, 'super_customer', 1, 'buyer', 'whale', 26, 0, 900, 1700, 7),
    (5, 'super_spreader', 1, 'buyer', 'mid', 60, 0, 500, 1500, 13),
    (6, 'advocate', 1, 'buyer', 'mid', 60, 0, 500, 1500, 6),
    (7, 'big_ticket', 4, 'buyer', 'whale', 95, 0, 400, 1500, 0),
    (8, 'core', 8, 'buyer', 'high', 45, 0, 500, 1700, 0),
    (9, 'fan', 15, 'buyer', 'low', 22, 0, 300, 1200, 0),
    (10, 'bargain', 30, 'buyer', 'bargain', 200, null, null, null, 0),
    (11, 'trial_only', 80, 'buyer', null, null, 1, null, null, 0),
    (12, 'newcomer', 10, 'buyer', null, null, 1, 0, 28, 0),
    (13, 'lead_browser', 115, 'lead', null, null, null, null, null, 0),
    (14, 'lead_tested', 60, 'lead', null, null, null, null, null, 0),
    (15, 'lead_consulted', 115, 'lead', null, null, null, null, null, 0),
    (16, 'regular', 559, 'buyer', null, null, null, null, null, 0)
) as kinds (
    archetype_no, archetype, per_mille, kind, purse, mean_gap, lifespan,
    back_from, back_to, referral_slots
);

create or replace table archetype_slots as
with ranges as (
    select
        *,
        sum(per_mille) over (order by archetype_no) - per_mille as slot_from,
        sum(per_mille) over (order by archetype_no) as slot_to,
    from archetypes
)

select
    slots.slot::bigint as slot,
    ranges.archetype_no,
from ranges
inner join range(1000) as slots (slot)
    on slots.slot >= ranges.slot_from
    and slots.slot < ranges.slot_to
order by slot;

-- How people behave in the private domain (article 000, clusters of silent customers):
-- chance in percent of each interaction, in the order below.
create or replace table personas as
select * from (values
    ('engaged', 14, 25, 25, 15, 20, 8, 7),
    ('browser', 3, 90, 4, 0, 0, 5, 1),
    ('coupon_collector', 7, 10, 3, 0, 0, 87, 0),
    ('silent_viewer', 8, 7, 92, 0, 0, 1, 0),
    ('community_only', 8, 4, 4, 2, 89, 1, 0)
) as kinds (
    persona, mean_events, page_view, live_watch, live_chat, community_post,
    coupon_claimed, coupon_used
);

create or replace table persona_slots as
with
shares as (
    unpivot personas
    on page_view, live_watch, live_chat, community_post, coupon_claimed, coupon_used
    into name interaction_type value share
),

ranges as (
    select
        persona,
        interaction_type,
        sum(share) over running - share as slot_from,
        sum(share) over running as slot_to,
    from shares
    window running as (partition by persona order by interaction_type)
)

select
    ranges.persona,
    slots.slot::bigint as slot,
    ranges.interaction_type,
from ranges
inner join range(100) as slots (slot)
    on slots.slot >= ranges.slot_from
    and slots.slot < ranges.slot_to
order by all;

create or replace table clinics as
select * from (values
    (0, 'shanghai_jingan'),
    (1, 'shanghai_xuhui'),
    (2, 'beijing_chaoyang'),
    (3, 'guangzhou_tianhe'),
    (4, 'shenzhen_nanshan'),
    (5, 'chengdu_jinjiang')
) as places (clinic_no, clinic_id);

-- Paid media and what one registration costs there, in yuan (referral: the reward): about a
-- quarter of what it brings in five years, so that LTV : CAC lies between 6 and 8; search
-- ads cost so much that it lies below 3.
create or replace table channels as
select * from (values
    ('douyin', 7100),
    ('meituan', 7200),
    ('referral', 3100),
    ('wechat_ads', 7000),
    ('xiaohongshu', 7300),
    ('search_ads', 14500)
) as media (channel, cost_per_lead);
