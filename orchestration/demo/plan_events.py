"""What happened around the sales: campaigns, spend, goals, rewards, coaching, exchange rates. Plain records, as in `events`.

Belongs here: records of what is planned and paid for. Doesn't: people, sales, cost (`events`).
"""

import datetime as dt
from dataclasses import dataclass


@dataclass
class Campaign:
    """A campaign and the acquisition method that its spend counts for."""

    campaign_id: str
    name: str
    method: str
    starts_on: dt.date
    ends_on: dt.date


@dataclass
class Spend:
    """Marketing spend of a month: a campaign's, a method's, or nobody knows whose."""

    spend_id: str
    campaign: Campaign | None
    method: str | None
    month_on: dt.date
    amount: int
    currency: str
    seen_on: dt.date
    told_amount: int | None = None
    corrected_seen_on: dt.date | None = None


@dataclass
class Goal:
    """A version of a goal. target in ten-thousandths of money or of a customer; ramp_pct 0 to 100 or None."""

    goal_id: str
    version: int
    owner_type: str
    owner_id: str | None
    metric: str
    start_on: dt.date
    end_on: dt.date
    target: int
    ramp_pct: int | None
    set_on: dt.date
    approved_by: str
    acknowledged_on: dt.date | None
    reason: str


@dataclass
class Reward:
    """What reaching a goal earns."""

    goal_id: str
    crm_user_id: str
    amount: int
    currency: str
    earned_on: dt.date | None
    paid_on: dt.date | None
    set_on: dt.date


@dataclass
class Session:
    """A coaching session."""

    programme: str
    crm_user_id: str
    session_on: dt.date
    coached_by: str
    chosen_by: str
    reason: str
    hours: int
    amount: int
    currency: str


@dataclass
class Pool:
    """A month of tools or overhead that reps share."""

    pool_id: str
    kind: str
    cost_centre: str
    month_on: dt.date
    amount: int
    currency: str
    seen_on: dt.date
    told_amount: int | None = None
    corrected_seen_on: dt.date | None = None


@dataclass
class AllocationRule:
    """By what a kind of shared cost is carried, and how much of it in percent, since a day."""

    kind: str
    key: str | None
    pct: int
    effective_on: dt.date
    reason: str


@dataclass
class Balance:
    """What the books say of an account, cost centre and month. kind: what the account is of."""

    account: str
    kind: str
    cost_centre: str
    month_on: dt.date
    amount: int
    currency: str


Place = tuple[dt.date, str, str, str]
"""Where an amount of the ledger stands: month, cost centre, kind, currency."""


@dataclass(frozen=True)
class Slip:
    """Why the books say something else than the files in a place. kind: not_in_books, not_in_files, or other_cost_centre, below 0 where the books have it."""

    kind: str
    place: Place
    amount: int


@dataclass
class Rate:
    """One EUR in USD since a day, in hundred-millionths."""

    rate_on: dt.date
    rate: int
    seen_on: dt.date
    told_rate: int | None = None
    corrected_seen_on: dt.date | None = None
