"""What reps did all day: calls, mails, meetings. Drawn apart from everything that was sold, so that in truth it explains nothing.

Belongs here: activities, as rows ready to be delivered, since nothing else asks for them. Doesn't: any figure.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np

from orchestration.demo.calendar import AS_OF
from orchestration.demo.events import World

_TYPES = (("call", 6), ("e-mail", 3), ("meeting", 45), ("demo", 50))
_OF_TEN = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3)


def activity_rows(world: World, rng: np.random.Generator, count: int) -> Iterator[tuple[dt.date, dict[str, Any]]]:
    """So many activities in the order of time, each with the extract that holds it, by somebody who works then, three in four about an account."""
    calendar = world.calendar
    days = (AS_OF - calendar.first_on).days
    happened = np.sort(rng.integers(0, days * 86_400, count)).tolist()
    draws = rng.random((count, 4)).tolist()
    entered = [account.entered_on for account in world.accounts]
    order = sorted(range(len(entered)), key=lambda place: (entered[place], place))
    working: list[str] = []
    known, today = 0, None
    for number, second in enumerate(happened):
        at = dt.datetime.combine(calendar.first_on, dt.time()) + dt.timedelta(seconds=second)
        day = at.date()
        if day != today:
            today = day
            working = [rep.crm_user_id or "" for rep in world.reps if rep.works_on(day)]
            while known < len(order) and entered[order[known]] < day:
                known += 1
        who, about, what, long = draws[number]
        kind, minutes = _TYPES[_OF_TEN[int(what * len(_OF_TEN))]]
        yield (
            calendar.seen(day),
            {
                "activity_id": str(number + 1),
                "crm_user_id": working[int(who * len(working))],
                "account_id": world.accounts[order[int(about / 0.75 * known)]].account_id if about < 0.75 and known else None,
                "activity_type": kind,
                "occurred_at": at,
                "duration_minutes": 1 + int(2 * minutes * long),
            },
        )
