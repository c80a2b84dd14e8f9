"""Which columns of raw tables say who a person is, and how their values are compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from strata.landing.declared import declared_meanings
from strata.landing.sql import identifier
from strata.settings import PROJECT_DIR

CUSTOMER_ID, PHONE, UNIONID = "customer_id", "phone", "wechat_unionid"
PERSON_ID = "person_id"
NAME, TEXT, MEDICAL = "personal_name", "personal_text", "medical_text"
ORDER_ID, RECORD_ID = "order_id", "record_id"
ROW_IDS = (ORDER_ID, RECORD_ID)  # what a row is called; an order's lines say it too
TEXTS = (TEXT, MEDICAL)  # may say anything of anybody
PERSONAL = (PHONE, UNIONID, PERSON_ID, NAME, TEXT)  # never published
# Names and free texts of the input contract; other sources say `holds` in their declaration.
_BY_NAME = {
    "phone": PHONE,
    "wechat_unionid": UNIONID,
    "person_id": PERSON_ID,
    "full_name": NAME,
    "comment_text": TEXT,
    "order_id": ORDER_ID,
} | dict.fromkeys(
    ("visit_id", "refund_id", "referral_id", "survey_id", "interaction_id", "skin_test_id",
     "card_id", "outreach_id", "outcome_id", "link_id"),
    RECORD_ID,
)  # fmt: skip
_INVISIBLE = r"[\s\x{00a0}\x{00ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}\x{3000}]+"


@dataclass(frozen=True)
class PersonalColumns:
    """The columns of a raw table by what they hold; `undeclared` may hold anything."""

    kinds: dict[str, str]
    undeclared: list[str] = field(default_factory=list)

    def of(self, *kinds: str) -> list[str]:
        """The columns that hold such values."""
        return [column for column, held in self.kinds.items() if held in kinds]

    @property
    def texts(self) -> list[str]:
        """The columns that may say anything of anybody."""
        return [*self.of(*TEXTS), *self.undeclared]

    @property
    def wiped(self) -> list[str]:
        """All columns that say something of a person, but for ids."""
        ids = self.of(CUSTOMER_ID, *ROW_IDS)
        return [column for column in [*self.kinds, *self.undeclared] if column not in ids]


def personal_columns(
    source: str, table: str, columns: Sequence[str], project_dir: Path = PROJECT_DIR
) -> PersonalColumns:
    """What the columns of a source's raw table hold of a person."""
    declared = declared_meanings(source, project_dir).get(table, {})
    kinds = {}
    for column in columns:
        meaning = declared.get(column.lower()) or kind_by_name(column.lower())
        if meaning:
            kinds[column] = meaning
    undeclared = [
        column
        for column in columns
        if column.lower() not in declared and not column.startswith("_") and column not in kinds
    ]
    return PersonalColumns(kinds, undeclared)


def kind_by_name(column: str) -> str | None:
    """What a column of the input contract holds, by its name."""
    if column == CUSTOMER_ID or column.endswith(f"_{CUSTOMER_ID}"):
        return CUSTOMER_ID
    return _BY_NAME.get(column)


def compared(expression: str, kind: str) -> str:
    """SQL for a value as it is compared: an id without white space, a phone's last digits."""
    text = f"regexp_replace(cast({expression} as varchar), '{_INVISIBLE}', '', 'g')"
    if kind != PHONE:
        return text
    digits = f"translate({text}, '０１２３４５６７８９', '0123456789')"
    return f"right(regexp_replace(regexp_replace({digits}, '\\.0+$', ''), '\\D', '', 'g'), 11)"


def hashed(secret: str, source: str, expression: str, kind: str) -> str:
    """SQL for the salted hash by which a forgotten person's value is known again.

    An id is one of its source; a phone is the same everywhere.
    """
    of = source if kind in (CUSTOMER_ID, ORDER_ID) else ""
    return f"sha256('{secret}:{kind}:{of}:' || {compared(expression, kind)})"


def column_of(alias: str, name: str) -> str:
    """A column of a relation, quoted."""
    return f"{alias}.{identifier(name)}"
