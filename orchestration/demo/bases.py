"""The money of the demo in each basis, and its price index, written once more than the models' macros on purpose.

Belongs here: constant and real amounts, the index. Doesn't: the rates of the days (`marketing`), what amounts add up to (`facts`).

Where the rules leave room, this is how they are read:
- Constant: a line's own amount at the rate of one day. Real: the nominal amount, rounded, times index of the base month ÷ index of its
  month to 12 decimals. A margin is converted less converted cost; a real one is the nominal margin, turned once.
- A month whose index was never published, or not yet, has that of the month before.
"""

import datetime as dt
from functools import cache

from orchestration.demo.calendar import AS_OF, month_of
from orchestration.demo.events import Line, World
from orchestration.demo.marketing import rate_on, reporting
from orchestration.demo.money import RATE_UNIT, half_away

CONSTANT_ON = AS_OF.replace(day=1)
INDEX_CODE = "CPI"
INDEX_UNIT = 10**8
_DEFLATOR_UNIT = 10**12


def published_index(world: World) -> dict[dt.date, int]:
    """About 2 % a year, in hundred-millionths; of each second October no index was ever published, and of the last month not yet."""
    return _index(world.calendar.months)


def _index(months: tuple[dt.date, ...]) -> dict[dt.date, int]:
    return {month_on: 100 * INDEX_UNIT + number * 17 * 10**6 for number, month_on in enumerate(months[:-1]) if number % 24 != 9}


@cache
def _deflator(months: tuple[dt.date, ...], month_on: dt.date) -> int:
    """Index of the base month ÷ index of the month."""
    published = _index(months)

    def index(month: dt.date) -> int:
        return published[max(told_on for told_on in published if told_on <= month)]

    return half_away(index(CONSTANT_ON) * _DEFLATOR_UNIT, index(month_on))


def in_real(world: World, nominal: int, day: dt.date) -> int:
    """A nominal amount of a day in the prices of the base month, that of CONSTANT_ON."""
    return half_away(nominal * _deflator(world.calendar.months, month_of(day)), _DEFLATOR_UNIT)


def in_basis(world: World, basis: str, amount: int, currency: str, day: dt.date) -> int:
    """An amount of a day, in its own currency, as a basis tells it in the reporting one."""
    if basis == "constant":
        return half_away(amount * rate_on(world, currency, CONSTANT_ON), RATE_UNIT)
    nominal = reporting(world, amount, currency, day)
    return nominal if basis == "nominal" else in_real(world, nominal, day)


def value_of(world: World, basis: str, line: Line) -> tuple[int, int]:
    """Revenue and margin of a line."""
    told = "constant" if basis == "constant" else "nominal"
    revenue = in_basis(world, told, line.booked - line.partner, line.currency, line.ordered_on)
    margin = revenue - in_basis(world, told, line.unit_cost * line.quantity, line.currency, line.ordered_on)
    if basis != "real":
        return revenue, margin
    return in_real(world, revenue, line.ordered_on), in_real(world, margin, line.ordered_on)
