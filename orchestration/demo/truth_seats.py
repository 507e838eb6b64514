"""The true answers about seats: who held which, and for whom its quota and its sales count.

Belongs here: `fct_seat`, `fct_seat_quota`. Doesn't: who held a seat on a day (`lenses`), what a territory's goal reached (`truth_more`).

A quota is divided by days, then a span's share equally among those who shared it; parts of equal remainder: the earlier span, the lowest id.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from orchestration.demo.events import UNKNOWN
from orchestration.demo.facts import Facts
from orchestration.demo.lenses import Seats
from orchestration.demo.money import decimal, shares
from orchestration.demo.plan_events import Goal
from orchestration.demo.truth import Row
from orchestration.demo.truth_more import full_target, territory_events


def fct_seat(facts: Facts) -> Iterator[Row]:
    """A row a seat, span and holder; an empty seat's is unknown."""
    for territory_id, spans in Seats(facts).spans.items():
        for from_on, to_on, holders in spans:
            for user in holders or (UNKNOWN,):
                yield {"territory_id": territory_id, "held_from_on": from_on, "crm_user_id": user, "held_to_on": to_on, "holder_count": len(holders)}


def fct_seat_quota(facts: Facts) -> Iterator[Row]:
    """A row a territory's goal version, span within its period and holder."""
    seats, events = Seats(facts), defaultdict[tuple[str | None, str], list[tuple[dt.date, int]]](list)
    for territory_id, day, metric, amount in territory_events(facts):
        events[territory_id, metric].append((day, amount))
    for goal in facts.world.goals:
        if goal.owner_type == "territory":
            yield from _quota(seats, goal, events[goal.owner_id, goal.metric])


def _quota(seats: Seats, goal: Goal, events: list[tuple[dt.date, int]]) -> Iterator[Row]:
    spans = [
        (max(from_on, goal.start_on), min(to_on, goal.end_on), holders)
        for from_on, to_on, holders in seats.spans[goal.owner_id or ""]
        if from_on < goal.end_on and goal.start_on < to_on
    ]
    quotas = shares(full_target(goal), [(to_on - from_on).days for from_on, to_on, _ in spans])
    for (from_on, to_on, holders), quota in zip(spans, quotas, strict=True):
        users, sold = holders or (UNKNOWN,), sum(amount for day, amount in events if from_on <= day < to_on)
        equal = [1] * len(users)
        for user, part, actual in zip(users, shares(quota, equal), shares(sold, equal), strict=True):
            yield {
                "goal_id": goal.goal_id,
                "goal_version": goal.version,
                "held_from_on": from_on,
                "crm_user_id": user,
                "territory_id": goal.owner_id,
                "held_to_on": to_on,
                "day_count": (to_on - from_on).days,
                "holder_count": len(holders),
                "metric": goal.metric,
                "quota_amount": decimal(part),
                "actual_amount": decimal(actual),
            }
