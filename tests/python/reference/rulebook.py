"""The rulebook's numbers, as its text has them; a preset of another trade lists its own."""

import csv
from decimal import Decimal
from pathlib import Path

RULEBOOK: dict[str, str] = {
    # 3.1
    "rfm_active_within_days": "90", "rfm_lapsed_from_days": "180",
    "rfm_churned_after_days": "365", "rfm_frequency_window": "365",
    "rfm_fan_min_purchases": "4", "rfm_repeat_min_purchases": "2",
    "rfm_one_off_min_purchases": "1", "rfm_monetary_window": "365",
    "rfm_high_min_amount": "200000", "rfm_mid_min_amount": "50000",
    "rfm_multi_min_categories": "3", "rfm_dual_min_categories": "2",
    # 3.2, 3.3
    "rfm_score_window": "0",
    "rfm2_breadth_score_5_min_categories": "3", "rfm2_breadth_weight": "30",
    "rfm2_interaction_weight": "30", "rfm2_cycle_weight": "30", "rfm2_social_weight": "10",
    # 3.4
    "lifecycle_loyal_within_days": "180", "lifecycle_loyal_min_days": "5",
    "lifecycle_active_within_days": "120", "lifecycle_active_min_days": "3",
    "lifecycle_effective_within_days": "90", "lifecycle_effective_min_days": "2",
    "lifecycle_newbie_within_days": "30", "lifecycle_newbie_within_days:injection": "60",
    "lifecycle_newbie_within_days:surgery": "90", "lifecycle_newbie_max_days": "1",
    "lifecycle_dormant_from_days": "90", "lifecycle_dead_from_days": "180",
    "lifecycle_lost_from_days": "360",
    # 3.5
    "four_stage_silence_window": "90", "four_stage_repeat_min_purchases": "2",
    "four_stage_repeat_min_categories": "2", "four_stage_repeat_min_amount": "20000",
    "four_stage_amount_window": "365", "four_stage_trial_within_days": "30",
    "four_stage_trial_below_purchases": "3",
    # 3.6
    "four_level_window": "365", "four_level_super_min_clv": "500000",
    "four_level_super_min_referrals": "5", "four_level_repeat_min_purchases": "3",
    "four_level_repeat_min_categories": "2", "four_level_trial_max_order_amount": "10000",
    # 3.7
    "dual_value_window": "365", "dual_a_min_amount": "300000", "dual_a_min_conversion": "0.15",
    "dual_b_min_purchases": "3", "dual_b_min_order_value": "20000",
    "dual_active_within_days": "90", "dual_silent_from_days": "180",
    "dual_churned_after_days": "365",
    # 3.8, 3.9
    "clv_level_high_min_amount": "200000", "clv_level_mid_min_amount": "20000",
    "sensitivity_min_purchases": "2", "sensitivity_high_min_share": "0.5",
    "sensitivity_high_min_discount": "0.2",
    "clv_strategic_min_amount": "1000000", "clv_core_min_amount": "200000",
    "clv_high_growth_min_rate": "0.5", "clv_growth_min_amount": "5000",
    # 3.10, 3.11
    "social_window": "365", "social_spreader_min_referrals": "10",
    "social_advocate_min_referrals": "5", "social_referrer_min_referrals": "1",
    "need_risk_below_collagen_pct": "30", "need_risk_min_uv_index": "7",
    "need_risk_above_pigmentation_pct": "15", "need_lead_min_problem_index": "7",
    # 3.12, 3.13
    "pyramid_window": "365", "pyramid_top_profit_share": "0.8",
    "pyramid_middle_profit_share": "0.95",
    "rule_high_value_within_days": "30", "rule_high_value_above_purchases": "5",
    "rule_high_value_above_amount": "10000", "rule_growth_within_days": "90",
    "rule_growth_min_purchases": "2", "rule_growth_max_purchases": "4",
    "rule_growth_min_amount": "2000", "rule_growth_below_amount": "10000",
    # 3.14 to 3.17
    "membership_window": "365", "membership_grace_days": "90",
    "membership_silver_min_amount": "20000", "membership_gold_min_amount": "50000",
    "membership_platinum_min_amount": "200000", "membership_diamond_min_amount": "500000",
    "care_window": "365", "care_intervene_max_satisfaction": "6", "care_watch_max_nps": "6",
    "private_domain_silence_window": "180", "private_domain_dominant_min_share": "0.4",
    "final_core_min_amount": "10000", "final_core_window": "365",
}  # fmt: skip


class Numbers:
    """The numbers in force: the rulebook's, or those that a rule set's rows put in their place.

    Names that the rulebook leaves open (the floors of RFM² scores) come from the rows.
    """

    def __init__(self, thresholds: Path, ruleset: str = "medical_aesthetics") -> None:
        self.listed: dict[str, Decimal] = {}
        with thresholds.open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["scope_type"] != "clinic"]
        for name in ("medical_aesthetics", ruleset):
            own = [row for row in rows if row["ruleset"] == name]
            for row in sorted(own, key=lambda row: row["valid_from"]):
                scope = f":{row['scope_id']}" if row["scope_type"] == "department" else ""
                self.listed[row["threshold"] + scope] = Decimal(row["value"])
        text = {name: Decimal(value) for name, value in RULEBOOK.items()}
        self.values = self.listed if ruleset != "medical_aesthetics" else self.listed | text

    def __call__(self, name: str, department: str | None = None) -> Decimal:
        return self.values.get(f"{name}:{department}", self.values[name])

    def differing(self) -> dict[str, tuple[str, Decimal | None]]:
        """The rulebook's numbers that the project's rows do not have: name, both values."""
        return {
            name: (value, self.listed.get(name))
            for name, value in RULEBOOK.items()
            if self.listed.get(name) != Decimal(value)
        }
