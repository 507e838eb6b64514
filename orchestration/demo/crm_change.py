"""The company changes its CRM: new ids for everybody and everything, a month in which both are delivered, some accounts merged.

Belongs here: when it happens, what the new CRM calls things, which of the two tells what, and the crosswalk that the company keeps.
Doesn't: what is told (`snapshots`, `changes`), what it adds up to (`facts`).

The new CRM takes over in April of the fourth year, or of the last year of a shorter history; a company of one year keeps its own.
- Of what both tell, the old one answers for the days before, the new one from then on; order lines keep the numbers of the books.
- Who left before is not moved (where the new CRM names them, it is by the old id), nor an account that is gone. What the old CRM was still
  to be told is told in its last extract.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.demo.calendar import Calendar, add_months

if TYPE_CHECKING:
    from orchestration.demo.events import World

OLD, NEW = "crm", "new_crm"
MOVED = ("crm_user", "account", "opportunity", "opportunity_split", "order_line", "activity", "territory", "territory_assignment")
_PREFIXES = {"U": "V", "A": "B", "O": "P"}
_USERS = ("crm_user_id", "owner_crm_user_id", "acquiring_crm_user_id", "manager_crm_user_id", "created_by")
_HAPPENED = {"order_line": "ordered_on", "activity": "occurred_at"}
_PRIVATE = "private."
Row = dict[str, Any]
Told = tuple[dt.date, Row]
Change = tuple[dt.date, tuple[Any, ...], Row | None]


@dataclass(frozen=True)
class CrmChange:
    """on: the day from which the new CRM answers, and the old one's last extract. both_from_on: the new one's first extract."""

    on: dt.date

    @property
    def both_from_on(self) -> dt.date:
        return add_months(self.on, -1)


def crm_change(calendar: Calendar) -> CrmChange | None:
    """When this company changes its CRM; never in its first year."""
    return CrmChange(dt.date(calendar.first_on.year + min(4, calendar.years) - 1, 4, 1)) if calendar.years > 1 else None


def named(old_id: str, on: dt.date, change: CrmChange | None) -> str:
    """The id of what comes into being on a day: the new CRM's own, once the old one is gone."""
    return new_id(old_id) if change is not None and on >= change.on else old_id


def new_id(old_id: str) -> str:
    """What the new CRM calls it; what was born there is called so already."""
    return _PREFIXES.get(old_id[0], old_id[0]) + old_id[1:]


def told_by(world: "World", happened_on: dt.date, seen_on: dt.date) -> dt.date:
    """The extract that tells it: none of what happened under the old CRM waits until that is gone."""
    change = world.crm_change
    return min(seen_on, change.on) if change is not None and happened_on < change.on else seen_on


def private_email(employee_number: str) -> str:
    """An address that no system knows, and the crosswalk does."""
    return f"{_PRIVATE}{employee_number.lower()}@mail.example.net"


def snapshots_by_source(world: "World", entity: str, area: str, changes: Iterable[Change]) -> Iterator[tuple[str, list[dt.date], list[Change]]]:
    """The changes that each source tells, with its extracts."""
    extracts, change = list(world.calendar.extracts), world.crm_change
    if change is None or entity not in MOVED:
        yield area, extracts, list(changes)
        return
    told, translate = list(changes), _Translation(world)
    yield OLD, [day for day in extracts if day <= change.on], [one for one in told if one[0] <= change.on]
    moved = [(max(day, change.both_from_on), key, row) for day, key, row in told if translate.moves(entity, key)]
    yield NEW, [day for day in extracts if day >= change.both_from_on], [(day, key, row and translate.row(row)) for day, key, row in moved]


def deltas_by_source(world: "World", entity: str, area: str, rows: Iterable[Told]) -> Iterator[tuple[str, Iterable[Told]]]:
    """The rows that each source tells. An event of the month of both is told by both, by the new one not always rightly."""
    change = world.crm_change
    if change is None or entity not in MOVED:
        yield area, rows
        return
    told, translate, day = list(rows), _Translation(world), _HAPPENED.get(entity)
    if day is None:
        yield OLD, [one for one in told if one[0] <= change.on]
        moved = (one for one in told if one[1]["opportunity_id"] in translate.opportunities)
        yield NEW, [(max(seen_on, change.both_from_on), translate.row(row)) for seen_on, row in moved]
        return
    yield OLD, [(seen_on, row) for seen_on, row in told if _day(row[day]) < change.on]
    copied = ((seen_on, row) for seen_on, row in told if _day(row[day]) >= change.both_from_on)
    yield NEW, [(max(seen_on, change.both_from_on), translate.row(row)) for seen_on, row in copied]


def _day(value: Any) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


class _Translation:
    """The old CRM's rows in the new one's ids."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.change = world.crm_change
        assert self.change is not None
        since = self.change.both_from_on
        self.users = {person.crm_user_id for person in world.users if person.left_on is None or person.left_on >= since}
        self.back_on = {person.crm_user_id: person.second.hired_on for person in world.users if person.second is not None}
        self.gone = {account.account_id for account in world.accounts if account.gone_on is not None and account.gone_on < since}
        sold = {line.opportunity.opportunity_id for line in world.lines if line.opportunity is not None and line.ordered_on >= since}
        sold |= {deal.opportunity_id for deal in world.opportunities if deal.steps[-1][0] >= since}
        one = {deal.opportunity_id: (deal.merged_into or deal).opportunity_id for deal in world.opportunities}
        moved = {one[name] for name in sold}
        self.opportunities = {name for name, remaining in one.items() if remaining in moved}

    def moves(self, entity: str, key: tuple[Any, ...]) -> bool:
        if entity == "account":
            return key[0] not in self.gone and key[0] not in self.world.merged
        if entity == "crm_user":
            return key[0] in self.users or (key[0] in self.back_on and key[1] >= self.back_on[key[0]])
        return entity != "territory_assignment" or key[1] in self.users

    def row(self, row: Row) -> Row:
        new = dict(row)
        for column in _USERS:
            user = new.get(column)
            if user is not None and (user in self.users or user in self.back_on):
                new[column] = self.world.returned.get(user) or new_id(user)
        if new.get("account_id"):
            new["account_id"] = new_id(self.world.merged.get(new["account_id"], new["account_id"]))
        for column in ("opportunity_id", "merged_into_opportunity_id"):
            if new.get(column):
                new[column] = new_id(new[column])
        return new


def crosswalk(world: "World") -> Iterator[Change]:
    """What the company keeps by hand: which account and deal of the new CRM is which of the old one, and whom no number tells."""
    for kind, seen_on, from_id, to_id, reason in _matches(world):
        row = {"id_kind": kind, "from_id": from_id, "to_id": to_id, "reason": reason, "created_by": "Sales Operations"}
        yield seen_on, (kind, from_id), row


def _matches(world: "World") -> Iterator[tuple[str, dt.date, str, str, str]]:
    for expense in world.expenses:
        if expense.claimant is not None and (expense.told_email or "").startswith(_PRIVATE):
            yield "claimant", world.calendar.extracts[0], expense.told_email or "", expense.claimant.employee_number or "", "private e-mail"
    for loser, survivor in world.merged.items():
        if world.crm_change is not None and loser not in world.merged_early:
            yield "account", world.crm_change.both_from_on, loser, survivor, "one customer, found when the CRM was changed"
    if world.crm_change is None:
        return
    since, until, translate = world.crm_change.both_from_on, world.crm_change.on, _Translation(world)
    for account in world.accounts:
        if account.entered_on < until and translate.moves("account", (account.account_id,)):
            seen_on = max(since, world.calendar.seen(account.entered_on))
            yield "account", seen_on, new_id(account.account_id), account.account_id, "change of CRM"
    for deal in world.opportunities:
        if deal.steps[0][0] < until and deal.opportunity_id in translate.opportunities:
            yield "opportunity", max(since, world.calendar.seen(deal.steps[0][0])), new_id(deal.opportunity_id), deal.opportunity_id, "change of CRM"
    for person in world.users:
        own_id = person.crm_user_id or ""
        if person.crm_user_id in world.returned and person.second is not None:
            yield "crm_user", world.calendar.seen(person.second.hired_on), world.returned[own_id], own_id, "hired again"
        elif person.employee_number is None and person.hired_on < until and own_id in translate.users:
            yield "crm_user", since, new_id(own_id), own_id, "not on the payroll"
