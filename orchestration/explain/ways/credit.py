"""The way back of credit: whose a line is under the declared policy, and under each other.

Belongs here: `fct_credit`, `credit_policy_comparison`. Doesn't: other answers, running a way.
"""

from typing import Any

from orchestration.explain.cell import Cell
from orchestration.explain.ways.parts import LINE, SHARED, SPLIT, Dates, Part, Sum, Way, Where, basis_rules, in_basis

_WRITE_OFF = """(
    select *, 'payment' as entity, sum(written_off_amount) over (partition by order_line_id, written_off_on) as whole_amount from core.core_write_off
)"""
_GIVEN_UP = ("-written_off_local_amount", "-written_off_amount")
_CREDIT = """(
    select credit.*, shares.split_pct
    from main.fct_credit as credit
    left join core.core_revenue_share as shares
        on credit.order_line_id = shares.order_line_id and credit.crm_user_id = shares.crm_user_id and credit.reason in ('seller', 'no seller')
)"""
_POLICIES = {
    "acquirer": "all of a line goes to the rep who won the account",
    "owner": "a line goes to the rep who owned the account on its day",
    "split": SHARED,
    "handover": "up to a handover a line is the acquirer's; after it what the year before brought stays for a year, by days, and the change is the heir's",
}
_MOVED = "beside the policy: what a person moves of the sale, and of what undoes the sale the same part"
_UNDONE = "a refund and a write-off take back, on their own day, from whom the line was credited to, in the same shares"


def credit(cell: Cell, _: Dates) -> Way:
    """By the one line that is credited; what was given up of it by the payment that says so."""
    adjustment = cell.row["reason"].rpartition("adjustment ")[2] if "adjustment " in cell.row["reason"] else None
    told = (("credit_adjustment", {"adjustment_id": adjustment}),) if adjustment else ()
    if cell.column == "adjustment_reason":
        return Way(rule="as the adjustment was delivered" if told else "null: the policy gives this credit", versions=told)
    if cell.row["reason"] == "write-off":
        rules = ("what was written off of the line on the day, in the shares in which the line is credited; at the rate of the line's day",)
        given_up = {"order_line_id": cell.row["order_line_id"], "written_off_on": cell.row["credited_on"]}
        share = (str(abs(cell.value)), "whole_amount")
        return Way((Part("credit", cell.value, _WRITE_OFF, _GIVEN_UP[1], given_up, LINE, share, rules=rules, money=_GIVEN_UP),))
    rules = (f"the declared credit policy: {cell.row['reason']}",) if adjustment is None else (_MOVED,)
    return Way((Part("credit", cell.value, _CREDIT, "credited_amount", dict(cell.key), rules=rules, says=(SPLIT,)),), versions=told)


def comparison(cell: Cell, _: Dates) -> Way:
    """By the lines that a policy credits, and by all that it credits where a share of them is told."""
    row = cell.row
    year = {"fiscal_year": row["fiscal_year"], "policy": row["policy"]}
    amount = in_basis("credited_amount", row["basis"])

    def part(name: str, total: Any, where: Where) -> Part:
        sums = (Sum("core.core_policy_credit", amount, where),)
        rules = (_POLICIES[row["policy"]], _UNDONE, *basis_rules(row["basis"]))
        return Part(name, total, "trail.trail_credit", amount, where, sums=sums, rules=rules, basis=row["basis"])

    credited = part("credit", row["credited_amount"], year | {"crm_user_id": row["crm_user_id"]})
    if cell.column == "credited_amount":
        return Way((credited,))
    return Way((credited, part("all credit", None, year)), "100 × credit ÷ all that the policy credits in the fiscal year, to 6 digits")
