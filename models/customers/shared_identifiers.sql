-- Verified phones, WeChat unionids and person ids that several records share; only those of
-- the verdict `one_person` link. One row per record and identifier. Personal data.
with identifiers (record_sk, identifier_type, word, identifier) as (
    select
        record_sk,
        'phone',
        {{ bare_word('phone') }},
        -- Without its area code a number means one person within a clinic only.
        phone || case
            when length(phone) < 9 then ' @ ' || coalesce(home_clinic_id, source) else ''
        end
    from {{ ref('customers') }}
    where is_phone_verified and phone is not null
    {% for column in ['wechat_unionid', 'person_id'] %}
        union all
        select
            record_sk,
            '{{ column }}',
            {{ unionid_word(column) if column == 'wechat_unionid' else bare_word(column) }},
            {{ column }}
        from {{ ref('customers') }}
        where {{ column }} is not null
    {% endfor %}
),

shared as (
    select
        identifier_type,
        identifier,
        count(*) as record_count,
        min(record_sk) as hub
    from identifiers
    group by identifier_type, identifier
    having count(*) > 1
),

members as (
    select
        shared.*,
        customers.*,
        identifiers.word,
        {{ unionid_word('customers.wechat_unionid') }} as unionid_word,
        {{ bare_word('customers.person_id') }} as person_word
    from identifiers
    inner join shared
        on {{ named_equal('identifiers', 'shared', ['identifier_type', 'identifier']) }}
    inner join {{ ref('customers') }} as customers
        on identifiers.record_sk = customers.record_sk
),

judged as (
    select
        *,
        unionid_word != '' and not ({{ is_placeholder('unionid_word') }}) as has_unionid,
        person_id is not null and not ({{ is_placeholder('person_word') }}) as has_person_id,
        case
            when {{ is_placeholder('word') }} then 'placeholder'
            when identifier_type = 'phone' and ({{ is_placeholder_number('phone') }})
                then 'placeholder'
            when record_count > {{ input_limit('max_cluster_records') }} then 'too_many'
        end as objection
    from members
),

-- What a link, a unionid or a person id says goes before what a phone says.
sure_pairs (node, neighbour) as (
    select
        record_sk,
        hub
    from judged
    where identifier_type != 'phone' and objection is null
    union all
    select
        record_sk,
        same_as_record_sk
    from {{ ref('customer_links') }}
    where coalesce(is_active, true)
),

sure as (
    {{ connected_components('sure_pairs') }}
),

known as (
    select
        judged.*,
        lower(replace(judged.full_name, ' ', '')) as name,
        coalesce(sure.component, judged.record_sk) as person
    from judged
    left join sure on judged.record_sk = sure.node
)

select
    record_sk,
    identifier_type,
    identifier,
    record_count,
    hub,
    case
        when objection is not null then objection
        when
            identifier_type = 'phone' and (
                {% for proof in ['has_unionid', 'has_person_id'] %}
                    min(case when {{ proof }} then person end) over sharers
                    < max(case when {{ proof }} then person end) over sharers{{ ' or' if not loop.last }}
                {% endfor %}
            )
            then 'several_unionids'
        else 'one_person'
    end as verdict,
    coalesce(min(name) over sharers < max(name) over sharers, false) as has_several_names,
    coalesce(min(home_clinic_id) over sharers < max(home_clinic_id) over sharers, false)
        as has_several_clinics,
    source,
    customer_id,
    full_name,
    home_clinic_id,
    wechat_unionid
from known
window sharers as (partition by identifier_type, identifier)
