"""What is shared: tools and overhead by the month, and the rules by which they, and managers, are carried.

Belongs here: pools and rules. Doesn't: who carries how much (`loaded`).
"""

from orchestration.demo.calendar import NIGHTS_FROM, add_months
from orchestration.demo.events import World
from orchestration.demo.money import from_float
from orchestration.demo.plan_events import AllocationRule, Pool

_POOLS = (("SEATS", "tools", "IT", 95.0, "USD"), ("CLOUD", "tools", "IT", 31.5, "EUR"), ("RENT", "overhead", "OFFICE", 410.0, "USD"))


def build_pools(world: World, seats: int) -> None:
    """Three pools a month, which grow; every eleventh month of one is corrected an extract later.

    Overhead goes by full time, and by revenue since the last July; a tenth of it is not for reps. Managers keep a fifth, then three tenths.
    """
    first_on, last_july_on = world.calendar.first_on, add_months(NIGHTS_FROM, -6)
    for number, month_on in enumerate(world.calendar.months[:-1]):
        for pool_id, kind, cost_centre, amount, currency in _POOLS:
            pool = Pool(pool_id, kind, cost_centre, month_on, from_float(amount * seats * (1 + number / 200)), currency, world.calendar.seen(month_on))
            if len(world.pools) % 11 == 4:
                pool.told_amount, pool.corrected_seen_on = pool.amount + from_float(40), world.calendar.seen(month_on, late=1)
            world.pools.append(pool)
    world.rules += [
        AllocationRule("tools", "headcount", 100, first_on, "a licence each"),
        AllocationRule("overhead", "full_time", 90, first_on, "a desk by the day; a tenth is the board's"),
        AllocationRule("overhead", "revenue", 90, last_july_on, "who sells more needs more of the house"),
        AllocationRule("management", None, 80, first_on, "managers sell a day a week"),
        AllocationRule("management", None, 70, last_july_on, "managers sell more"),
    ]
