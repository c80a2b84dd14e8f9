-- What customers say after a treatment. The three scores share a person's mood; comments
-- follow the lowest of them, so that no text praises what a score complains of.
create or replace macro comment_of(score, uniform) as
    case
        when score >= 9 then ([
            '效果非常好,医生很专业,下次还来',
            '水光做完皮肤亮了好多,朋友都问我在哪做的',
            '服务很贴心,环境干净,体验很棒',
            '很满意,性价比高,会推荐给闺蜜',
            '护士手法轻柔,几乎不疼,恢复也快',
            '咨询师不强推,方案讲得清楚,放心',
            '热玛吉效果明显,轮廓紧致了',
            '一如既往的好,老顾客了',
            '超出预期,值得信赖',
            '预约方便,到店不用等,好评'
        ])[1 + pick(uniform, 10)]
        when score >= 7 then ([
            '整体还可以,等待时间有点长',
            '效果还行,再观察一段时间',
            '环境不错,价格偏高',
            '中规中矩,没有特别惊喜',
            '医生不错,前台态度一般',
            '还好,比上次略疼',
            '体验尚可,希望活动多一点'
        ])[1 + pick(uniform, 7)]
        else ([
            '效果不明显,有点失望',
            '等了一个小时,体验很差',
            '术后红肿很久,没人跟进,不满意',
            '一直推销办卡,反感',
            '价格不透明,感觉被坑',
            '护士操作不熟练,很疼',
            '客服不回消息,不会再来',
            '跟宣传差距大,不推荐',
            '恢复期太长,事先没说清楚'
        ])[1 + pick(uniform, 9)]
    end;

create or replace table out_surveys as
with
asked as (
    select
        *,
        day + 1 + pick(u2(person_no, draw_no, 'survey day'), 14)::integer as survey_day,
        clip(round(7.9 + 1.5 * mood + 1.2 * z2(person_no, draw_no, 'nps')), 0, 10)
            ::integer as nps_score,
        clip(round(8.2 + 1.2 * mood + 1.2 * z2(person_no, draw_no, 'csat')), 0, 10)
            ::integer as csat_score,
        clip(round(8.7 + 1.1 * mood + 1.3 * z2(person_no, draw_no, 'postop')), 0, 10)
            ::integer as postop_satisfaction_score,
    from visits
    where
        visit_type = 'treatment'
        and status = 'arrived'
        and u2(person_no, draw_no, 'survey') < 0.28
)

select
    'S' || visit_id as survey_id,
    customer_id,
    survey_day as survey_date,
    nps_score,
    csat_score,
    case when follow_up_days is not null then postop_satisfaction_score end
        as postop_satisfaction_score,
    case when u2(person_no, draw_no, 'comment') < 0.55 then
        comment_of(
            least(
                nps_score,
                csat_score,
                if(follow_up_days is null, nps_score, postop_satisfaction_score)
            ),
            u2(person_no, draw_no, 'which comment')
        )
    end as comment_text,
from asked
where survey_day <= getvariable('end_date');

-- Skin scanner: one visit in four shows an indicator beyond the article's limits.
create or replace table out_skin_tests as
with
tested as (
    select
        *,
        u(person_no, 'skin risk') < 0.22 as is_at_risk,
        pick(u(person_no, 'which risk'), 3) as risk_no,
        draw_no as n,
    from visits
    where visit_type = 'skin_test'
)

select
    'K' || visit_id as skin_test_id,
    customer_id,
    day as test_date,
    cast(clip(52 + 9 * z2(person_no, n, 'moisture'), 12, 90) as decimal(5, 1))
        as moisture_pct,
    cast(if(
        is_at_risk and risk_no = 0,
        15.5 + 20 * u2(person_no, n, 'spots'),
        clip(7 + 3 * z2(person_no, n, 'spots'), 0, 15)
    ) as decimal(5, 1)) as pigmentation_pct,
    cast(if(
        is_at_risk and risk_no = 1,
        29.5 - 12 * u2(person_no, n, 'collagen'),
        clip(55 + 11 * z2(person_no, n, 'collagen'), 30, 95)
    ) as decimal(5, 1)) as collagen_density_pct,
    cast(if(
        is_at_risk and risk_no = 2,
        7 + 3 * u2(person_no, n, 'uv'),
        clip(3.4 + 1.4 * z2(person_no, n, 'uv'), 0, 6.9)
    ) as decimal(4, 1)) as uv_damage_index,
    cast(clip(
        4.2 + if(is_at_risk, 1.6, 0) + 1.7 * z2(person_no, n, 'problem'), 0, 10
    ) as decimal(4, 1)) as skin_problem_index,
from tested;
