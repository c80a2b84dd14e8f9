"""The faults that are planted: rows that must be rejected, each for one reason.

Prices of products are the exception: such a cell is null, and flagged, and its row accepted.
"""

from dataclasses import dataclass

FUTURE = "'2099-06-15'"
TOO_EARLY = "'1900-01-01'"
NOT_A_DATE = "'2023-13-45'"


@dataclass(frozen=True)
class Fault:
    """A damaged copy with a fresh key; `value` is SQL over the undamaged row.

    `is_text` marks values that no typed column can hold: they are left out of Parquet.
    """

    table: str
    rule: str
    column: str
    value: str
    where: str = "true"

    @property
    def is_text(self) -> bool:
        """True if only a text file can carry the fault."""
        return self.rule == "unparsable_value"


FAULTS: tuple[Fault, ...] = (
    Fault("customers", "missing_value", "customer_id", "null"),
    Fault("customer_links", "unknown_reference", "same_as_customer_id", "{n}"),
    Fault("customer_links", "self_reference", "customer_id", "same_as_customer_id"),
    Fault("products", "missing_value", "product_id", "null"),
    Fault("products", "unparsable_value", "unit_cost", "'about 300'"),
    Fault("products", "negative_value", "list_price", "'-680.00'"),
    Fault("products", "absurd_value", "list_price", "'999999999.00'"),
    Fault("orders", "missing_value", "order_id", "null"),
    Fault("orders", "missing_value", "customer_id", "null"),
    Fault("orders", "unparsable_value", "order_date", NOT_A_DATE),
    Fault("orders", "unknown_reference", "customer_id", "{n}"),
    Fault("orders", "future_date", "order_date", FUTURE),
    Fault("orders", "too_early_date", "order_date", TOO_EARLY),
    Fault("orders", "not_allowed_value", "status", "'maybe'"),
    Fault("order_items", "missing_value", "net_amount", "null"),
    Fault("order_items", "unparsable_value", "net_amount", "'1 280 yuan'"),
    Fault("order_items", "unknown_reference", "order_id", "{n}"),
    Fault("order_items", "absurd_value", "net_amount", "'999999999.00'"),
    Fault("refunds", "missing_value", "refund_amount", "null"),
    Fault("refunds", "unparsable_value", "refund_amount", "'full'"),
    Fault("refunds", "unknown_reference", "order_id", "{n}"),
    Fault("refunds", "negative_value", "refund_amount", "'-1.00'"),
    Fault("refunds", "impossible_sequence", "refund_date", "refund_date - 15"),
    Fault("refunds", "future_date", "refund_date", FUTURE),
    Fault("visits", "missing_value", "visit_date", "null"),
    Fault("visits", "unparsable_value", "visit_date", NOT_A_DATE),
    Fault("visits", "unknown_reference", "customer_id", "{n}"),
    Fault("visits", "future_date", "visit_date", FUTURE),
    Fault("visits", "too_early_date", "visit_date", TOO_EARLY),
    Fault("referrals", "missing_value", "referee_customer_id", "null"),
    Fault("referrals", "unknown_reference", "referee_customer_id", "{n}"),
    Fault("referrals", "self_reference", "referrer_customer_id", "referee_customer_id"),
    Fault("referrals", "future_date", "referral_date", FUTURE),
    Fault("interactions", "unparsable_value", "interaction_date", NOT_A_DATE),
    Fault("interactions", "unknown_reference", "customer_id", "{n}"),
    Fault("interactions", "not_allowed_value", "interaction_type", "'telepathy'"),
    Fault("skin_tests", "unknown_reference", "customer_id", "{n}"),
    Fault("surveys", "unknown_reference", "customer_id", "{n}"),
    Fault("outreach", "unknown_reference", "customer_id", "{n}"),
    Fault("experiment_assignments", "unknown_reference", "customer_id", "{n}"),
    Fault("acquisition_costs", "unparsable_value", "cost_amount", "'n/a'"),
    Fault("acquisition_costs", "negative_value", "cost_amount", "'-5000.00'"),
    Fault("treatment_outcomes", "unknown_reference", "customer_id", "{n}"),
    Fault("treatment_outcomes", "missing_value", "outcome_date", "null"),
    Fault("cards", "unknown_reference", "customer_id", "{n}"),
)  # fmt: skip

# Column and new content of the row that comes first and must lose against the clean one.
CONFLICTS: dict[str, tuple[str, str]] = {
    "customers": ("motivation", "if(motivation = 'efficacy', 'experience', 'efficacy')"),
    "products": ("list_price", "list_price + 1"),
    "orders": ("status", "if(status = 'paid', 'cancelled', 'paid')"),
    "order_items": ("net_amount", "(net_amount * 0.5)::decimal(12, 2)"),
    "refunds": ("refund_amount", "(refund_amount * 0.5)::decimal(12, 2)"),
    "visits": ("status", "if(status = 'arrived', 'no_show', 'arrived')"),
    "interactions": ("interaction_type", "if(interaction_type = 'page_view', "
                     "'live_watch', 'page_view')"),
    "surveys": ("nps_score", "if(nps_score = 10, 9, 10)"),
}  # fmt: skip
