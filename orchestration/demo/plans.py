"""What was to be reached and who was helped: goals with their versions, rewards, coaching.

Belongs here: goals, rewards, coaching sessions. Doesn't: what was reached (`truth_more`).
"""

import datetime as dt

import numpy as np

from orchestration.demo.calendar import AS_OF, NIGHTS_FROM, add_months
from orchestration.demo.events import Person, World
from orchestration.demo.facts import Facts
from orchestration.demo.money import UNIT, from_float
from orchestration.demo.plan_events import Goal, Reward, Session
from orchestration.demo.seats import set_seat_goals

_FIRST_TARGET = 60_000.0


class Planner:
    """Sets goals from what was sold before; writes them into the world."""

    def __init__(self, world: World, rng: np.random.Generator, facts: Facts) -> None:
        self.world, self.rng, self.facts = world, rng, facts
        self.sold: dict[tuple[str, str, dt.date], int] = {}
        for sale in self.facts.sales:
            quarter_on = quarter_of(sale.on)
            for user, revenue, _ in sale.sellers:
                for kind in ("rep", "team", "company"):
                    key = (kind, self.facts.group(kind, user, sale.on), quarter_on)
                    self.sold[key] = self.sold.get(key, 0) + revenue

    def expected(self, kind: str, owner: str, quarter_on: dt.date) -> float:
        """Mean quarter of the year before, in money; a first guess for newcomers."""
        quarters = [self.sold[key] for number in range(1, 5) if (key := (kind, owner, add_months(quarter_on, -3 * number))) in self.sold]
        return sum(quarters) / len(quarters) / UNIT if quarters else _FIRST_TARGET

    def set(self, owner_type: str, owner_id: str | None, metric: str, start_on: dt.date, months: int, target: int, **more: int | None) -> Goal:
        number = len(self.world.goals) + 1
        set_on = start_on - dt.timedelta(days=int(self.rng.integers(2, 20)))
        acknowledged_on = set_on + dt.timedelta(days=int(self.rng.integers(1, 25))) if owner_type == "rep" and number % 12 else None
        goal = Goal(
            goal_id=f"G{number:05d}",
            version=1,
            owner_type=owner_type,
            owner_id=owner_id,
            metric=metric,
            start_on=start_on,
            end_on=add_months(start_on, months),
            target=target,
            ramp_pct=more.get("ramp_pct"),
            set_on=set_on,
            approved_by="U0001",
            acknowledged_on=acknowledged_on if acknowledged_on and acknowledged_on < AS_OF else None,
            reason="yearly plan" if months > 3 else "quarterly plan",
        )
        self.world.goals.append(goal)
        return goal


def build_plans(world: World, rng: np.random.Generator, facts: Facts) -> None:
    """Goals of each rep by quarter, of teams, seats and the company by year; the last ones run beyond the last night."""
    planner = Planner(world, rng, facts)
    for month_on in world.calendar.months[::3]:
        for rep in world.reps:
            if rep.works_on(month_on):
                _rep_goals(planner, rep, month_on)
        if month_on.month == 1:
            _year_goals(planner, month_on)
    _coach(world, rng)
    set_seat_goals(world, facts)


def quarter_of(day: dt.date) -> dt.date:
    """First day of the calendar quarter."""
    return dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _rep_goals(planner: Planner, rep: Person, quarter_on: dt.date) -> None:
    """Revenue for everybody; new customers for hunters, margin for farmers. Half the target in the first quarter, three in four in the second."""
    owner = rep.crm_user_id or ""
    ramp = next((pct for months, pct in ((3, 50), (6, 75)) if add_months(rep.hired_on, months) > quarter_on), None)
    growth = 1.0 + 0.15 * float(planner.rng.random())
    revenue = from_float(planner.expected("rep", owner, quarter_on) * growth, step=1_000 * UNIT)
    goal = planner.set("rep", owner, "revenue", quarter_on, 3, max(revenue, 5_000 * UNIT), ramp_pct=ramp)
    if rep.role_on(quarter_on) == "hunter":
        planner.set("rep", owner, "new_customers", quarter_on, 3, (1 + int(planner.rng.integers(3))) * UNIT, ramp_pct=ramp)
    if rep.role_on(quarter_on) == "farmer":
        planner.set("rep", owner, "gross_margin", quarter_on, 3, max(revenue // 2, 2_000 * UNIT))
    if quarter_on.month == 10:
        _reward(planner, rep, goal)


def _reward(planner: Planner, rep: Person, goal: Goal) -> None:
    reached = planner.sold.get(("rep", rep.crm_user_id or "", goal.start_on), 0) >= goal.target
    earned_on = goal.end_on if reached and goal.end_on < NIGHTS_FROM else None
    paid_on = add_months(goal.end_on, 1) if earned_on and add_months(goal.end_on, 1) < NIGHTS_FROM else None
    planner.world.rewards.append(Reward(goal.goal_id, rep.crm_user_id or "", 2_500 * UNIT, rep.currency, earned_on, paid_on, goal.set_on))


def _year_goals(planner: Planner, year_on: dt.date) -> None:
    """Teams by revenue, the company by all three metrics; every other team goal is raised in July, and keeps its first version."""
    world = planner.world
    for number, team in enumerate(world.teams):
        target = from_float(4 * planner.expected("team", team, year_on) * 1.08, step=10_000 * UNIT)
        goal = planner.set("team", team, "revenue", year_on, 12, max(target, 50_000 * UNIT))
        raised_on = year_on.replace(month=7, day=10)
        if (number + year_on.year) % 2 == 0 and raised_on < AS_OF:
            more = {"version": 2, "target": goal.target * 11 // 10, "set_on": raised_on, "reason": "raised at half-year"}
            world.goals.append(Goal(**(vars(goal) | more)))
    target = max(from_float(4 * planner.expected("company", "company", year_on) * 1.06, step=100_000 * UNIT), 100_000 * UNIT)
    planner.set("company", None, "revenue", year_on, 12, target)
    planner.set("company", None, "gross_margin", year_on, 12, target * 45 // 100)
    planner.set("company", None, "new_customers", year_on, 12, max(4, len(world.reps) * 2) * UNIT)


def _coach(world: World, rng: np.random.Generator) -> None:
    """A programme every spring for a few, drawn by lottery. It has no effect, and its cost is theirs."""
    for year in range(world.calendar.first_on.year, NIGHTS_FROM.year):
        for number, rep in enumerate(world.reps):
            session_on = dt.date(year, 4, 1 + number % 28)
            if rep.works_on(session_on) and rng.random() < 0.2:
                coach = rep.user_on(session_on).manager_id or "U0001"
                world.sessions.append(
                    Session("spring clinic", rep.crm_user_id or "", session_on, coach, "lottery", "drawn among all", 2 * UNIT, 150 * UNIT, rep.currency)
                )
