"""What the events add up to before any question is asked: who sold which line, who won which account, what everybody cost.

Belongs here: the rules of credit, acquisition, identity and cost, in whole ten-thousandths. Doesn't: the answers (`truth`), and
anything that reads a delivered file or a model: this is what both are judged by.

Where the rules leave room, this is how they are read:
- A seller id that the CRM doesn't know is no seller: the line is sold by *unknown*, and it doesn't win the account.
- A line that names no seller is sold by the house, if the account is its own that day.
- The house is no rep: it wins an account only if no rep ever sells to it, even if a line names it.
- A customer whom no rep ever sold to is inferred or left-censored by its first line, like any other.
- Revenue is what is left of the booked amount without the partner's part. It is converted first and shared afterwards; margin = converted
  revenue - converted cost (unit cost x quantity).
- Parts of equal remainder: the lowest CRM user id gets the ten-thousandth. A negative amount is shared like the positive one.
- Pay is converted at the rate of the first day of the period it was earned in, wherever it was paid.
- A territory assignment carries its own dates, so its latest version counts for all time (like an event's).
- Of pay for days (base, taxes, benefits, other) what falls on days of paid long leave is a component of its own, by full-time days of the month.
- A claimant nobody knows has the employee number *unknown*.
- An account merged into another is that one: its lines, and its owners as long as the other wasn't there yet; a merged deal likewise.
- Who was hired again is one rep, and costs what both employments cost; shown is the last employee number, and the last name.
- A line without a territory is sold in the account's own region.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from orchestration.demo.bases import in_basis, value_of
from orchestration.demo.calendar import AS_OF, add_months, month_of
from orchestration.demo.events import HOUSE, UNKNOWN, Account, Line, Opportunity, PayItem, Person, UserVersion, World
from orchestration.demo.loaded import Presence, full_time_pct, load, present
from orchestration.demo.money import half_away, shares

NO_COST = ("rejected", "withdrawn")
LEAVE = ("parental", "long_sick", "care")
PAID_BY_DAYS = ("base", "taxes", "benefits", "other")
MEASURES = ("revenue", "gross_margin")
Values = tuple[int, int]
_T = TypeVar("_T")


class InAnyMoney(cached_property[_T]):
    """A cached property that is the same in each basis: the nominal facts work it out for the others."""

    def __get__(self, facts: Any, owner: type[Any] | None = None) -> _T:  # type: ignore[override]
        if facts.nominal is facts:
            return super().__get__(facts, owner)
        name = self.attrname or ""
        found: _T = facts.__dict__.setdefault(name, getattr(facts.nominal, name))
        return found


@dataclass(frozen=True)
class Sale:
    """A line as it counts: in the reporting currency, with who sold it and how much of it (user, revenue, margin)."""

    line: Line
    revenue: int
    margin: int
    region: str
    sellers: tuple[tuple[str, int, int], ...]
    account_id: str

    @property
    def on(self) -> dt.date:
        return self.line.ordered_on

    @property
    def values(self) -> Values:
        return (self.revenue, self.margin)


@dataclass(frozen=True)
class Win:
    """How an account was acquired, fixed for ever."""

    account_id: str
    acquirer_id: str
    on: dt.date
    basis: str
    region: str
    territory_id: str


@dataclass
class Costs:
    """Rep cost by (user, employee number, month, component, currency): reporting amount, local amount. And what was nobody's.

    estimated: what of a row is an estimate.
    """

    rows: dict[tuple[str, str, dt.date, str, str], list[int]] = field(default_factory=dict)
    estimated: dict[tuple[str, str, dt.date, str, str], list[int]] = field(default_factory=dict)
    nobodys: int = 0

    def add(self, key: tuple[str, str, dt.date, str, str], amount: int, local: int, is_estimated: bool = False) -> None:
        for rows in (self.rows, self.estimated) if is_estimated else (self.rows,):
            row = rows.setdefault(key, [0, 0])
            row[0] += amount
            row[1] += local


class Facts:
    """The facts of a world, each worked out once. basis: in which money. nominal: the facts of the same world in nominal money, if they are known."""

    def __init__(self, world: World, basis: str = "nominal", nominal: "Facts | None" = None) -> None:
        self.world, self.basis = world, basis
        self.nominal: Facts = self if basis == "nominal" else nominal or Facts(world)
        self.persons: dict[str, Person] = {person.crm_user_id or "": person for person in world.users}
        self.territory_names = {territory.territory_id: territory.name for territory in world.territories}
        self.account_regions = {account.account_id: account.region for account in world.accounts}
        self.created_on = _created_on(world)

    @cached_property
    def sales(self) -> list[Sale]:
        """Every line that wasn't deleted, dated before the as-of date, by (day, id)."""
        kept = (line for line in self.world.lines if line.deleted_seen_on is None and line.ordered_on < AS_OF)
        return [self._sale(line) for line in sorted(kept, key=lambda line: (line.ordered_on, line.line_id))]

    @cached_property
    def sales_of_order(self) -> dict[str, list[Sale]]:
        """By order, those that brought anything."""
        found: dict[str, list[Sale]] = {}
        for sale in self.sales:
            if sale.revenue > 0:
                found.setdefault(sale.line.order_id, []).append(sale)
        return found

    @cached_property
    def sold_in_spells(self) -> dict[tuple[str, dt.date], Values]:
        """Revenue and margin by user and first day of the spell."""
        sums: dict[tuple[str, dt.date], Values] = {}
        for sale in self.sales:
            for user, revenue, margin in sale.sellers:
                key = (user, self.spell(user, sale.on))
                before = sums.get(key, (0, 0))
                sums[key] = (before[0] + revenue, before[1] + margin)
        return sums

    def _sale(self, line: Line) -> Sale:
        revenue, margin = value_of(self.world, self.basis, line)
        weights = self.sharing(line)
        if len(weights) == 1:
            parts = [(user, revenue, margin) for user in weights]
        else:
            sizes = list(weights.values())
            parts = list(zip(weights, shares(revenue, sizes), shares(margin, sizes), strict=True))
        account_id = self.world.merged.get(line.account_id, line.account_id)
        region = self.territory_names.get(line.territory_id or "") or self.account_regions.get(account_id, UNKNOWN)
        return Sale(line, revenue, margin, region, tuple(parts), account_id)

    def sharing(self, line: Line) -> dict[str, int]:
        """Who shares the line, with which weight: by the revenue splits of its deal, else its seller alone."""
        if line.line_id not in self._sharings:
            self._sharings[line.line_id] = self.weights(line) or {self.seller(line): 1}
        return self._sharings[line.line_id]

    @InAnyMoney
    def _sharings(self) -> dict[int, dict[str, int]]:
        return {}

    def seller(self, line: Line) -> str:
        """Whom the line names; the house, if it names nobody and the account is the house's that day; else unknown."""
        if line.seller_id is None:
            account_id = self.world.merged.get(line.account_id, line.account_id)
            return HOUSE if self._shown_on(account_id, line.ordered_on) == HOUSE else UNKNOWN
        return line.seller_id if line.seller_id in self.persons else UNKNOWN

    def weights(self, line: Line, role: str = "revenue") -> dict[str, int]:
        """The splits of its deal (of the one that remains, else the first merged into it) at the line's date; none if nobody shares it."""
        deal = (line.opportunity.merged_into or line.opportunity) if line.opportunity else None
        deals = [deal, *self._merged_deals.get(deal.opportunity_id, [])] if deal else []
        shared = ([split for split in one.splits if split.role == role] for one in deals)
        splits = next((found for found in shared if found), [])
        return {split.crm_user_id: split.pct_on(line.ordered_on) for split in sorted(splits, key=lambda split: split.crm_user_id)}

    @InAnyMoney
    def _merged_deals(self) -> dict[str, list[Opportunity]]:
        found: dict[str, list[Opportunity]] = {}
        for deal in sorted(self.world.opportunities, key=lambda deal: deal.opportunity_id):
            if deal.merged_into is not None:
                found.setdefault(deal.merged_into.opportunity_id, []).append(deal)
        return found

    @cached_property
    def sales_of(self) -> dict[str, list[Sale]]:
        """By account, in order."""
        found: dict[str, list[Sale]] = {}
        for sale in self.sales:
            found.setdefault(sale.account_id, []).append(sale)
        return found

    @cached_property
    def wins(self) -> dict[str, Win]:
        """How each account with a line was acquired, by account."""
        return {
            account.account_id: self._win(account, self.sales_of[account.account_id]) for account in self.world.accounts if account.account_id in self.sales_of
        }

    def _win(self, account: Account, sales: list[Sale]) -> Win:
        by_rep = next((sale for sale in sales if self._is_rep(sale.line.seller_id)), None)
        first = by_rep or sales[0]
        if account.acquirer_id is not None:
            return Win(account.account_id, account.acquirer_id, first.on, "declared", first.region, first.line.territory_id or UNKNOWN)
        is_censored = first.on < add_months(self.sales[0].on, 12) and self.created_on[account.account_id] is None
        acquirer_id = self.seller(first.line)
        basis = "left_censored" if is_censored else "inferred"
        return Win(account.account_id, acquirer_id, first.on, basis, first.region, first.line.territory_id or UNKNOWN)

    def _is_rep(self, seller_id: str | None) -> bool:
        """Known to the CRM, and not the house."""
        return seller_id in self.persons and self.persons[seller_id or ""].rep_role != "house"

    def role_at(self, user: str, end: dt.date) -> str | None:
        """Of a person on the last day before `end`, or before the as-of date, on which they were employed; on that last day itself if on none."""
        person, last = self.persons[user], min(end, AS_OF) - dt.timedelta(days=1)
        employments = [one for one in (person, person.second) if one is not None and one.employee_number is not None and one.hired_on <= last]
        return person.role_on(max((min(last, one.left_on - dt.timedelta(days=1)) if one.left_on else last for one in employments), default=last))

    @InAnyMoney
    def reps(self) -> set[str]:
        """CRM users with a role, revenue, a goal, or a customer whom they are declared to have won."""
        sellers = {user for sale in self.sales for user, _, _ in sale.sellers}
        owners = {goal.owner_id for goal in self.world.goals if goal.owner_type == "rep"}
        winners = {account.acquirer_id for account in self.world.accounts if account.account_id not in self.world.merged}
        return {user for user, person in self.persons.items() if person.rep_role is not None or user in sellers | owners | winners}

    @cached_property
    def costs(self) -> Costs:
        """What pay and expenses come to, by the rules of identity, and what is carried beside them."""
        costs = Costs()
        people = {person.employee_number or "": person for person in self.world.people}
        for item in self.world.pay:
            self._charge_months(costs, people[item.employee_number], item)
        for expense in self.world.expenses:
            if expense.status not in NO_COST:
                amount = in_basis(self.world, self.basis, expense.amount, expense.currency, expense.spent_on)
                self._charge(costs, expense.claimant, month_of(expense.spent_on), "expenses", amount, expense.amount, expense.currency)
        load(self, costs)
        return costs

    @InAnyMoney
    def sold_in(self) -> dict[tuple[str, dt.date], int]:
        """Revenue by user and month, nominal in each basis: who carries which part does not hang on the money."""
        sold: dict[tuple[str, dt.date], int] = {}
        for (user, from_on), (revenue, _) in self.sold_in_spells.items():
            sold[user, month_of(from_on)] = sold.get((user, month_of(from_on)), 0) + revenue
        return sold

    @InAnyMoney
    def present(self) -> dict[dt.date, list[Presence]]:
        """By month, who was employed on which days of it."""
        return present(self)

    def _charge_months(self, costs: Costs, person: Person, item: PayItem) -> None:
        """Converted as a whole, then by the days of its months."""
        amount = in_basis(self.world, self.basis, item.amount, item.currency, item.month_on)
        amounts, locals_ = item.by_month(amount), item.by_month(item.amount)
        for month_on in item.months:
            self._charge(costs, person, month_on, item.component, amounts[month_on], locals_[month_on], item.currency, item.is_estimated)

    def _charge(
        self, costs: Costs, person: Person | None, month_on: dt.date, component: str, amount: int, local: int, currency: str, is_estimated: bool = False
    ) -> None:
        number = person.employee_number if person and person.employee_number else UNKNOWN
        holder = self.holder(person)
        if holder is None:
            costs.nobodys += amount
            return
        for part, of_amount, of_local in self.in_parts(holder, number, month_on, component, amount, local):
            costs.add((holder, number, month_on, part, currency), of_amount, of_local, is_estimated)

    def in_parts(self, holder: str, number: str, month_on: dt.date, component: str, amount: int, local: int) -> Iterator[tuple[str, int, int]]:
        """Pay for days, without that of the days of leave; and that, which is paid_leave."""
        leave, paid = self._leave_months.get((number, month_on), (0, 1)) if holder in self.reps and component in PAID_BY_DAYS else (0, 1)
        parts = (half_away(amount * leave, paid), half_away(local * leave, paid))
        yield component, amount - parts[0], local - parts[1]
        if leave:
            yield "paid_leave", *parts

    @InAnyMoney
    def leave(self) -> dict[tuple[str, dt.date], tuple[int, bool]]:
        """How much of an employee's day is long leave, and whether it is paid; of two that overlap the larger one."""
        found: dict[tuple[str, dt.date], tuple[int, bool]] = {}
        for absence in self.world.absences:
            for number in range((absence.ends_on - absence.starts_on).days if absence.kind in LEAVE else 0):
                key = (absence.employee_number, absence.starts_on + dt.timedelta(days=number))
                found[key] = max(found.get(key, (0, False)), (absence.pct, absence.is_paid))
        return found

    @InAnyMoney
    def leave_days(self) -> dict[str, list[dt.date]]:
        """The days of long leave of each employee."""
        found: dict[str, list[dt.date]] = {}
        for number, day in self.leave:
            found.setdefault(number, []).append(day)
        return found

    @InAnyMoney
    def _leave_months(self) -> dict[tuple[str, dt.date], Values]:
        """Of months with paid leave: what of the full-time days that were paid was leave, and all of them."""
        people = {person.employee_number: person for person in self.world.people}
        found = {}
        for number, month_on in {(number, month_of(day)) for (number, day), (_, is_paid) in self.leave.items() if is_paid}:
            leave = paid = 0
            for day in (month_on + dt.timedelta(days=more) for more in range((add_months(month_on, 1) - month_on).days)):
                if people[number].is_employed_on(day):
                    full_time, (away, is_paid) = full_time_pct(people[number], day), self.leave.get((number, day), (0, True))
                    leave += full_time * away * is_paid
                    paid += full_time * (100 if is_paid else 100 - away)
            found[number, month_on] = (leave, paid)
        return found

    def holder(self, person: Person | None) -> str | None:
        """Whose cost somebody's pay is: a rep's, the unknown member's, or nobody's."""
        user = (person.first or person).crm_user_id if person else None
        if person is None or (user is None and person.rep_role is not None):
            return UNKNOWN
        return user if user in self.reps else None

    def ltv(self, account_id: str, until: dt.date) -> Values:
        """Realised value of the account's lines before a day: revenue, margin."""
        days, sums = self._running[account_id]
        return sums[bisect_left(days, until)]

    def ltv_at(self, win: Win, age: int | None) -> Values:
        """Realised value of the account that was won up to an age in months; without one, up to the as-of date."""
        key = (win.account_id, age)
        if key not in self._aged:
            self._aged[key] = self.ltv(win.account_id, AS_OF if age is None else min(AS_OF, add_months(win.on, age)))
        return self._aged[key]

    @cached_property
    def _aged(self) -> dict[tuple[str, int | None], Values]:
        return {}

    def ltv_of(self, wins: list[Win], age: int | None) -> Values:
        """The same of several accounts."""
        each = [self.ltv_at(win, age) for win in wins]
        return sum(revenue for revenue, _ in each), sum(margin for _, margin in each)

    @cached_property
    def sold_at_ages(self) -> dict[str, dict[int, Values]]:
        """What each customer brought, by the first age in months, from 1, by which it had."""
        found: dict[str, dict[int, Values]] = {}
        for win in self.wins.values():
            ages = found[win.account_id] = dict[int, Values]()
            for sale in self.sales_of[win.account_id]:
                months = (sale.on.year - win.on.year) * 12 + sale.on.month - win.on.month
                age = max(1, months + int(add_months(win.on, months) <= sale.on))
                before = ages.get(age, (0, 0))
                ages[age] = (before[0] + sale.revenue, before[1] + sale.margin)
        return found

    @cached_property
    def _running(self) -> dict[str, tuple[list[dt.date], list[Values]]]:
        """By account: the days of its lines, and the value before each of them and after the last."""
        running = {}
        for account_id, sales in self.sales_of.items():
            sums = [(0, 0)]
            for sale in sales:
                sums.append((sums[-1][0] + sale.revenue, sums[-1][1] + sale.margin))
            running[account_id] = ([sale.on for sale in sales], sums)
        return running

    @cached_property
    def holdings(self) -> list[tuple[dt.date, str, str, Values]]:
        """The client lists: (day after the month, account, owner or unknown, value then) of each account and month-end up to the as-of date."""
        return [(end_on, account_id, owner_id, self.ltv(account_id, end_on)) for end_on, account_id, owner_id in self._holders]

    @InAnyMoney
    def _holders(self) -> list[tuple[dt.date, str, str]]:
        """The client lists without their values."""
        ends = [month_on for month_on in self.world.calendar.months if month_on > self.world.calendar.first_on]
        held = []
        for account in self.world.accounts:
            if account.account_id in self.sales_of:
                won_on = self.sales_of[account.account_id][0].on
                for end_on in ends[bisect_right(ends, won_on) :]:
                    held.append((end_on, account.account_id, self.owner_on(account.account_id, end_on - dt.timedelta(days=1))))
        return held

    @cached_property
    def books(self) -> dict[tuple[str, dt.date], Values]:
        """The value of all that an owner, or unknown, held at a month's end, by the day after it."""
        sums: dict[tuple[str, dt.date], Values] = {}
        for end_on, _, owner_id, (revenue, margin) in self.holdings:
            before = sums.get((owner_id, end_on), (0, 0))
            sums[owner_id, end_on] = (before[0] + revenue, before[1] + margin)
        return sums

    def owner_on(self, account_id: str, day: dt.date) -> str:
        """The rep who owned the account on a day, or unknown."""
        owner = self._shown_on(account_id, day)
        return owner if owner in self.reps else UNKNOWN

    def _shown_on(self, account_id: str, day: dt.date) -> str | None:
        """Whom the CRM shows as owner, rep or not; none for nobody."""
        for seen_on, owner in self._owners_of[account_id]:
            if seen_on <= day:
                return owner
        return owner

    def owner_turns(self, account_id: str) -> list[tuple[dt.date, str]]:
        """Who owned the account since when; the first reaches back without end."""
        return sorted((seen_on, owner if owner in self.reps else UNKNOWN) for seen_on, owner in self._owners_of[account_id])

    @InAnyMoney
    def _owners_of(self) -> dict[str, list[tuple[dt.date, str | None]]]:
        return {account.account_id: self._owners(account) for account in self.world.accounts}

    def _owners(self, account: Account) -> list[tuple[dt.date, str | None]]:
        """Whom the CRM showed as owner, since when; the latest first, and the earliest reaches back without end.

        The CRM keeps no date of a change, so a change holds since the extract that first showed it.
        """
        known = self._told_owners(account)
        first_seen = min(known)
        for other in self._merged_into.get(account.account_id, []):
            known |= {seen_on: owner for seen_on, owner in self._told_owners(other).items() if seen_on < first_seen}
        return sorted(known.items(), key=lambda turn: turn[0], reverse=True)

    def _told_owners(self, account: Account) -> dict[dt.date, str | None]:
        """By the extract that first showed it. An account that is missing from the extracts is nobody's."""
        seen = self.world.calendar.seen
        first_seen, known = seen(account.entered_on), dict[dt.date, str | None]()
        for changed_on, owner_id in account.owners:
            known[max(seen(changed_on), first_seen)] = owner_id
        if account.away_from_on is not None and account.away_to_on is not None:
            from_on, to_on = seen(account.away_from_on), seen(account.away_to_on)
            back = known[max(day for day in known if day <= to_on)]
            known = {day: owner for day, owner in known.items() if not from_on <= day < to_on} | {from_on: None, to_on: back}
        return known

    @cached_property
    def _merged_into(self) -> dict[str, list[Account]]:
        found: dict[str, list[Account]] = {}
        for account in self.world.accounts:
            if account.account_id in self.world.merged:
                found.setdefault(self.world.merged[account.account_id], []).append(account)
        return found

    def group(self, kind: str, user: str, day: dt.date) -> str:
        """Which rep, team, manager, territory or company a user counted for on a day."""
        if kind == "company":
            return "company"
        if kind == "rep" or user == UNKNOWN:
            return user
        key = (kind, user, day)
        if key not in self._groups:
            self._groups[key] = self._group(kind, user, day) or UNKNOWN
        return self._groups[key]

    @InAnyMoney
    def _groups(self) -> dict[tuple[str, str, dt.date], str]:
        return {}

    def spell(self, user: str, day: dt.date) -> dt.date:
        """First day of a spell: days up to the day, of its month, on all of which the user counted for the same groups."""
        turns = self._turns.get(user, [])
        number = bisect_right(turns, day)
        return max(month_of(day), turns[number - 1]) if number else month_of(day)

    @InAnyMoney
    def _turns(self) -> dict[str, list[dt.date]]:
        """By user, the days on which a group may change."""
        found = {user: {version.effective_on for version in person.users} for user, person in self.persons.items()}
        for seat in self.world.assignments:
            found.setdefault(seat.crm_user_id, set()).update(day for day in (seat.from_on, seat.to_on) if day is not None)
        return {user: sorted(days) for user, days in found.items()}

    def version_on(self, user: str, day: dt.date) -> UserVersion:
        """The user's version in force on the day, as `Person.user_on` has it."""
        key = (user, self.spell(user, day))
        if key not in self._versions:
            self._versions[key] = self.persons[user].user_on(day)
        return self._versions[key]

    @InAnyMoney
    def _versions(self) -> dict[tuple[str, dt.date], UserVersion]:
        return {}

    def upwards(self, territory_id: str) -> list[str]:
        """A territory and all above it in the tree."""
        parent = self._parents.get(territory_id)
        return [territory_id, *(self.upwards(parent) if parent else ())]

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return {territory.territory_id: territory.parent_id for territory in self.world.territories}

    def _group(self, kind: str, user: str, day: dt.date) -> str | None:
        if kind == "territory":
            return self._seats.get(user, _NOWHERE)(day)
        version = self.version_on(user, day)
        return version.team_id if kind == "team" else version.manager_id

    @InAnyMoney
    def _seats(self) -> "dict[str, _Seats]":
        found: dict[str, _Seats] = {}
        for seat in self.world.assignments:
            found.setdefault(seat.crm_user_id, _Seats()).spans.append((seat.territory_id, seat.from_on, seat.to_on))
        return found


def _created_on(world: World) -> dict[str, dt.date | None]:
    """When the CRM says that the first of the accounts that are one was created."""
    found: dict[str, dt.date | None] = {}
    for account in world.accounts:
        one_id = world.merged.get(account.account_id, account.account_id)
        days = [day for day in (found.get(one_id), account.created_on) if day is not None]
        found[one_id] = min(days, default=None)
    return found


@dataclass
class _Seats:
    """The seats of a user; called with a day, the lowest territory id held then."""

    spans: list[tuple[str, dt.date, dt.date | None]] = field(default_factory=list)

    def __call__(self, day: dt.date) -> str | None:
        return min((name for name, from_on, to_on in self.spans if from_on <= day and (to_on is None or day < to_on)), default=None)


_NOWHERE = _Seats()
