"""What happened in the simulated company: plain records, each with the extract that first told of it (`seen_on`).

Belongs here: people, sales, cost, and the world that holds all of it. Doesn't: plans and money's surroundings (`plan_events`), how they
come about (`company`, `sales`, `pay`, `plans`), how they are delivered (`snapshots`, `changes`), what they add up to (`facts`, `truth`).
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from orchestration.demo.calendar import Calendar, add_months
from orchestration.demo.crm_change import CrmChange
from orchestration.demo.money import CENT, half_away
from orchestration.demo.plan_events import AllocationRule, Balance, Campaign, Goal, Pool, Rate, Reward, Session, Slip, Spend

UNKNOWN = "unknown"
REPORTING_CURRENCY = "USD"
HOUSE = "U0002"


@dataclass
class UserVersion:
    """How a CRM user stood since `effective_on`. gone_on: the extract that withdrew it, when it was entered by mistake."""

    effective_on: dt.date
    team_id: str | None
    manager_id: str | None
    is_active: bool
    seen_on: dt.date
    gone_on: dt.date | None = None


@dataclass
class JobVersion:
    """How payroll had an employee since `effective_on`."""

    effective_on: dt.date
    full_time_pct: int
    team_id: str | None
    manager_employee_number: str | None
    seen_on: dt.date


@dataclass
class Person:
    """A CRM user, an employee, or both. The crm_ fields are what the CRM holds; rep_role is None outside sales.

    second: who was hired again is an employee once more, whose `first` this one is. former_: name and e-mail until `renamed_on`, role and title
    until `role_since_on`.
    vanished_on: the extract that no longer held the user.
    """

    name: str
    email: str
    country: str
    currency: str
    rep_role: str | None
    title: str
    hired_on: dt.date
    employee_number: str | None = None
    crm_user_id: str | None = None
    crm_email: str = ""
    crm_employee_number: str | None = None
    left_on: dt.date | None = None
    base_amount: int = 0
    skill: float = 1.0
    users: list[UserVersion] = field(default_factory=list)
    jobs: list[JobVersion] = field(default_factory=list)
    first: "Person | None" = None
    second: "Person | None" = None
    former_name: str = ""
    former_email: str = ""
    renamed_on: dt.date | None = None
    former_role: str | None = None
    former_title: str = ""
    role_since_on: dt.date | None = None
    vanished_on: dt.date | None = None

    def works_on(self, day: dt.date) -> bool:
        return self.is_employed_on(day) or (self.second is not None and self.second.works_on(day))

    def is_employed_on(self, day: dt.date) -> bool:
        """Under this employee number."""
        return self.hired_on <= day and (self.left_on is None or day < self.left_on)

    def name_on(self, day: dt.date) -> str:
        return self.former_name if self.renamed_on is not None and day < self.renamed_on else self.name

    def email_on(self, day: dt.date) -> str:
        return self.former_email if self.renamed_on is not None and day < self.renamed_on else self.email

    def role_on(self, day: dt.date) -> str | None:
        return self.former_role if self.role_since_on is not None and day < self.role_since_on else self.rep_role

    def title_on(self, day: dt.date) -> str:
        return self.former_title if self.role_since_on is not None and day < self.role_since_on else self.title

    def user_on(self, day: dt.date) -> UserVersion:
        """The version in force on the day; the earliest reaches back without end. Withdrawn versions never were."""
        if len(self.users) == 1 and self.users[0].gone_on is None:
            return self.users[0]
        kept = sorted((version for version in self.users if version.gone_on is None), key=lambda version: version.effective_on)
        return next((version for version in reversed(kept) if version.effective_on <= day), kept[0])


@dataclass
class Territory:
    """A node of the region tree."""

    territory_id: str
    name: str
    parent_id: str | None
    region: str
    country: str | None
    seen_on: dt.date


@dataclass
class Assignment:
    """A seat in a territory. closed_seen_on: the extract that first showed its end, or (vanishes) no longer the seat."""

    territory_id: str
    crm_user_id: str
    from_on: dt.date
    seen_on: dt.date
    to_on: dt.date | None = None
    closed_seen_on: dt.date | None = None
    vanishes: bool = False


@dataclass
class Account:
    """A customer or prospect. owners: (day, CRM user) of each change, first the one it began with; None is nobody.

    The told_ fields are what the CRM said until `mended_on`, when that differs from what it says now. Between the away_ days it was missing
    from the extracts; since `merged_on` the CRM says into which one it was merged.
    """

    account_id: str
    name: str
    entered_on: dt.date
    owners: list[tuple[dt.date, str | None]]
    currency: str
    country: str
    industry: str | None
    method: str | None
    campaign_id: str | None
    territory_id: str | None
    region: str
    created_on: dt.date | None
    acquirer_id: str | None = None
    told_industry: str | None = None
    mended_on: dt.date | None = None
    gone_on: dt.date | None = None
    order_rate: float = 0.0
    order_size: float = 0.0
    is_online: bool = False
    ended_on: dt.date | None = None
    away_from_on: dt.date | None = None
    away_to_on: dt.date | None = None
    merged_on: dt.date | None = None

    @property
    def owner_id(self) -> str | None:
        return self.owners[-1][1]


@dataclass
class Split:
    """A share of an opportunity, in ten-thousandths of a percent; later another one since `changed_on`."""

    crm_user_id: str
    role: str
    pct: int
    seen_on: dt.date
    changed_on: dt.date | None = None
    changed_pct: int = 0

    def pct_on(self, day: dt.date) -> int:
        return self.changed_pct if self.changed_on is not None and day >= self.changed_on else self.pct


@dataclass
class Opportunity:
    """What may be sold. steps: (day, stage), the last one 'won' or 'lost' unless it is open."""

    opportunity_id: str
    account_id: str
    owner_id: str
    amount: int
    currency: str
    term_months: int | None
    kind: str
    steps: list[tuple[dt.date, str]]
    splits: list[Split] = field(default_factory=list)
    merged_into: "Opportunity | None" = None
    merged_on: dt.date | None = None


@dataclass
class Line:
    """An order line as it is in truth. `told`: what the CRM said wrongly before; `changes` delivers it first."""

    line_id: int
    order_id: str
    account_id: str
    seller_id: str | None
    opportunity: Opportunity | None
    territory_id: str | None
    ordered_on: dt.date
    quantity: int
    booked: int
    currency: str
    unit_cost: int
    listed: int
    channel: str
    product: str
    seen_on: dt.date
    term_months: int | None = None
    partner: int = 0
    refunds: "Line | None" = None
    told: dict[str, Any] = field(default_factory=dict)
    corrected_seen_on: dt.date | None = None
    deleted_seen_on: dt.date | None = None


@dataclass
class Payment:
    """What became of the money for a line, or for its whole order. settled_on: paid or given up; None while open."""

    payment_id: str
    line: Line
    is_of_order: bool
    settled_on: dt.date | None
    written_off: int
    is_dated: bool = True


@dataclass
class Adjustment:
    """What a person moves of a line's credit. withdrawn_seen_on: the extract in which it was taken back."""

    adjustment_id: str
    line: Line
    from_id: str
    to_id: str
    amount: int
    reason: str
    seen_on: dt.date
    withdrawn_seen_on: dt.date | None


@dataclass
class PayItem:
    """What an employee earned in a month, or what the employer paid on top. told_amount: what payroll said first.

    month_on: first day of its period, which is a month, or ends with to_on, exclusive.
    claws: month and code of the commission that a clawback takes back.
    """

    employee_number: str
    month_on: dt.date
    item_code: str
    component: str
    amount: int
    currency: str
    paid_on: dt.date
    seen_on: dt.date
    told_amount: int | None = None
    corrected_seen_on: dt.date | None = None
    claws: tuple[dt.date, str] | None = None
    is_estimated: bool = False
    to_on: dt.date | None = None

    @property
    def months(self) -> tuple[dt.date, ...]:
        """First day of each month that it is for."""
        to_on, months = self.to_on or add_months(self.month_on, 1), [self.month_on]
        while add_months(months[-1], 1) < to_on:
            months.append(add_months(months[-1], 1))
        return tuple(months)

    def by_month(self, amount: int) -> dict[dt.date, int]:
        """An amount of it by the days of each month, to the cent; the last month has what is left."""
        *months, last = self.months
        days = (add_months(last, 1) - self.month_on).days
        found = {month_on: CENT * half_away(amount * (add_months(month_on, 1) - month_on).days, CENT * days) for month_on in months}
        return found | {last: amount - sum(found.values())}


@dataclass
class Absence:
    """Somebody's absence, ends_on exclusive. pct: how much of the own working time."""

    employee_number: str
    kind: str
    starts_on: dt.date
    ends_on: dt.date
    is_paid: bool
    pct: int
    seen_on: dt.date


@dataclass
class Expense:
    """A line of an expense report. claimant: the employee in truth, None when nobody knows."""

    report_id: str
    line_number: int
    claimant: Person | None
    told_number: str | None
    told_email: str | None
    spent_on: dt.date
    category: str
    amount: int
    currency: str
    status: str
    seen_on: dt.date
    told_status: str | None = None
    corrected_seen_on: dt.date | None = None


@dataclass
class World:
    """All that happened. merged: the account that remains by the one merged into it; merged_early: those that the old CRM merged itself.

    returned: the user in the new CRM of who was hired again, by the one in the old.
    """

    name: str
    calendar: Calendar
    rates: list[Rate] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    teams: dict[str, str] = field(default_factory=dict)
    territories: list[Territory] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
    spends: list[Spend] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    pay: list[PayItem] = field(default_factory=list)
    expenses: list[Expense] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    rules: list[AllocationRule] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    crm_change: CrmChange | None = None
    merged: dict[str, str] = field(default_factory=dict)
    merged_early: set[str] = field(default_factory=set)
    returned: dict[str, str] = field(default_factory=dict)

    @property
    def users(self) -> list[Person]:
        return [person for person in self.people if person.crm_user_id is not None]

    @property
    def reps(self) -> list[Person]:
        """Those who carry a bag: role in sales, a CRM user, neither manager nor house."""
        return [person for person in self.users if person.rep_role not in (None, "manager", "house")]
