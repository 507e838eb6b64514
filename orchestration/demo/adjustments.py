"""Credit that people move by hand: what of a sale, from whom to whom, and why.

Belongs here: adjustments of the CRM. Doesn't: the sale (`sales`), who is credited with what (`truth_credit`).
All are counted off by line number, so that small companies have them.
"""

import datetime as dt

from orchestration.demo.calendar import AS_OF
from orchestration.demo.events import UNKNOWN, Adjustment, Line, World
from orchestration.demo.facts import Facts, Sale

_REASONS = ("both worked on it", "agreed when the account changed hands", "the wrong rep was entered")


def build_adjustments(world: World, facts: Facts) -> None:
    """Of some sales all is moved, of some a half, of some a half and then a part of that; some were refunded, and some are taken back."""
    refunded, settled = {id(line.refunds) for line in world.lines}, _settled(world)
    for sale in sorted(facts.sales, key=lambda sale: sale.line.line_id):
        line, win = sale.line, facts.wins[sale.account_id]
        if line.refunds is not None or sale.revenue <= 0 or sale.account_id not in settled or sale.on < win.on:
            continue
        # Who is credited by hand was there when it was sold: a look-back knows nobody who came later.
        heirs = [person.crm_user_id or UNKNOWN for person in world.reps if person.works_on(line.ordered_on)] or [UNKNOWN]
        place = line.line_id % 41
        if place in (7, 8, 9) or id(line) in refunded or line.line_id % 111 == 5:
            _adjust(world, sale, win.acquirer_id, heirs, is_chain=place == 8, is_withdrawn=place == 9)


def _settled(world: World) -> set[str]:
    """Accounts of which nothing was told otherwise later: whoever adjusts a credit has seen it as it is."""
    moved = {line.account_id for line in world.lines if line.told or line.deleted_seen_on is not None}
    merged = {*world.merged, *world.merged.values()}
    return {account.account_id for account in world.accounts} - moved - merged


def _adjust(world: World, sale: Sale, holder_id: str, heirs: list[str], *, is_chain: bool, is_withdrawn: bool) -> None:
    line = sale.line
    first, second = (heirs[(line.line_id + step) % len(heirs)] for step in (0, 1))
    kept = line.booked - line.partner
    amount = kept if line.line_id % 3 == 0 else kept // 200 * 100
    if first == holder_id or not amount:
        return
    _add(world, line, holder_id, first, amount, is_withdrawn=is_withdrawn)
    if is_chain and second not in (holder_id, first):
        _add(world, line, first, UNKNOWN if line.line_id % 2 else second, amount, is_withdrawn=False)


def _add(world: World, line: Line, from_id: str, to_id: str, amount: int, *, is_withdrawn: bool) -> None:
    """Told two months after the sale, where that is before the last night."""
    told_on = line.ordered_on + dt.timedelta(days=60)
    withdrawn_on = line.ordered_on + dt.timedelta(days=150)
    if told_on >= AS_OF:
        return
    number = len(world.adjustments) + 1
    world.adjustments.append(
        Adjustment(
            adjustment_id=f"C{number:05d}",
            line=line,
            from_id=from_id,
            to_id=to_id,
            amount=amount,
            reason=_REASONS[number % len(_REASONS)],
            seen_on=max(world.calendar.seen(told_on), line.seen_on),
            withdrawn_seen_on=world.calendar.seen(withdrawn_on) if is_withdrawn and withdrawn_on < AS_OF else None,
        )
    )
