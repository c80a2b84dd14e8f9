"""A small published marts file for the report's tests, built from the marts' own contract."""

import html
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

ROOT = Path(__file__).resolve().parents[2]
TIERS = ROOT / "seeds" / "policy" / "tiers.csv"
CAUSES = ROOT / "seeds" / "policy" / "move_causes.csv"
RULES = ROOT / "seeds" / "policy" / "rejection_rules.csv"

MARTS = (
    "fct_rfm", "mart_customer_tiers", "mart_data_quality", "mart_high_value_trend",
    "mart_tier_migrations", "mart_tier_summary",
)  # fmt: skip

# Plain arithmetic on the customer's number: each stage, tier and clinic comes up.
CUSTOMERS = """
create temp table people as
with numbered as (
    select
        i,
        ['loyal', 'active', 'effective', 'newbie', 'lapsing', 'dormant', 'dead', 'lost',
            'potential'][1 + i % 9] as stage,
        [10, 30, 60, 20, 70, 120, 240, 600, null][1 + i % 9] + i % 7 as days
    from range($customers) as numbers(i)
)

select
    cast(md5(cast(i as varchar)) as uuid) as customer_key,
    stage,
    case
        when not $buys then null
        else days
    end as days,
    case
        when not $buys or stage = 'potential' then 0
        else cast(150 + (i * 7919) % 1009 * 171.35 as decimal(18, 2))
    end as lifetime,
    case
        when not $buys or stage in ('potential', 'lost') then cast(0 as decimal(18, 2))
        -- One refund after the year's purchases: a negative amount.
        when i = 5 then cast(-120.50 as decimal(18, 2))
        else cast((150 + (i * 7919) % 1009 * 171.35) * 0.4 as decimal(18, 2))
    end as year_amount,
    case
        when $clinics = 0 then null
        when $clinics > 1 and i % 29 = 0 then null
        else 'clinic_' || (i % greatest($clinics, 1))
    end as clinic_id,
    case
        when stage = 'loyal' and i % 4 = 0 and $referrals then 'super'
        when stage in ('loyal', 'active') then 'core'
        when stage in ('effective', 'lapsing') then 'developing'
        when stage = 'newbie' then 'trial'
        when stage in ('dormant', 'dead') then 'dormant'
        when stage = 'lost' then 'churned'
        else 'potential'
    end as final_tier,
    case
        when stage = 'potential' or not $buys then 'no_purchase'
        when stage in ('loyal', 'active', 'effective') then 'champions'
        when stage in ('newbie', 'lapsing') then 'important_develop'
        when stage in ('dormant', 'dead') then 'important_winback'
        else 'general_winback'
    end as segment,
    case when $referrals then i % 3 end as referrals
from numbered
"""

WIDE = """
insert into mart_customer_tiers by name
select
    people.customer_key,
    date '2025-12-31' as as_of_date,
    'medical_aesthetics' as ruleset,
    people.final_tier,
    final.label_zh as final_label_zh,
    final.label_en as final_label_en,
    people.stage as lifecycle_tier,
    lifecycle.label_zh as lifecycle_label_zh,
    lifecycle.label_en as lifecycle_label_en,
    people.segment as rfm_segment_tier,
    people.clinic_id,
    people.days as days_since_purchase,
    people.days as days_since_consumption,
    case when people.year_amount <> 0 then 2 else 0 end as purchases_365,
    case when people.lifetime > 0 then 3 else 0 end as purchases_lifetime,
    people.year_amount as net_amount_365,
    people.lifetime as net_amount_lifetime,
    people.referrals as referrals_made_365
from people
left join labels as final on final.model = 'final' and final.tier = people.final_tier
left join labels as lifecycle
    on lifecycle.model = 'lifecycle' and lifecycle.tier = people.stage
"""

RFM = """
insert into fct_rfm by name
select
    customer_key,
    date '2025-12-31' as as_of_date,
    'medical_aesthetics' as ruleset,
    days as days_since_purchase,
    case when lifetime > 0 then 1 + days % 5 end as recency_score,
    case when lifetime > 0 then 1 + days % 3 end as frequency_score,
    case when lifetime > 0 then 1 + days % 4 end as monetary_score,
    segment
from people
"""

SUMMARY = """
insert into mart_tier_summary by name
with held as (
    unpivot (
        select
            clinic_id, year_amount, lifetime, final_tier as final, stage as lifecycle,
            segment as rfm_segment
        from people
    ) on final, lifecycle, rfm_segment into name model value tier
)

select
    date '2025-12-31' as as_of_date,
    'medical_aesthetics' as ruleset,
    held.clinic_id,
    held.model,
    held.tier,
    any_value(labels.tier_rank) as tier_rank,
    any_value(labels.label_zh) as label_zh,
    any_value(labels.label_en) as label_en,
    count(*) as customers,
    sum(held.year_amount) as net_amount_365,
    sum(held.lifetime) as net_amount_lifetime
from held
left join labels on labels.model = held.model and labels.tier = held.tier
group by held.clinic_id, held.model, held.tier
"""

QUALITY = """
insert into mart_data_quality by name
select 'rows' as kind, 'demo' as source, * from (values
    ('orders', 'staged', 'orders', 'info', 'counted', 1000),
    ('orders', 'accepted', 'orders', 'info', 'counted', 970),
    ('orders', 'rejected', 'orders', 'info', 'counted', 20),
    ('orders', 'superseded', 'orders', 'info', 'counted', 10),
    ('customers', 'staged', 'customers', 'info', 'counted', 300),
    ('customers', 'accepted', 'customers', 'info', 'counted', 295),
    ('customers', 'rejected', 'customers', 'info', 'counted', 5),
    ('customers', 'superseded', 'customers', 'info', 'counted', 0),
    ('loyalty_cards', 'accepted', 'cards', 'info', 'counted', 12)
) as counted (subject, rule, column_name, severity, status, row_count);

insert into mart_data_quality by name
select
    'rejection' as kind, 'demo' as source, set_aside.*,
    rules.label_zh, rules.label_en, rules.what_to_do
from (values
    ('orders', 'missing_value', 'order_date', 'warn', 'set_aside', 12),
    ('orders', 'unknown_reference', 'customer_id', 'warn', 'set_aside', 8),
    ('customers', 'missing_value', 'customer_id', 'warn', 'set_aside', 5),
    ('customers', 'unreadable_row', '', 'warn', 'set_aside', 3),
    ('orders', 'house_rule', 'order_id', 'warn', 'set_aside', 1)
) as set_aside (subject, rule, column_name, severity, status, row_count)
left join rules using (rule);

insert into mart_data_quality by name
select 'check' as kind, * from (values
    ('orders', 'not_null', 'order_id', 'error', 'pass', 0),
    ('orders', 'unique', 'order_id', 'error', 'pass', 0),
    ('orders', 'between', 'net_amount', 'warn', 'warn', 4)
) as checked (subject, rule, column_name, severity, status, row_count)
"""

TREND = """
insert into mart_high_value_trend by name
select
    last_day(date '2025-12-01' - to_months(n)) as as_of_date,
    'medical_aesthetics' as ruleset,
    'month_end' as snapshot_kind,
    true as is_in_chain,
    clinic_id,
    'final' as model,
    100 as customers,
    20 - n as high_value_customers,
    case when n < $months - 1 then 3 else 0 end as risen_customers,
    case when n < $months - 1 then 2 else 0 end as fallen_customers,
    100000.50 as net_amount_365,
    60000.25 - n as high_value_net_amount_365
from range($months) as months(n)
cross join (values ('clinic_0'), ('clinic_1')) as clinics(clinic_id)
"""

MOVES = """
insert into mart_tier_migrations by name
select
    date '2025-11-30' as from_date,
    cast(to_date as date) as to_date,
    'medical_aesthetics' as ruleset,
    'month_end' as snapshot_kind,
    true as is_in_chain,
    'clinic_0' as clinic_id,
    'final' as model,
    from_tier,
    before.label_zh as from_label_zh,
    before.label_en as from_label_en,
    to_tier,
    after.label_zh as to_label_zh,
    after.label_en as to_label_en,
    coalesce(after.tier_rank < before.tier_rank, false) as is_upgrade,
    coalesce(after.tier_rank > before.tier_rank, false) as is_downgrade,
    cause,
    causes.label_zh as cause_label_zh,
    causes.label_en as cause_label_en,
    customers,
    100.50 as from_net_amount_365,
    200.25 as to_net_amount_365
from (values
    ('2025-12-31', 'trial', 'core', 'behaviour', 7),
    ('2025-12-31', 'core', 'dormant', 'time_passing', 4),
    ('2025-12-31', 'core', 'core', null, 11),
    ('2025-12-31', null, 'potential', 'new_customer', 5),
    ('2025-11-30', 'trial', 'core', 'behaviour', 90)
) as moved (to_date, from_tier, to_tier, cause, customers)
left join labels as before on before.model = 'final' and before.tier = from_tier
left join labels as after on after.model = 'final' and after.tier = to_tier
left join causes using (cause)
where $months > 1
"""

PUBLICATION = """
create table publication as
select
    '20260101T000000Z' as run_id, timestamp '2026-01-01 00:00:00' as published_at,
    date '2025-12-31' as as_of_date, 'medical_aesthetics' as ruleset, 'demo' as sources,
    'abc123' as git_revision, 'mart_customer_tiers' as table_name,
    cast($customers as bigint) as row_count
"""


@dataclass(frozen=True)
class Chain:
    """What kind of chain the file describes."""

    customers: int = 300
    clinics: int = 3  # 0: no customer has a home clinic
    buys: bool = True
    referrals: bool = True
    labels: bool = True
    quality: bool = True
    months: int = 15  # of history
    clinic_name: str | None = None  # replaces clinic_0


def build_marts(path: Path, chain: Chain = Chain()) -> Path:
    """Write a marts file with the contract's columns and return its path."""
    with duckdb.connect(str(path)) as connection:
        create_marts(connection, *MARTS)
        _load_policy(connection, chain.labels)
        connection.execute(
            CUSTOMERS,
            {
                "customers": chain.customers,
                "clinics": chain.clinics,
                "buys": chain.buys,
                "referrals": chain.referrals,
            },
        )
        if chain.clinic_name:
            connection.execute(
                "update people set clinic_id = ? where clinic_id = 'clinic_0'",
                [chain.clinic_name],
            )
        for statement in (WIDE, RFM, SUMMARY):
            connection.execute(statement)
        connection.execute(TREND, {"months": chain.months})
        connection.execute(MOVES, {"months": chain.months})
        if chain.quality:
            connection.execute(QUALITY)
        connection.execute(PUBLICATION, {"customers": chain.customers})
    return path


def section(page: str, name: str) -> str:
    """The report's section of this name, unescaped; empty where it is left out."""
    found = re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)
    return html.unescape(found.group()) if found else ""


def create_marts(connection: duckdb.DuckDBPyConnection, *marts: str) -> None:
    """Empty marts, with the columns that their contracts name."""
    for mart in marts:
        declared = yaml.safe_load(
            (ROOT / "models" / "marts" / f"{mart}.yml").read_text("utf-8")
        )
        (model,) = declared["models"]
        columns = ", ".join(
            f"{column['name']} {column['data_type']}" for column in model["columns"]
        )
        connection.execute(f"create table {mart} ({columns})")


def _load_policy(connection: duckdb.DuckDBPyConnection, labels: bool) -> None:
    connection.execute(f"create temp table labels as from read_csv('{TIERS}', header = true)")
    connection.execute(f"create temp table causes as from read_csv('{CAUSES}', header = true)")
    connection.execute(f"create temp table rules as from read_csv('{RULES}', header = true)")
    if not labels:
        connection.execute("update labels set label_zh = null, label_en = null")
