-- The price list. `cycle_days` is how long the effect lasts (boosters about a month,
-- botulinum 150, fillers 270, energy-based 180 ...), i.e. when a treated customer comes
-- again. Weights say how often each purse chooses the item; `linked_id` is what is
-- recommended with it (article 000: boosters, then radio frequency).
create or replace table product_list as
select * from (values
    ('P001', '小气泡清洁体验', 'skin_care', 'dermatology', true,
        199, 230, 30, 0, 'P003', 50, 6, 3, 1, 0),
    ('P002', '水氧补水护理', 'skin_care', 'dermatology', true,
        398, 120, 30, 0, 'P101', 0, 40, 20, 5, 0),
    ('P003', '果酸焕肤', 'skin_care', 'dermatology', true,
        880, 200, 28, 0, 'P201', 0, 30, 30, 10, 0),
    ('P004', '敏感肌修复', 'skin_care', 'dermatology', true,
        2680, 700, 30, 0, 'P102', 0, 10, 30, 30, 5),
    ('P005', '院线抗衰护理疗程', 'skin_care', 'dermatology', true,
        6800, 2100, 45, 0, 'P203', 0, 1, 10, 40, 40),
    ('P006', '皮肤管理年卡(12次)', 'skin_care', 'dermatology', true,
        9800, 3200, 30, 12, 'P101', 0, 0, 0, 0, 0),
    ('P101', '玻尿酸水光针', 'injection', 'injection', true,
        1980, 600, 30, 0, 'P201', 0, 40, 25, 5, 0),
    ('P102', '胶原水光', 'injection', 'injection', true,
        3980, 1400, 30, 0, 'P203', 0, 5, 20, 15, 2),
    ('P103', '肉毒素除皱', 'injection', 'injection', true,
        1680, 500, 150, 0, 'P101', 0, 35, 20, 5, 0),
    ('P104', '肉毒素瘦脸', 'injection', 'injection', true,
        2980, 900, 160, 0, 'P105', 0, 15, 20, 10, 0),
    ('P105', '玻尿酸填充', 'injection', 'injection', true,
        6800, 2300, 270, 0, 'P104', 0, 3, 20, 30, 10),
    ('P106', '童颜针', 'injection', 'injection', true,
        16800, 6200, 270, 0, 'P203', 0, 0, 3, 30, 30),
    ('P107', '面部年轻化联合注射', 'injection', 'injection', true,
        39800, 13000, 270, 0, 'P207', 0, 0, 0, 10, 60),
    ('P108', '水光年卡(12次)', 'injection', 'injection', true,
        19800, 6500, 30, 12, 'P201', 0, 0, 0, 0, 0),
    ('P201', '光子嫩肤', 'energy_based', 'dermatology', true,
        1280, 280, 60, 0, 'P101', 0, 60, 30, 5, 0),
    ('P202', '皮秒祛斑', 'energy_based', 'dermatology', true,
        3980, 900, 180, 0, 'P004', 0, 25, 35, 15, 0),
    ('P203', '热玛吉', 'energy_based', 'dermatology', true,
        26800, 9800, 180, 0, 'P106', 0, 0, 5, 40, 40),
    ('P204', '超声炮', 'energy_based', 'dermatology', true,
        19800, 6800, 180, 0, 'P106', 0, 0, 5, 30, 20),
    ('P205', '黄金微针', 'energy_based', 'dermatology', true,
        5800, 1600, 180, 0, 'P004', 0, 10, 30, 20, 0),
    ('P207', '热玛吉全脸联合', 'energy_based', 'dermatology', true,
        58000, 20000, 180, 0, 'P107', 0, 0, 0, 5, 60),
    ('P208', '光子嫩肤年卡(10次)', 'energy_based', 'dermatology', true,
        8800, 2400, 35, 10, 'P101', 0, 0, 0, 0, 0),
    ('P301', '双眼皮', 'surgery', 'surgery', false,
        12800, 4200, 720, 0, 'P104', 0, 80, 50, 15, 0),
    ('P302', '隆鼻', 'surgery', 'surgery', false,
        36800, 12500, 720, 0, 'P105', 0, 5, 20, 30, 10),
    ('P303', '全面部脂肪填充', 'surgery', 'surgery', false,
        45800, 15000, 360, 0, 'P304', 0, 0, 10, 25, 20),
    ('P304', '线性提升', 'surgery', 'surgery', false,
        28800, 9800, 360, 0, 'P203', 0, 15, 20, 25, 20),
    ('P305', '隆胸', 'surgery', 'surgery', false,
        88000, 34000, 720, 0, 'P304', 0, 0, 0, 5, 30),
    ('P306', '面部轮廓', 'surgery', 'surgery', false,
        128000, 52000, 720, 0, 'P304', 0, 0, 0, 1, 20),
    ('P401', '洁牙', 'dental', 'dental', false,
        298, 110, 180, 0, 'P402', 0, 70, 40, 10, 0),
    ('P402', '冷光美白', 'dental', 'dental', false,
        1980, 600, 300, 0, 'P401', 0, 25, 35, 10, 0),
    ('P403', '隐形矫正', 'dental', 'dental', false,
        28800, 10000, 720, 0, 'P401', 0, 3, 15, 40, 20),
    ('P404', '瓷贴面', 'dental', 'dental', false,
        36800, 13000, 720, 0, 'P401', 0, 0, 5, 20, 60),
    ('P405', '种植牙', 'dental', 'dental', false,
        15800, 6000, 720, 0, 'P401', 0, 2, 10, 20, 20),
    ('P501', '唇部脱毛单次体验', 'hair', 'hair', true,
        99, 160, 30, 0, 'P502', 50, 10, 2, 0, 0),
    ('P502', '腋下脱毛', 'hair', 'hair', true,
        680, 150, 35, 0, 'P101', 0, 50, 30, 5, 0),
    ('P503', '全身脱毛疗程', 'hair', 'hair', true,
        9800, 2500, 60, 0, 'P101', 0, 5, 25, 40, 30),
    ('P504', '唇部脱毛年卡(6次)', 'hair', 'hair', true,
        1980, 500, 30, 6, 'P101', 0, 0, 0, 0, 0),
    ('P505', '植发', 'hair', 'hair', false,
        29800, 11000, 720, 0, 'P506', 0, 1, 5, 30, 60),
    ('P506', '头皮养护', 'hair', 'hair', true,
        1280, 380, 30, 0, 'P002', 0, 30, 35, 20, 10)
) as listed (
    product_id, product_name, category, department, is_light_medical, list_price,
    unit_cost, cycle_days, card_sessions, linked_id,
    bargain, low, mid, high, whale
);

create or replace table out_products as
select
    product_id,
    product_name,
    category,
    department,
    is_light_medical,
    list_price::decimal(12, 2) as list_price,
    unit_cost::decimal(12, 2) as unit_cost,
from product_list
order by product_id;

-- A hundred slots per category and purse: one equality join picks an item.
create or replace table product_slots as
with
weights as (
    unpivot product_list
    on bargain, low, mid, high, whale
    into name purse value weight
),

ranges as (
    select
        category,
        purse,
        product_id,
        cycle_days,
        linked_id,
        sum(weight) over running - weight as weight_before,
        sum(weight) over running as weight_to,
        sum(weight) over (partition by category, purse) as weight_total,
    from weights
    where weight > 0
    window running as (partition by category, purse order by product_id)
)

select
    ranges.category,
    ranges.purse,
    slots.slot::bigint as slot,
    ranges.product_id,
    ranges.cycle_days,
    ranges.linked_id,
from ranges
inner join range(100) as slots (slot)
    on (slots.slot * 2 + 1) * ranges.weight_total >= ranges.weight_before * 200
    and (slots.slot * 2 + 1) * ranges.weight_total < ranges.weight_to * 200
order by all;

create or replace table card_products as
select * from (values
    ('skin_care', 'P006'),
    ('injection', 'P108'),
    ('energy_based', 'P208'),
    ('hair', 'P504'),
    ('dental', 'P006'),
    ('surgery', 'P006')
) as cards (category, product_id);
