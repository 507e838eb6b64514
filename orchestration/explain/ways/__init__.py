"""From which rows of the warehouse each column of each answer is made, and by which rules: the map that `explain` follows.

Belongs here: which table's cells have a way back, and where it is written. Doesn't: running a way (`explanation`).
"""

from collections.abc import Callable, Mapping

from orchestration.explain.cell import Cell
from orchestration.explain.ways import books, bridge, comparable, contracts, credit, facts, listed, plans, value
from orchestration.explain.ways.parts import Dates, Way

_WAYS: Mapping[str, Callable[[Cell, Dates], Way]] = {
    "rep_value": value.holder,
    "group_value": value.holder,
    "segment_value": value.segment,
    "goal_attainment": plans.goal,
    "deal_funnel": plans.funnel,
    "deal_bridge": contracts.bridge,
    "contract_value": contracts.contract,
    "customer_lifetime_value": facts.customer,
    "company_revenue": facts.company,
    "tenure_value": comparable.tenure,
    "like_for_like": comparable.like_for_like,
    "ratio_bridge": bridge.bridge,
    "ledger_tie": books.ledger,
    "pay_reconciliation": books.pay,
    "fct_rep_cost": facts.rep_cost,
    "fct_credit": credit.credit,
    "credit_policy_comparison": credit.comparison,
    "fct_revenue_share": listed.revenue_share,
    "fct_customer_value": listed.customer_month,
    "unattributed_cost": listed.unattributed,
    "unmatched_identity": listed.unmatched,
    "period_status": listed.period,
}
EXPLAINED = (*_WAYS, "rep_year", "group_year", "segment_year")
"""The tables from whose cells there is a way back."""


def way_of(cell: Cell, dates: Dates) -> Way | None:
    """The way back from a cell; None for a table whose cells have none."""
    if cell.column == "metric_versions":
        return Way(rule="the metrics that the row shows, each in the version that is in use: dim_metric has its words")
    make = _WAYS.get(cell.table)
    return make(cell, dates) if make else None
