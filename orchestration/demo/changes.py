"""From events to what the systems hand over as changes: the rows of delta entities, each with its extract.

Belongs here: which extract tells what, in the contract's columns. Doesn't: entities that are delivered whole (`snapshots`),
files (`files`), what counts in the end (`facts`).

- order_line, pay_item, expense_line, marketing_spend and fx_rate are corrected by a later version of the same key, or by one with a
  higher `updated_at` in the same extract; a line may also be deleted.
- opportunity and opportunity_split change with `effective_on`.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from orchestration.demo.absences import absences
from orchestration.demo.bases import INDEX_CODE, published_index
from orchestration.demo.calendar import at, eve
from orchestration.demo.closes import closes
from orchestration.demo.events import Line, World
from orchestration.demo.money import text

Row = dict[str, Any]
Told = tuple[dt.date, Row]
_STAGES_OPEN = ("qualify", "proposal")


def order_lines(world: World) -> Iterator[Told]:
    """A twin stands behind the row that wins over it; a deletion repeats the row."""
    for line in world.lines:
        row = _line(line)
        if line.told:
            told = {"booked_amount" if key == "booked" else "crm_user_id" if key == "seller_id" else key: value for key, value in line.told.items()}
            if "booked_amount" in told:
                told["booked_amount"] = text(told["booked_amount"])
            corrected_on = line.corrected_seen_on or line.seen_on
            yield corrected_on, row | {"updated_at": eve(corrected_on, 22)}
            yield line.seen_on, row | told
            continue
        yield line.seen_on, row
        if line.deleted_seen_on is not None:
            yield line.deleted_seen_on, row | {"updated_at": eve(line.deleted_seen_on, 22), "is_deleted": True}


def _line(line: Line) -> Row:
    return {
        "order_line_id": line.line_id,
        "order_id": line.order_id,
        "account_id": line.account_id,
        "crm_user_id": line.seller_id,
        "opportunity_id": line.opportunity.opportunity_id if line.opportunity else None,
        "territory_id": line.territory_id,
        "ordered_on": line.ordered_on,
        "quantity": line.quantity,
        "booked_amount": text(line.booked),
        "currency": line.currency,
        "unit_cost_amount": text(line.unit_cost),
        "list_amount": text(line.listed),
        "partner_amount": text(line.partner) if line.partner else None,
        "term_months": line.term_months,
        "channel": line.channel,
        "product_code": line.product,
        "refunds_order_line_id": line.refunds.line_id if line.refunds else None,
        "created_by": line.seller_id,
        "updated_at": eve(line.seen_on, 9),
    }


def opportunities(world: World) -> Iterator[Told]:
    """A version for each stage; of several stages in one extract all are told, each with its own time."""
    for deal in world.opportunities:
        for hour, (day, stage) in enumerate(deal.steps):
            is_closed = stage not in _STAGES_OPEN
            row = {
                "opportunity_id": deal.opportunity_id,
                "account_id": deal.account_id,
                "owner_crm_user_id": deal.owner_id,
                "stage": stage,
                "is_closed": is_closed,
                "is_won": stage == "won",
                "opportunity_amount": text(deal.amount),
                "currency": deal.currency,
                "term_months": deal.term_months,
                "opportunity_type": deal.kind,
                "channel": "direct",
                "created_on": deal.steps[0][0],
                "closed_on": day if is_closed else None,
                "effective_on": day,
                "updated_at": at(day, 9 + hour),
            }
            yield world.calendar.seen(day), row
        if deal.merged_into is not None and deal.merged_on is not None:
            merged = {"merged_into_opportunity_id": deal.merged_into.opportunity_id, "effective_on": deal.merged_on, "updated_at": at(deal.merged_on, 18)}
            yield world.calendar.seen(deal.merged_on), row | merged


def splits(world: World) -> Iterator[Told]:
    """Shares of a deal since it was won, and again when they change."""
    for deal in world.opportunities:
        for split in deal.splits:
            row: Row = {
                "opportunity_id": deal.opportunity_id,
                "crm_user_id": split.crm_user_id,
                "split_role": split.role,
                "split_pct": text(split.pct),
                "effective_on": deal.steps[-1][0],
                "updated_at": eve(split.seen_on),
            }
            yield split.seen_on, row
            if split.changed_on is not None:
                seen_on = world.calendar.seen(split.changed_on)
                yield seen_on, row | {"split_pct": text(split.changed_pct), "effective_on": split.changed_on, "updated_at": eve(seen_on)}


def payments(world: World) -> Iterator[Told]:
    """What was invoiced, and again what became of it. A write-off without a day holds since the extract that shows it."""
    for payment in world.payments:
        line = payment.line
        of: Row = {"order_id": line.order_id} if payment.is_of_order else {"order_line_id": line.line_id}
        seen_on = world.calendar.seen(line.ordered_on)
        settled_seen_on = None if payment.settled_on is None else world.calendar.seen(payment.settled_on)
        row: Row = {"payment_id": payment.payment_id, **of, "invoiced_on": line.ordered_on, "invoiced_amount": text(line.booked), "currency": line.currency}
        if settled_seen_on != seen_on:
            yield seen_on, row | {"updated_at": eve(seen_on, 9)}
        if settled_seen_on is not None:
            settled: Row = {"collected_on": payment.settled_on, "collected_amount": text(line.booked)}
            if payment.written_off:
                settled = {"written_off_amount": text(payment.written_off), "written_off_on": payment.settled_on if payment.is_dated else None}
            yield settled_seen_on, row | settled | {"updated_at": eve(settled_seen_on, 22)}


def adjustments(world: World) -> Iterator[Told]:
    """Credit that people move, once a sale is told; some is taken back."""
    for adjustment in world.adjustments:
        row: Row = {
            "adjustment_id": adjustment.adjustment_id,
            "order_line_id": adjustment.line.line_id,
            "from_crm_user_id": adjustment.from_id,
            "to_crm_user_id": adjustment.to_id,
            "adjusted_amount": text(adjustment.amount),
            "currency": adjustment.line.currency,
            "reason": adjustment.reason,
            "created_by": "Sales Operations",
            "approved_by": "Head of Sales",
            "updated_at": eve(adjustment.seen_on, 9),
        }
        yield adjustment.seen_on, row
        if adjustment.withdrawn_seen_on is not None:
            yield adjustment.withdrawn_seen_on, row | {"updated_at": eve(adjustment.withdrawn_seen_on, 22), "is_deleted": True}


def spends(world: World) -> Iterator[Told]:
    """Marketing spend, corrected later where it was told wrongly."""
    for spend in world.spends:
        row: Row = {
            "marketing_spend_id": spend.spend_id,
            "campaign_id": spend.campaign.campaign_id if spend.campaign else None,
            "acquisition_method": spend.method,
            "month_on": spend.month_on,
            "spend_amount": text(spend.amount),
            "currency": spend.currency,
        }
        told = None if spend.told_amount is None else {"spend_amount": text(spend.told_amount)}
        yield from _versions(row, spend.seen_on, spend.corrected_seen_on, told)


def pay_items(world: World) -> Iterator[Told]:
    """Pay, corrected later where it was told wrongly."""
    for item in world.pay:
        row: Row = {
            "employee_number": item.employee_number,
            "period_start_on": item.month_on,
            "period_end_on": item.to_on,
            "item_code": item.item_code,
            "component": item.component,
            "pay_amount": text(item.amount),
            "currency": item.currency,
            "paid_on": item.paid_on,
            "clawed_period_start_on": item.claws[0] if item.claws else None,
            "clawed_item_code": item.claws[1] if item.claws else None,
            "is_estimated": item.is_estimated or None,
        }
        yield from _versions(row, item.seen_on, item.corrected_seen_on, None if item.told_amount is None else {"pay_amount": text(item.told_amount)})


def expenses(world: World) -> Iterator[Told]:
    """Claims, some with another status later."""
    for expense in world.expenses:
        row: Row = {
            "report_id": expense.report_id,
            "line_number": expense.line_number,
            "claimant_employee_number": expense.told_number,
            "claimant_email": expense.told_email,
            "spent_on": expense.spent_on,
            "category": expense.category,
            "expense_amount": text(expense.amount),
            "currency": expense.currency,
            "status": expense.status,
        }
        yield from _versions(row, expense.seen_on, expense.corrected_seen_on, None if expense.told_status is None else {"status": expense.told_status})


def sessions(world: World) -> Iterator[Told]:
    """Coaching sessions, each told once."""
    for session in world.sessions:
        yield (
            world.calendar.seen(session.session_on),
            {
                "programme": session.programme,
                "crm_user_id": session.crm_user_id,
                "session_on": session.session_on,
                "coached_by": session.coached_by,
                "chosen_by": session.chosen_by,
                "reason": session.reason,
                "hours": text(session.hours),
                "coaching_cost_amount": text(session.amount),
                "currency": session.currency,
            },
        )


def pools(world: World) -> Iterator[Told]:
    """Pools of shared cost, corrected later where they were told wrongly."""
    for pool in world.pools:
        row: Row = {
            "pool_id": pool.pool_id,
            "month_on": pool.month_on,
            "pool_kind": pool.kind,
            "cost_centre": pool.cost_centre,
            "pool_amount": text(pool.amount),
            "currency": pool.currency,
        }
        yield from _versions(row, pool.seen_on, pool.corrected_seen_on, None if pool.told_amount is None else {"pool_amount": text(pool.told_amount)})


def rates(world: World) -> Iterator[Told]:
    """Rates of the euro, corrected later where they were told wrongly."""
    for rate in world.rates:
        row: Row = {"from_currency": "EUR", "to_currency": "USD", "rate_on": rate.rate_on, "rate": text(rate.rate, 8)}
        yield from _versions(row, rate.seen_on, rate.corrected_seen_on, None if rate.told_rate is None else {"rate": text(rate.told_rate, 8)})


def price_index(world: World) -> Iterator[Told]:
    """Told once a year."""
    for month_on, value in published_index(world).items():
        yield world.calendar.seen(month_on.replace(month=12)), {"index_code": INDEX_CODE, "month_on": month_on, "index_value": text(value, 8)}


def _versions(row: Row, seen_on: dt.date, corrected_on: dt.date | None, told: Row | None) -> Iterator[Told]:
    """The row as it is, after the row as it was told first."""
    if told is None or corrected_on is None:
        yield seen_on, row | {"updated_at": eve(seen_on, 9)}
    else:
        yield seen_on, row | told | {"updated_at": eve(seen_on, 9)}
        yield corrected_on, row | {"updated_at": eve(corrected_on, 22)}


DELTAS = {
    "opportunity": opportunities,
    "opportunity_split": splits,
    "order_line": order_lines,
    "payment": payments,
    "credit_adjustment": adjustments,
    "marketing_spend": spends,
    "pay_item": pay_items,
    "expense_line": expenses,
    "coaching": sessions,
    "absence": absences,
    "cost_pool": pools,
    "fx_rate": rates,
    "price_index": price_index,
    "period_close": closes,
}
