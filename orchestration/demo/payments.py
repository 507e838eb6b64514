"""What became of the money for order lines: invoiced, then paid, or given up.

Belongs here: payments of the CRM. Doesn't: the sale (`sales`), its refund (`mishaps`), whose credit a write-off undoes (`truth_credit`).
All are counted off by line number, so that small companies have them.
"""

import datetime as dt

from orchestration.demo.calendar import AS_OF
from orchestration.demo.events import Line, Payment, World


def build_payments(world: World) -> None:
    """Some lines are paid; some are written off: as a whole, a third of an order, a half without a day, more than the line was."""
    refunded = {id(line.refunds) for line in world.lines}
    for line in sorted(world.lines, key=lambda line: line.line_id):
        if line.deleted_seen_on is not None or line.refunds is not None or id(line) in refunded:
            continue
        place = line.line_id % 37
        if place == 5:
            _pay(world, line, line.booked, 75)
        elif place == 19:
            _pay(world, line, line.booked // 300 * 100, 40, of_order=True)
        elif place == 28:
            _pay(world, line, line.booked // 200 * 100, 120, is_dated=False)
        elif place == 33:
            _pay(world, line, line.booked + line.booked // 400 * 100 if line.line_id % 2 else line.booked // 400 * 100, 90)
        elif place % 9 == 0:
            _pay(world, line, 0, 30)


def _pay(world: World, line: Line, written_off: int, days: int, *, of_order: bool = False, is_dated: bool = True) -> None:
    """One payment, told when it is invoiced and again when it is settled, where that is before the last night."""
    settled_on = line.ordered_on + dt.timedelta(days=days)
    world.payments.append(
        Payment(
            payment_id=f"Y{line.line_id:06d}",
            line=line,
            is_of_order=of_order,
            settled_on=settled_on if settled_on < AS_OF else None,
            written_off=written_off,
            is_dated=is_dated,
        )
    )
