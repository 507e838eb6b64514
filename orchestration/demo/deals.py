"""Opportunities: the deals behind orders, the lost ones, and how revenue is split between colleagues.

Belongs here: opportunities, their stages and splits. Doesn't: orders (`sales`).
"""

import datetime as dt

import numpy as np

from orchestration.demo.calendar import AS_OF
from orchestration.demo.crm_change import named
from orchestration.demo.events import Account, Line, Opportunity, Person, Split, World
from orchestration.demo.money import from_float

PCT = 10_000
_TERMS = (None, 12, 24, 36)


def close_deal(
    world: World, rng: np.random.Generator, account: Account, rep: Person, on: dt.date, sold: list[Line], kind: str, colleagues: list[Person]
) -> Opportunity:
    """A deal won on the day of the order, worked for up to four months before."""
    number = len(world.opportunities) + 1
    created_on = max(world.calendar.first_on, on - dt.timedelta(days=int(rng.integers(5, 120))))
    if kind == "expansion" and number % 4 == 3:
        kind = "renewal"
    opportunity = Opportunity(
        opportunity_id=named(f"O{number:05d}", created_on, world.crm_change),
        account_id=account.account_id,
        owner_id=rep.crm_user_id or "",
        amount=sum(line.booked for line in sold),
        currency=account.currency,
        term_months=_TERMS[int(rng.integers(len(_TERMS)))],
        kind=kind,
        steps=[(created_on, "qualify"), (created_on + (on - created_on) / 2, "proposal"), (on, "won")],
    )
    world.opportunities.append(opportunity)
    _split(world, opportunity, number, on, [other for other in colleagues if other is not rep])
    return opportunity


def _split(world: World, opportunity: Opportunity, number: int, on: dt.date, others: list[Person]) -> None:
    """Every ninth deal is shared 60 to 40, every twenty-fifth in thirds, some by 50 and 40; every sixth has an overlay, which shares no revenue.

    Every other 60 to 40 becomes 50 to 50 after three months, for what is sold from then on.
    """
    seen_on = world.calendar.seen(on)

    def add(crm_user_id: str | None, role: str, pct: int) -> None:
        opportunity.splits.append(Split(crm_user_id or "", role, pct, seen_on))

    if number % 25 == 4 and len(others) > 1:
        for crm_user_id in (opportunity.owner_id, others[number % len(others)].crm_user_id, others[(number + 1) % len(others)].crm_user_id):
            add(crm_user_id, "revenue", 333_333)
    elif number % 9 == 2 and others:
        add(opportunity.owner_id, "revenue", 60 * PCT)
        add(others[number % len(others)].crm_user_id, "revenue", 40 * PCT)
        changed_on = on + dt.timedelta(days=90)
        if number % 2 == 0 and changed_on < AS_OF:
            for split in opportunity.splits:
                split.changed_on, split.changed_pct = changed_on, 50 * PCT
    elif number % 17 == 6 and others:
        add(opportunity.owner_id, "revenue", 50 * PCT)
        add(others[number % len(others)].crm_user_id, "revenue", 40 * PCT)
    if number % 6 == 1 and others:
        add(others[0].crm_user_id, "overlay", 25 * PCT)


def lose_deals(world: World, rng: np.random.Generator, working: list[Person], month_on: dt.date, days: int) -> None:
    """Deals that came to nothing, or are still open on the last night."""
    draws = rng.random(len(working))
    own: dict[str | None, list[Account]] = {}
    for account in world.accounts:
        own.setdefault(account.owner_id, []).append(account)
    for place, rep in enumerate(working):
        accounts = own.get(rep.crm_user_id, [])
        if draws[place] > 0.35 or not accounts:
            continue
        account = accounts[int(rng.integers(len(accounts)))]
        created_on = month_on + dt.timedelta(days=int(rng.integers(days)))
        if created_on < account.entered_on:
            continue
        lost_on = created_on + dt.timedelta(days=int(rng.integers(10, 150)))
        steps = [(created_on, "qualify"), (created_on + (lost_on - created_on) / 3, "proposal"), (lost_on, "lost")]
        amount = from_float(account.order_size * (0.5 + 2 * float(rng.random())), step=1_000_000)
        opportunity_id = named(f"O{len(world.opportunities) + 1:05d}", created_on, world.crm_change)
        told = [step for step in steps if step[0] < AS_OF]
        world.opportunities.append(Opportunity(opportunity_id, account.account_id, rep.crm_user_id or "", amount, account.currency, None, "new", told))
