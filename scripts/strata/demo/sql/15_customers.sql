-- Source records. One person may stand in HIS, mini-program and WeCom: same phone
-- written differently, same unionid, or an explicit link. Traps: one switchboard number
-- under 36 records, a relative's unverified phone, a link that was taken back.
create or replace macro mobile(person_no) as
    '199' || lpad(((person_no * 48271 + 1234567) % 100000000)::varchar, 8, '0');

create or replace macro union_id(person_no) as
    'oDemo' || left(md5(getvariable('seed') || '/' || person_no), 23);

create or replace macro surname(uniform) as
    ([
        '王', '李', '张', '刘', '陈', '杨', '黄', '赵', '吴', '周', '徐', '孙', '马', '朱',
        '胡', '郭', '何', '林', '高', '罗', '郑', '梁', '谢', '宋', '唐', '许', '韩', '冯',
        '邓', '曹', '彭', '曾', '肖', '田', '董', '潘', '袁', '蔡', '蒋', '余'
    ])[1 + pick(uniform, 40)];

create or replace macro given_name(uniform) as
    ([
        '雅', '静', '婷', '欣', '怡', '佳', '琪', '梦', '雪', '颖', '思', '涵', '子', '轩',
        '晓', '丽', '芳', '敏', '娜', '燕', '玲', '慧', '倩', '莹', '洁', '美', '嘉', '宁',
        '可', '悦', '诗', '语', '若', '兰', '璐', '瑶', '晨', '曦', '文', '博'
    ])[1 + pick(uniform, 40)];

create or replace table records as
with
listed as (
    select people.*, 1 as record_no, id1 as customer_id, system1 as system,
        registered_date as record_date,
    from people

    union all

    select people.*, 2, id2, system2, date2,
    from people
    where record_count >= 2

    union all

    select people.*, 3, id3, system3, date3,
    from people
    where record_count >= 3
),

named as (
    select
        *,
        person_no between 101 and 136 as is_switchboard,
        not person_no between 101 and 136
        and record_count = 1
        and archetype_no > 9
        and u(person_no, 'relative') < 0.006 as has_relatives_phone,
        surname(u(person_no, 'surname')) as surname,
        case when archetype = 'ms_li' then '李女士' else
            surname(u(person_no, 'surname')) || given_name(u(person_no, 'given'))
            || if(u(person_no, 'two') < 0.7, given_name(u(person_no, 'given two')), '')
        end as full_name,
        -- Which of the person's records show the phone and the unionid.
        case
            when record_count = 1
                then u(person_no, 'phone') < if(system = 'wecom', 0.4, 0.93)
            when link_kind in ('phone', 'chain') then record_no <= 2
            else record_no = 1
        end as shows_phone,
        case
            when record_count = 1
                then u(person_no, 'unionid') < if(system = 'his', 0.35, 0.97)
            when link_kind = 'chain' then record_no >= 2
            when link_kind = 'unionid' then true
            when link_kind = 'phone' then record_no = 2
            else record_no = 1
        end as shows_unionid,
    from listed
)

select
    *,
    case
        when is_switchboard then '13800138000'
        when has_relatives_phone then mobile(person_no - 1)
        when shows_phone then mobile(person_no)
    end as digits,
from named;

create or replace table out_customers as
select
    records.customer_id,
    records.system,
    if(
        record_no > 1 and u2(records.person_no, record_no, 'nickname') < 0.35,
        surname || if(u(records.person_no, 'nickname') < 0.5, '女士', '小姐'),
        full_name
    ) as full_name,
    case
        when
            record_no = 1 and u(records.person_no, 'phone format') < 0.9
            or record_no > 1 and link_kind = 'unionid'
            then digits
        when pick(u2(records.person_no, record_no, 'phone format'), 3) = 0
            then '+86 ' || digits[1:3] || '-' || digits[4:7] || '-' || digits[8:11]
        when pick(u2(records.person_no, record_no, 'phone format'), 3) = 1
            then digits[1:3] || ' ' || digits[4:7] || ' ' || digits[8:11]
        else '+86' || digits
    end as phone,
    digits is not null
    and not has_relatives_phone
    and (
        record_count > 1
        or is_switchboard
        or u(records.person_no, 'verified') < 0.9
    ) as is_phone_verified,
    case when shows_unionid then union_id(records.person_no) end as wechat_unionid,
    records.record_date as registered_date,
    case
        when referral_pairs.referee_no is not null then 'referral'
        when u(records.person_no, 'channel') < 0.28 then 'douyin'
        when u(records.person_no, 'channel') < 0.52 then 'xiaohongshu'
        when u(records.person_no, 'channel') < 0.72 then 'meituan'
        when u(records.person_no, 'channel') < 0.84 then 'wechat_ads'
        when u(records.person_no, 'channel') < 0.90 then 'search_ads'
        else 'walk_in'
    end as acquisition_channel,
    clinics.clinic_id as home_clinic_id,
    records.motivation,
from records
inner join clinics
    on records.clinic_no = clinics.clinic_no
left join referral_pairs
    on records.person_no = referral_pairs.referee_no;

create or replace table out_customer_links as
with
linked as (
    select
        'L' || lpad(person_no::varchar, 9, '0') || '1' as link_id,
        id2 as customer_id,
        id1 as same_as_customer_id,
        true as is_active,
        least(date2 + 3, getvariable('end_date')) as recorded_date,
    from people
    where record_count = 2 and link_kind = 'link'

    union all

    -- Two strangers once merged by mistake and parted again.
    select
        'L' || lpad(people.person_no::varchar, 9, '0') || '9',
        people.id1,
        before.id1,
        false,
        least(
            greatest(people.registered_date, before.registered_date) + 20,
            getvariable('end_date')
        ),
    from people
    inner join people as before
        on people.person_no = before.person_no + 1
    where
        people.person_no = 16
        or (people.person_no > 20 and u(people.person_no, 'unmerged') < 0.001)
)

select * from linked;
