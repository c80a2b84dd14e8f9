"""The feeds the generator delivers: keys, order of rows, how files are split."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One feed. `fresh_key` turns the row number `{n}` into a key that no clean row has.

    `base` names the relation that damaged copies are made from; duplicates always come
    from the clean rows.
    """

    name: str
    key: tuple[str, ...]
    order_by: tuple[str, ...]
    fresh_key: tuple[str, str]
    is_yearly: bool = False
    is_global: bool = False
    base: str = ""
    base_filter: str = "true"

    @property
    def clean(self) -> str:
        """The relation with the clean rows of the chunk."""
        return f"out_{self.name}"

    @property
    def damage_base(self) -> str:
        """The relation that damaged rows are copied from."""
        return self.base or self.clean


def _feed(name: str, key: str, date_column: str, **more: object) -> Table:
    return Table(name, (key,), (date_column, key), (key, "{n}"), **more)


TABLES: tuple[Table, ...] = (
    _feed("customers", "customer_id", "registered_date"),
    _feed("customer_links", "link_id", "recorded_date"),
    Table("products", ("product_id",), ("product_id",), ("product_id", "{n}"), is_global=True),
    _feed("orders", "order_id", "order_date", is_yearly=True),
    Table(
        "order_items",
        ("order_id", "line_number"),
        ("order_id", "line_number"),
        ("line_number", "{line}"),
        is_yearly=True,
        base_filter="line_number = 1 and net_amount > 1",
    ),
    _feed("refunds", "refund_id", "refund_date", base="refundable_lines"),
    _feed("visits", "visit_id", "visit_date", is_yearly=True, base_filter="status = 'arrived'"),
    _feed("referrals", "referral_id", "referral_date"),
    _feed("interactions", "interaction_id", "interaction_date", is_yearly=True),
    _feed("skin_tests", "skin_test_id", "test_date"),
    _feed("surveys", "survey_id", "survey_date"),
    _feed("outreach", "outreach_id", "contact_date"),
    Table(
        "experiment_assignments",
        ("experiment_id", "customer_id"),
        ("assigned_date", "experiment_id", "customer_id"),
        ("customer_id", "{n}"),
    ),
    Table(
        "acquisition_costs",
        ("channel", "month"),
        ("month", "channel"),
        ("channel", "{n}"),
        is_global=True,
    ),
    _feed("treatment_outcomes", "outcome_id", "outcome_date"),
    _feed("cards", "card_id", "opened_date"),
)
