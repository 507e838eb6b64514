"""What the simulated company sells, month by month: customers won, orders repeated, accounts handed over.

Belongs here: accounts and orders. Doesn't: the deals behind them (`deals`), how the CRM got them wrong at first (`mishaps`).
Value depends on a rep's skill, the season, growth and luck; on no activity.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from orchestration.demo.calendar import AS_OF, NIGHTS_FROM, add_months, last_day
from orchestration.demo.crm_change import named
from orchestration.demo.deals import close_deal, lose_deals
from orchestration.demo.events import HOUSE, Account, Line, Person, World
from orchestration.demo.money import UNIT, from_float
from orchestration.demo.names import INDUSTRIES, METHODS, company_name
from orchestration.demo.territories import leaves_of, region_of, territory_on

UNKNOWN_SELLER = "U9999"
TIE_LINE_IDS = (9, 10)
FIRST_LINE_ID = 11
_WINS = {"hunter": 0.60, "hybrid": 0.42, "farmer": 0.22, "rep": 0.30, "SDR": 0.12, "SE": 0.06}
_SEASON = (0.85, 0.9, 1.15, 0.95, 1.0, 1.15, 0.8, 0.75, 1.1, 1.0, 1.05, 1.3)
_DEARER = {"CORE": 2, "PLUS": 3, "SERVICE": -1, "TRAINING": 0}
"""By how many percent the list price of a product goes up with each calendar year."""
_PRODUCTS = (("CORE", 12_000_000, 4_312_500), ("PLUS", 4_900_000, 2_150_000), ("SERVICE", 1_500_000, 1_012_345), ("TRAINING", 800_000, 390_000))


@dataclass
class Month:
    """A month, or the week of it that the nights cover."""

    month_on: dt.date
    days: int
    busy: float

    def day(self, rng: np.random.Generator) -> dt.date:
        return self.month_on + dt.timedelta(days=int(rng.integers(self.days)))


class Market:
    """Wins customers and takes orders; writes all of it into the world."""

    def __init__(self, world: World, rng: np.random.Generator, seats: int) -> None:
        self.world, self.rng, self.seats = world, rng, seats
        self.reps = {rep.crm_user_id or "": rep for rep in world.reps}
        self.orders = 0

    def working(self, day: dt.date) -> list[Person]:
        return [rep for rep in self.world.reps if rep.works_on(day)]

    def account(self, rep: Person | None, on: dt.date) -> Account:
        """A new account of a rep, or of nobody: the online customers, a third of whom the house looks after."""
        world, rng = self.world, self.rng
        number = len(world.accounts) + 1
        region = region_of(rep) if rep else ("Americas", "Europe")[number % 2]
        leaves = leaves_of(world, region)
        territory = territory_on(world, rep.crm_user_id or "", on) if rep else None
        method = METHODS[int(rng.integers(len(METHODS)))] if rng.random() < 0.93 else None
        if rep is None:
            method = "inbound" if number % 2 else None
        account = Account(
            account_id=named(f"A{number:05d}", on, world.crm_change),
            name=f"{company_name(rng)} {number}",
            entered_on=on,
            owners=[(on, rep.crm_user_id if rep else (HOUSE if number % 3 == 0 else None))],
            currency="EUR" if region == "Europe" else "USD",
            country=rep.country if rep else ("DE" if region == "Europe" else "US"),
            industry=INDUSTRIES[int(rng.integers(len(INDUSTRIES)))] if rng.random() < 0.95 else None,
            method=method,
            campaign_id=self.campaign(method or "inbound", on) if rng.random() < 0.5 else None,
            territory_id=territory or leaves[int(rng.integers(len(leaves)))],
            region=region,
            created_on=on,
            order_rate=0.06 + 0.3 * float(rng.random()) ** 2,
            order_size=float(np.exp(8.2 + 0.9 * rng.standard_normal())) * (9.0 if rng.random() < 0.015 else 1.0) * (1.0 if rep else 0.15),
            is_online=rep is None,
        )
        world.accounts.append(account)
        self._date(account, number)
        return account

    def campaign(self, method: str, on: dt.date) -> str | None:
        """The campaign that runs for the method. An account without a method may still name one: its method stays unknown."""
        return next((c.campaign_id for c in self.world.campaigns if c.method == method and c.starts_on <= on < c.ends_on), None)

    def _date(self, account: Account, number: int) -> None:
        """The CRM kept no creation date of most early accounts, and names who won the account on some later ones."""
        early = account.entered_on < add_months(self.world.calendar.first_on, 12)
        if number % 10 < (6 if early else 1):
            account.created_on = None
        if number % 8 == 3 and not early:
            working = self.working(account.entered_on)
            account.acquirer_id = working[number % len(working)].crm_user_id if number % 16 == 3 else account.owner_id
        if number % 30 == 11:
            account.told_industry, account.mended_on = (None if number % 60 == 11 else "retail"), account.entered_on + dt.timedelta(days=200)

    def seller(self, account: Account, on: dt.date) -> str | None:
        """The owner mostly; now and then a colleague, the manager, nobody (online), or somebody that the CRM doesn't know."""
        draw, owner = float(self.rng.random()), self.reps.get(account.owner_id or "")
        if self.orders % 150 == 40:
            return UNKNOWN_SELLER
        if owner is None or not owner.works_on(on) or draw < 0.05:
            return None
        manager = next((person for person in self.world.users if person.crm_user_id == owner.user_on(on).manager_id), None)
        if self.orders % 50 == 20 and manager is not None and manager.works_on(on):
            return manager.crm_user_id
        if draw < 0.10:
            working = self.working(on)
            return working[int(self.rng.integers(len(working)))].crm_user_id
        return owner.crm_user_id

    def order(self, account: Account, seller_id: str | None, on: dt.date, *, lines: int = 0, kind: str = "expansion") -> list[Line]:
        """An order of one to three lines; the larger half of those with a rep come from an opportunity."""
        rng, world = self.rng, self.world
        self.orders += 1
        draw = float(rng.random())
        sold = [self._line(account, seller_id, on) for _ in range(lines or 1 + int(draw < 0.3) + int(draw < 0.08))]
        if seller_id in self.reps and (kind == "new" or draw > 0.6):
            opportunity = close_deal(world, rng, account, self.reps[seller_id], on, sold, kind, self.working(on))
            for line in sold:
                line.opportunity, line.term_months = opportunity, opportunity.term_months
        world.lines.extend(sold)
        return sold

    def _line(self, account: Account, seller_id: str | None, on: dt.date) -> Line:
        rng = self.rng
        amount = max(40.0, account.order_size * float(np.exp(0.5 * rng.standard_normal())))
        product, price, cost = next((entry for entry in _PRODUCTS if amount * UNIT > entry[1]), _PRODUCTS[-1])
        quantity = max(1, round(amount * UNIT / price))
        price = self._list_price(product, price, on)
        booked = from_float(quantity * price / UNIT * (0.82 + 0.18 * float(rng.random())))
        channel = "online" if seller_id in (None, HOUSE) else "rep"
        if channel == "rep" and account.method == "partner":
            channel = "partner"
        return Line(
            line_id=0,
            order_id=f"S{self.orders:06d}",
            account_id=account.account_id,
            seller_id=seller_id,
            opportunity=None,
            territory_id=account.territory_id,
            ordered_on=on,
            quantity=quantity,
            booked=booked,
            currency=account.currency,
            unit_cost=cost,
            listed=quantity * price,
            channel=channel,
            product=product,
            seen_on=self.world.calendar.seen(on),
            partner=booked * (15 + 5 * (self.orders % 3)) // 10_000 * 100 if channel == "partner" else 0,
        )

    def _list_price(self, product: str, price: int, on: dt.date) -> int:
        """The first year's price, raised once a year; whole cents."""
        years = on.year - self.world.calendar.first_on.year
        return price * (100 + _DEARER[product]) ** years // 100 ** (years + 1) * 100


def build_sales(world: World, rng: np.random.Generator, seats: int) -> None:
    """All accounts, opportunities and orders from the first month to the last night; line ids are given by `mishaps`."""
    market = Market(world, rng, seats)
    for rep in market.working(world.calendar.first_on):
        for _ in range(3):
            market.account(rep, add_months(world.calendar.first_on, -int(rng.integers(1, 30))))
    for number, month_on in enumerate(world.calendar.months):
        days = (AS_OF - NIGHTS_FROM).days if month_on == NIGHTS_FROM else last_day(month_on).day
        month = Month(month_on, days, _SEASON[month_on.month - 1] * (1 + 0.03 * number / 12) * days / last_day(month_on).day)
        _repeat(market, month)
        _win(market, month)
        _sell_online(market, month, number)
        lose_deals(world, rng, market.working(month_on), month_on, days)
        _hand_over(market, month)
        if number == 3:
            _tie(market, month_on.replace(day=18))


def _repeat(market: Market, month: Month) -> None:
    """Customers order again at their own rate, and end at about one in eight a year; four in five of these are nobody's from then on."""
    accounts = [account for account in market.world.accounts if account.ended_on is None and account.order_rate > 0]
    draws, ends = market.rng.random(len(accounts)), market.rng.random(len(accounts))
    for place, account in enumerate(accounts):
        if draws[place] < account.order_rate * month.busy:
            on = month.day(market.rng)
            if on > account.entered_on:
                market.order(account, market.seller(account, on), on)
        if ends[place] < 0.011:
            account.ended_on = month.month_on
            if place % 5 and month.month_on > account.entered_on:
                account.owners.append((month.month_on, None))


def _win(market: Market, month: Month) -> None:
    """New accounts by skill and role; one in seven stays a prospect."""
    for rep in market.working(month.month_on):
        for _ in range(int(market.rng.poisson(_WINS[rep.role_on(month.month_on) or "rep"] * rep.skill * month.busy))):
            on = month.day(market.rng)
            if not rep.works_on(on):
                continue
            account = market.account(rep, on)
            if len(market.world.accounts) % 7 == 0:
                account.order_rate = 0.0
                if len(market.world.accounts) % 21 == 0:
                    account.gone_on = add_months(on, 5)
            else:
                market.order(account, rep.crm_user_id, on, kind="new")


def _sell_online(market: Market, month: Month, number: int) -> None:
    """Customers who come by themselves, or to the house. Every fifth month a rep makes one of them his own."""
    for _ in range(int(market.rng.poisson(0.05 * market.seats * month.busy))):
        on = month.day(market.rng)
        account = market.account(None, on)
        market.order(account, _desk(account), on)
    online = [account for account in market.world.accounts if account.is_online and account.owner_id not in market.reps]
    working = market.working(month.month_on)
    if number % 5 == 2 and online and working:
        account, on = online[int(market.rng.integers(len(online)))], month.month_on.replace(day=month.days)
        rep = working[int(market.rng.integers(len(working)))]
        if rep.works_on(on) and on > account.entered_on:
            account.owners.append((on, rep.crm_user_id))
            account.order_size *= 4
            market.order(account, rep.crm_user_id, on, kind="new")


def _desk(account: Account) -> str | None:
    """One in five first orders names the house, whoever owns the account; the others name nobody."""
    return HOUSE if int(account.account_id[-5:]) % 5 == 1 else None


def _hand_over(market: Market, month: Month) -> None:
    """Accounts of those who left this month go to a colleague in the team or to the house; a few change hands for other reasons."""
    rng = market.rng
    draws = rng.random(len(market.world.accounts))
    for place, account in enumerate(market.world.accounts):
        owner = market.reps.get(account.owner_id or "")
        if owner is None:
            continue
        left = owner.left_on is not None and not owner.works_on(month.month_on + dt.timedelta(days=month.days))
        if not left and draws[place] > 0.004:
            continue
        on = max(owner.left_on, month.month_on) if left and owner.left_on else month.month_on + dt.timedelta(days=month.days - 1)
        team = owner.user_on(on).team_id
        heirs = [rep for rep in market.working(on) if rep is not owner and rep.user_on(on).team_id == team]
        heir = heirs[int(rng.integers(len(heirs)))].crm_user_id if heirs and draws[place] < 0.93 else HOUSE
        if on > account.entered_on:
            account.owners.append((on, heir))


def _tie(market: Market, on: dt.date) -> None:
    """An account whose first two lines are of one day and two reps: the lower number won it, though its text sorts behind."""
    first, second = market.working(on)[:2]
    account = market.account(first, on)
    account.created_on, account.acquirer_id = on, None
    for rep, line_id in zip((first, second), TIE_LINE_IDS, strict=True):
        line = market.order(account, rep.crm_user_id, on, lines=1)[0]
        line.line_id = line_id
        if line.opportunity is not None:
            market.world.opportunities.remove(line.opportunity)
            line.opportunity = None
