"""True answers as Parquet, in the published columns and types.

Belongs here: column order, types, order of rows. Doesn't: what the answers are (`truth`, `truth_more`).
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.demo.books import ledger_tie
from orchestration.demo.closes import period_status
from orchestration.demo.corrections import true_corrections
from orchestration.demo.facts import Facts
from orchestration.demo.truth import group_value, rep_value
from orchestration.demo.truth_contracts import AMOUNTS, contract_value
from orchestration.demo.truth_credit import credit_policy_comparison, fct_credit
from orchestration.demo.truth_deal_bridge import deal_bridge
from orchestration.demo.truth_deals import deal_funnel
from orchestration.demo.truth_identity import id_alias, taken_over, unmatched_identity
from orchestration.demo.truth_more import (
    company_revenue,
    customer_lifetime_value,
    fct_clawback,
    fct_rep_cost,
    goal_attainment,
    pay_reconciliation,
    segment_value,
)
from orchestration.demo.truth_ratio_bridge import ratio_bridge
from orchestration.demo.truth_seats import fct_seat, fct_seat_quota
from orchestration.demo.truth_years import like_for_like, tenure_value
from orchestration.settings import BASES

_AMOUNT, _RATIO = pa.decimal128(18, 4), pa.decimal128(18, 6)
_VALUE_KEY = ("reading", "fiscal_year", "age_months", "lens", "basis", "value_measure", "cost_basis")
_VALUE = (
    "revenue_amount",
    "tcv_amount",
    "customers_acquired",
    "left_censored_customers",
    "is_mature",
    "realised_ltv_amount",
    "projected_ltv_amount",
    "projected_ltv_low_amount",
    "projected_ltv_high_amount",
    "value_amount",
    "cost_amount",
    "direct_cost_amount",
    "shared_cost_amount",
    "management_cost_amount",
    "net_value_amount",
    "value_ratio",
    "projected_value_ratio",
    "cost_components_missing",
    "cost_estimated_pct",
    "quality_grade",
)
KEYS: Mapping[str, tuple[str, ...]] = {
    "rep_value": ("crm_user_id", *_VALUE_KEY),
    "group_value": ("group_type", "group_id", *_VALUE_KEY),
    "customer_lifetime_value": ("account_id", "basis"),
    "goal_attainment": ("goal_id", "goal_version", "lens", "basis"),
    "segment_value": ("segment_type", "segment", *_VALUE_KEY[:-1]),
    "company_revenue": ("fiscal_year", "channel", "basis"),
    "deal_funnel": ("cut_type", "cut_id", "fiscal_year", "basis"),
    "deal_bridge": ("fiscal_year", "basis", "bridge_step"),
    "contract_value": ("crm_user_id", "fiscal_year", "opportunity_type", "basis"),
    "fct_rep_cost": ("crm_user_id", "employee_number", "month_on", "fiscal_year", "component", "currency"),
    "pay_reconciliation": ("crm_user_id", "component", "currency", "fiscal_year"),
    "ledger_tie": ("month_on", "cost_centre", "ledger_kind", "currency"),
    "tenure_value": ("crm_user_id", "tenure_year", "basis"),
    "like_for_like": ("fiscal_year", "population", "basis"),
    "ratio_bridge": ("holder_type", "holder_id", "fiscal_year", "step_number"),
    "fct_clawback": ("employee_number", "period_start_on", "item_code"),
    "fct_credit": ("order_line_id", "crm_user_id", "credit_role", "credited_on", "reason"),
    "credit_policy_comparison": ("crm_user_id", "fiscal_year", "policy", "basis"),
    "fct_seat": ("territory_id", "held_from_on", "crm_user_id"),
    "fct_seat_quota": ("goal_id", "goal_version", "held_from_on", "crm_user_id"),
    "correction": ("correction_id",),
    "period_status": ("month_on",),
    "id_alias": ("id_kind", "alias_id"),
    "unmatched_identity": ("id_kind", "id", "source", "reason"),
    "taken_over": ("entity", "source", "currency"),
}
_FIGURES: Mapping[str, tuple[str, ...]] = {
    "rep_value": ("employee_number", "rep_name", *_VALUE, "ratio_withheld_reason", "standard_cost_level", "standard_cost_people"),
    "group_value": ("group_name", *_VALUE),
    "customer_lifetime_value": (
        "account_name",
        "acquired_on",
        "acquisition_basis",
        "acquiring_crm_user_id",
        "industry",
        "region",
        "acquisition_method",
        "realised_ltv_amount",
        "projected_ltv_amount",
        "projected_ltv_low_amount",
        "projected_ltv_high_amount",
    ),
    "goal_attainment": (
        "owner_type",
        "crm_user_id",
        "owner_name",
        "metric",
        "period_start_on",
        "period_end_on",
        "set_on",
        "target_amount",
        "actual_amount",
        "attainment_pct",
        "probability_when_set",
    ),
    "segment_value": (
        "first_segment",
        "second_segment",
        "allocation_key",
        "allocation_key_version",
        "next_key",
        "next_key_cost_amount",
        "next_key_value_ratio",
        "standard_cost_amount",
        "standard_value_ratio",
        "revenue_amount",
        "customers_acquired",
        "is_mature",
        "realised_ltv_amount",
        "value_amount",
        "cost_amount",
        "value_ratio",
        "payback_months",
        "customers_before",
        "customers_retained",
        "before_amount",
        "gross_retained_amount",
        "net_retained_amount",
        "gross_retention_pct",
        "net_retention_pct",
    ),
    "company_revenue": ("revenue_amount", "order_count"),
    "deal_funnel": (
        "opportunities_created",
        "opportunities_won",
        "opportunities_lost",
        "win_rate_pct",
        "won_amount",
        "lost_amount",
        "win_rate_amount_pct",
        "mean_deal_amount",
        "mean_cycle_days",
        "list_amount",
        "discount_amount",
        "discount_pct",
        "pipeline_amount",
        "target_amount",
        "pipeline_coverage_pct",
    ),
    "deal_bridge": ("step_number", "is_total", "bridge_amount"),
    "contract_value": AMOUNTS,
    "fct_rep_cost": ("cost_amount", "cost_local_amount"),
    "pay_reconciliation": tuple(f"{name}{suffix}" for name in ("earned", "unpaid", "earned_before", "paid") for suffix in ("_amount", "_local_amount")),
    "ledger_tie": (
        "books_amount",
        "payroll_amount",
        "expenses_amount",
        "marketing_amount",
        "files_less_books_amount",
        "not_in_books_amount",
        "not_in_files_amount",
        "other_cost_centre_amount",
    ),
    "tenure_value": (
        "tenure_start_on",
        "tenure_end_on",
        "is_whole",
        "revenue_amount",
        "cost_amount",
        "value_ratio",
        "ratio_withheld_reason",
        "metric_versions",
    ),
    "like_for_like": (
        "rep_count",
        "revenue_amount",
        "before_revenue_amount",
        "revenue_change_pct",
        "cost_amount",
        "before_cost_amount",
        "value_ratio",
        "before_value_ratio",
        "metric_versions",
    ),
    "ratio_bridge": (
        "step",
        "value_change_amount",
        "unsplit_amount",
        "cost_change_amount",
        "from_ratio",
        "change_ratio",
        "to_ratio",
        "metric_versions",
    ),
    "fct_clawback": ("clawed_period_start_on", "clawed_item_code", "currency", "pay_amount", "commission_currency", "commission_pay_amount"),
    "fct_credit": ("credited_amount", "adjustment_reason"),
    "credit_policy_comparison": ("credited_amount", "share_pct"),
    "fct_seat": ("held_to_on", "holder_count"),
    "fct_seat_quota": ("territory_id", "held_to_on", "day_count", "holder_count", "metric", "quota_amount", "actual_amount"),
    "correction": ("entity", "entity_key", "column_name", "correction_state", "reason", "written_by", "approved_by", "written_on"),
    "period_status": (
        "fiscal_year",
        "fiscal_period",
        "period_end_on",
        "period_state",
        "closed_on",
        "closed_by",
        "late_order_lines",
        "late_revenue_amount",
        "late_cost_lines",
        "late_dividing_lines",
    ),
    "id_alias": ("shown_id", "match_basis"),
    "unmatched_identity": ("row_count", "first_on", "last_on", "revenue_amount", "cost_amount"),
    "taken_over": ("row_count", "first_on", "last_on", "taken_over_local_amount", "taken_over_amount"),
}
_WHOLE = {
    *("fiscal_year", "tenure_year", "rep_count", "age_months", "payback_months", "goal_version", "order_count", "day_count", "holder_count", "row_count"),
    *("customers_acquired", "left_censored_customers", "customers_before", "customers_retained"),
    *("allocation_key_version", "standard_cost_people", "step_number"),
    *("opportunities_created", "opportunities_won", "opportunities_lost"),
    *("fiscal_period", "late_order_lines", "late_cost_lines", "late_dividing_lines"),
}


def write_truth(folder: Path, facts: Facts, fiscal_year_start_month: int) -> None:
    """One Parquet file an answer, in the order of its key."""
    folder.mkdir(parents=True, exist_ok=True)
    each = [facts, *(Facts(facts.world, basis, facts.nominal) for basis in BASES if basis != facts.basis)]
    start = fiscal_year_start_month
    tables: dict[str, Iterable[dict[str, Any]]] = {
        "rep_value": chain.from_iterable(rep_value(one, start) for one in each),
        "group_value": chain.from_iterable(group_value(one, start) for one in each),
        "customer_lifetime_value": chain.from_iterable(customer_lifetime_value(one) for one in each),
        "goal_attainment": chain.from_iterable(goal_attainment(one) for one in each),
        "segment_value": chain.from_iterable(segment_value(one, start) for one in each),
        "company_revenue": chain.from_iterable(company_revenue(one, start) for one in each),
        "deal_funnel": chain.from_iterable(deal_funnel(one, start) for one in each),
        "deal_bridge": chain.from_iterable(deal_bridge(one, start) for one in each),
        "contract_value": chain.from_iterable(contract_value(one, start) for one in each),
        "fct_rep_cost": fct_rep_cost(facts, start),
        "pay_reconciliation": pay_reconciliation(facts, start),
        "ledger_tie": ledger_tie(facts.world),
        "tenure_value": chain.from_iterable(tenure_value(one) for one in each),
        "like_for_like": chain.from_iterable(like_for_like(one, start) for one in each),
        "ratio_bridge": ratio_bridge(facts, start),
        "fct_clawback": fct_clawback(facts),
        "fct_credit": fct_credit(facts),
        "credit_policy_comparison": chain.from_iterable(credit_policy_comparison(one, start) for one in each),
        "fct_seat": fct_seat(facts),
        "fct_seat_quota": fct_seat_quota(facts),
        "correction": true_corrections(facts.world),
        "period_status": period_status(facts, fiscal_year_start_month),
        "id_alias": id_alias(facts),
        "unmatched_identity": unmatched_identity(facts),
        "taken_over": taken_over(facts),
    }
    for name, rows in tables.items():
        write_answer(folder, name, rows)


def write_answer(folder: Path, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """One of them."""
    schema = pa.schema([(column, _type(column)) for column in (*KEYS[name], *_FIGURES[name])])
    ordered = sorted(rows, key=lambda row: [(row.get(column) is None, row.get(column)) for column in KEYS[name]])
    pq.write_table(pa.Table.from_pylist(ordered, schema=schema), folder / f"{name}.parquet")


def _type(column: str) -> pa.DataType:
    """By the suffix, which is a contract."""
    if column.endswith("_amount"):
        return _AMOUNT
    if column.endswith(("_ratio", "_pct")) or column in ("probability_when_set", "mean_cycle_days"):
        return _RATIO
    if column.endswith("_on"):
        return pa.date32()
    if column.startswith("is_"):
        return pa.bool_()
    return pa.int64() if column in _WHOLE else pa.string()
