"""What it costs to be found: campaigns, their monthly spend, and the rates of the euro.

Belongs here: campaigns, marketing spend, exchange rates. Doesn't: the accounts that a campaign brings (`sales`).
"""

import datetime as dt
from bisect import bisect_right

import numpy as np

from orchestration.demo.calendar import NIGHTS_FROM, add_months
from orchestration.demo.events import REPORTING_CURRENCY, World
from orchestration.demo.money import RATE_UNIT, from_float, half_away
from orchestration.demo.names import METHODS
from orchestration.demo.plan_events import Campaign, Rate, Spend

CAMPAIGN_MONTHS = 6


def build_rates(world: World, rng: np.random.Generator) -> None:
    """A rate on the first of each month, five decimals; every fortieth is corrected one extract later."""
    level = 1.10
    for number, month_on in enumerate(world.calendar.months):
        level = min(1.25, max(0.98, level + 0.015 * float(rng.standard_normal())))
        rate = Rate(month_on, round(level * 100_000) * 1_000, world.calendar.seen(month_on))
        if number % 40 == 7:
            rate.told_rate, rate.corrected_seen_on = rate.rate + 250_000, world.calendar.seen(month_on, late=1)
        world.rates.append(rate)


def build_campaigns(world: World, rng: np.random.Generator, seats: int) -> None:
    """Two campaigns each half year, and a channel's own spend. Every ninth spend names neither; every thirteenth is corrected."""
    for half in range(2 * world.calendar.years):
        starts_on = add_months(world.calendar.first_on, CAMPAIGN_MONTHS * half)
        for number in (1, 2):
            method = ("event", "inbound", "partner")[(2 * half + number) % 3]
            name = f"{method.capitalize()} {starts_on:%Y} {'AB'[half % 2]}{number}"
            world.campaigns.append(Campaign(f"C{2 * half + number:03d}", name, method, starts_on, add_months(starts_on, CAMPAIGN_MONTHS)))
    for month_on in world.calendar.months[:-1]:
        running = [campaign for campaign in world.campaigns if campaign.starts_on <= month_on < campaign.ends_on]
        for campaign in (*running, None):
            _spend(world, rng, campaign, month_on, seats)


def _spend(world: World, rng: np.random.Generator, campaign: Campaign | None, month_on: dt.date, seats: int) -> None:
    number = len(world.spends)
    seen_on = world.calendar.seen(month_on)
    method = METHODS[number % len(METHODS)] if campaign is None and number % 8 != 5 else None
    spend = Spend(f"M{number + 1:05d}", campaign, method, month_on, from_float(seats * 60 * (0.5 + float(rng.random()))), "USD", seen_on)
    if number % 4 == 1:
        spend.currency = "EUR"
    if number % 13 == 5 and month_on < NIGHTS_FROM:
        spend.told_amount, spend.corrected_seen_on = spend.amount + from_float(100), world.calendar.seen(month_on, late=1)
    world.spends.append(spend)


def rate_on(world: World, currency: str, day: dt.date) -> int:
    """The latest rate that is not after the day, in hundred-millionths."""
    if currency == REPORTING_CURRENCY:
        return RATE_UNIT
    number = bisect_right(world.rates, day, key=lambda rate: rate.rate_on)
    if number == 0:
        raise LookupError(f"no rate of {currency} is known on {day}")
    return world.rates[number - 1].rate


def reporting(world: World, amount: int, currency: str, day: dt.date) -> int:
    """The amount in the reporting currency."""
    return half_away(amount * rate_on(world, currency, day), RATE_UNIT)
