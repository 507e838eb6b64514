"""What goes wrong with order lines in any CRM: refunds, late entries, corrections, deletions, twins. And the ids of lines.

Belongs here: the life of a line after its sale. Doesn't: the sale (`sales`), how it is delivered (`changes`).
"""

import datetime as dt
from dataclasses import replace

import numpy as np

from orchestration.demo.calendar import AS_OF
from orchestration.demo.events import Line, World
from orchestration.demo.money import from_float
from orchestration.demo.sales import FIRST_LINE_ID, TIE_LINE_IDS


def age_lines(world: World, rng: np.random.Generator) -> None:
    """Refunds and follow-up lines, then ids by date, then what the CRM got wrong. All are counted off, so that small companies have them."""
    regular = list(world.lines)
    for number, line in enumerate(regular):
        if number % 40 == 17 and line.line_id not in TIE_LINE_IDS:
            _refund(world, rng, line, times=2 if number % 200 == 97 else 1)
        if line.opportunity is not None and any(split.changed_on for split in line.opportunity.splits):
            _follow_up(world, line)
    refunded = {id(line.refunds) for line in world.lines}
    world.lines.sort(key=lambda line: line.ordered_on)
    number = FIRST_LINE_ID
    for line in world.lines:
        if line.line_id == 0:
            line.line_id, number = number, number + 1
            if id(line) not in refunded and line.refunds is None:
                _spoil(world, line)


def _refund(world: World, rng: np.random.Generator, line: Line, times: int) -> None:
    """All of the line back, or the half of it when there is an even quantity; or twice as much, by mistake."""
    on = line.ordered_on + dt.timedelta(days=int(rng.integers(10, 100)))
    if on >= AS_OF:
        return
    halves = 2 if line.quantity % 2 == 0 and line.booked % 200 == 0 else 1
    refund = replace(
        line,
        ordered_on=on,
        quantity=-line.quantity * times // halves,
        booked=-line.booked * times // halves,
        listed=-line.listed * times // halves,
        partner=-(line.partner * times // halves),
        refunds=line,
        seen_on=world.calendar.seen(on),
        line_id=0,
    )
    world.lines.append(refund)


def _follow_up(world: World, line: Line) -> None:
    """More of the same deal after its split was changed, so that the split at the line's date matters."""
    on = line.ordered_on + dt.timedelta(days=120)
    if on < AS_OF:
        world.lines.append(replace(line, ordered_on=on, booked=line.booked + from_float(1), seen_on=world.calendar.seen(on)))


def _spoil(world: World, line: Line) -> None:
    """Late, wrong at first (amount; seller, date and territory), deleted, twice in one extract, or without a territory."""
    seen, number = world.calendar.seen, line.line_id
    if number % 60 == 7:
        line.seen_on = seen(line.ordered_on, late=3)
    elif number % 60 == 23:
        line.told = {"booked": line.booked + from_float(50)}
        line.corrected_seen_on = seen(line.ordered_on, late=2)
    elif number % 120 == 41:
        other = next(rep.crm_user_id for rep in world.reps if rep.crm_user_id != line.seller_id)
        line.told = {"seller_id": other, "territory_id": None, "ordered_on": day_before(world, line.ordered_on)}
        line.corrected_seen_on = seen(line.ordered_on, late=1)
    elif number % 90 == 55:
        line.deleted_seen_on = seen(line.ordered_on, late=1)
    elif number % 80 == 31:
        line.told, line.corrected_seen_on = {"booked": line.booked * 2}, line.seen_on
    elif number % 50 == 9:
        line.territory_id = None


def day_before(world: World, on: dt.date) -> dt.date:
    """What a slip of a day makes of a date: not before the company's first day, nor into the CRM before, where it would be another's event."""
    first_days = [world.calendar.first_on] + ([world.crm_change.on] if world.crm_change else [])
    return on if on in first_days else on - dt.timedelta(days=1)
