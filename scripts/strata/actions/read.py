"""What a clinic's owners are to do today, with which customers, as rows of a list."""

from dataclasses import dataclass

import duckdb

from strata.errors import WRONG_USE, StrataError

# The columns of the list, as WeCom's import of customers names the first ones.
HEADINGS = {
    "zh": (
        "手机号", "客户姓名", "备注", "描述", "标签", "负责人", "渠道", "方案",
        "开始日", "截止日", "金额", "活动代码", "客户编号",
    ),
    "en": (
        "Phone", "Name", "Remark", "Description", "Tag", "Owner", "Channel", "Offer", "Due",
        "Expires", "Amount", "Campaign", "Customer",
    ),
}  # fmt: skip

# Of several records of a person the survivor's name, and a verified phone before others.
_LIST = """
with persons as (
    select
        bridge.customer_key,
        arg_min(records.full_name, bridge.survivor_rank)
            filter (where records.full_name is not null) as full_name,
        arg_min(records.phone, (not coalesce(records.is_phone_verified, false),
            bridge.survivor_rank)) filter (where records.phone is not null) as phone
    from customers.customer_bridge as bridge
    join entities.customers as records using (record_sk)
    group by bridge.customer_key
)

select
    persons.phone, persons.full_name, actions.label_{language}, actions.reason_{language},
    kinds.label_{language}, actions.owner_label_{language}, channels.label_{language},
    actions.offer_{language}, actions.due_on, actions.expires_on, actions.stake_amount,
    actions.action, cast(actions.customer_key as varchar)
from {mart} as actions
join persons on actions.customer_key = persons.customer_key
left join policy.action_words as channels
    on channels.kind = 'channel' and actions.channel = channels.code
left join policy.action_words as kinds
    on kinds.kind = 'kind' and actions.kind = kinds.code
where
    actions.clinic_id = $clinic and coalesce(actions.owner = $owner, true)
    and actions.as_of_date = (select max(as_of_date) from marts.mart_customer_tiers)
    {due}
order by actions.owner, actions.place
"""


@dataclass(frozen=True)
class ActionList:
    """The rows under `headings`, and what is missing behind them."""

    headings: tuple[str, ...]
    rows: list[tuple]
    missing_feeds: list[str]


def read_actions(
    build: duckdb.DuckDBPyConnection,
    clinic: str,
    owner: str | None,
    language: str,
    is_medical: bool,
) -> ActionList:
    """The list of a clinic, for one owner or all; the medical team's or everybody else's.

    Raises:
        StrataError: nobody knows the clinic or the owner.
    """
    _require(
        build, "clinic", clinic,
        "select distinct coalesce(clinic_id, 'unknown') from marts.mart_customer_tiers",
    )  # fmt: skip
    if owner:
        who = "code = 'medical'" if is_medical else "code != 'medical'"
        _require(
            build, "owner", owner,
            f"select code from policy.action_words where kind = 'owner' and {who}",
        )  # fmt: skip
    query = _LIST.format(
        language=language,
        mart="medical.mart_medical_actions" if is_medical else "marts.mart_action_list",
        due="and actions.held_by is null" if is_medical else "",
    )
    rows = build.execute(query, {"clinic": clinic, "owner": owner}).fetchall()
    return ActionList(HEADINGS[language], rows, _missing_feeds(build))


def _require(build: duckdb.DuckDBPyConnection, what: str, value: str, query: str) -> None:
    known = sorted(name for (name,) in build.execute(query).fetchall())
    if value in known:
        return
    hint = f"Known: {', '.join(known)}."
    if what == "owner" and value == "medical":
        hint += " The medical team's list is written with --medical."
    raise StrataError(f"Unknown {what} {value!r}.", hint, WRONG_USE)


def _missing_feeds(build: duckdb.DuckDBPyConnection) -> list[str]:
    """The feeds that the list leans on and that no source delivered."""
    delivered = {
        feed
        for (feed,) in build.execute(
            "select distinct entity from entities.row_accounts where outcome = 'accepted'"
        ).fetchall()
    }
    return [
        feed for feed in ("outreach", "surveys", "treatment_outcomes") if feed not in delivered
    ]
