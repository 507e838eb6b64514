"""People of the simulated company over time: who joins, leaves, moves between teams, and who manages them.

Belongs here: people, teams and their versions. Doesn't: where they sell (`territories`), what they sell or are paid.
Days of a month are kept apart, so that no two versions of a person begin on one day: hires 1 to 9, moves 11 to 14, new managers 15
and 16, changes of role 17, the reorganisation 18, a stand-in 19 and 20, leavers from 21.
"""

import datetime as dt
from itertools import pairwise

import numpy as np

from orchestration.demo.calendar import NIGHTS_FROM, add_months
from orchestration.demo.crm_change import named
from orchestration.demo.events import JobVersion, Person, UserVersion, World
from orchestration.demo.identities import people_of_month, vanishes
from orchestration.demo.names import EUROPE, person_name, pick

ROLES = ("hunter", "farmer", "hybrid")
_BASE = {"hunter": 52_000, "farmer": 56_000, "hybrid": 54_000, "rep": 50_000, "manager": 98_000, "house": 64_000, None: 64_000}
_TITLES = {
    "hunter": "Account Executive",
    "farmer": "Account Manager",
    "hybrid": "Sales Representative",
    "rep": "Sales Agent",
    "SE": "Sales Engineer",
    "SDR": "Sales Development Representative",
}
_STAFF = ("Accountant", "Recruiter", "Developer", "Support Engineer", "Office Manager")


class Company:
    """Hires, moves and parts; writes all of it into the world."""

    def __init__(self, world: World, rng: np.random.Generator, seats: int) -> None:
        self.world, self.rng, self.seats = world, rng, seats
        self.calendar = world.calendar
        self.members: dict[str, list[Person]] = {}
        self.managers: dict[str, Person] = {}
        self.hires = 0
        self.moves = 0
        self.leavers = 0

    def hire(self, role: str | None, title: str, on: dt.date, country: str, *, has_user: bool = True, is_employee: bool = True) -> Person:
        world, number = self.world, len(self.world.people) + 1
        name = person_name(self.rng)
        person = Person(
            name=name,
            email=f"{name.lower().replace(' ', '.')}.{number}@example.com",
            country=country,
            currency="EUR" if country in EUROPE else "USD",
            rep_role=role,
            title=title,
            hired_on=on,
            base_amount=int(_BASE[role] * (0.85 + 0.3 * float(self.rng.random()))) // 100 * 100,
            skill=float(np.exp(0.35 * self.rng.standard_normal())),
        )
        if is_employee:
            person.employee_number = f"E{1000 + number}"
        if has_user:
            person.crm_user_id = named(f"U{len(world.users) + 1:04d}", on, world.crm_change)
            person.crm_email, person.crm_employee_number = person.email, person.employee_number
        world.people.append(person)
        return person

    def place(self, person: Person, team: str | None, manager: Person | None, on: dt.date, *, is_active: bool = True, late: int = 0) -> None:
        """A version of the person in the CRM, and one in payroll when the job changed."""
        seen_on = self.calendar.seen(on, late=late)
        manager_number = manager.employee_number if manager else None
        if person.crm_user_id is not None:
            person.users.append(UserVersion(on, team, manager.crm_user_id if manager else None, is_active, seen_on))
        employee = person.second or person
        if employee.employee_number is not None and is_active:
            pct = employee.jobs[-1].full_time_pct if employee.jobs else (100, 100, 100, 80, 100, 100, 60)[len(self.world.people) % 7]
            employee.jobs.append(JobVersion(on, pct, team, manager_number, seen_on))

    def hire_rep(self, on: dt.date) -> Person:
        """Into the team with the fewest people. Every third rep is paid in EUR; the second one lacks his number in the CRM."""
        self.hires += 1
        role = ROLES[self.hires % 3]
        rep = self.hire(role, _TITLES[role], on, pick(self.rng, EUROPE) if self.hires % 3 == 0 else "US")
        if self.hires % 40 == 2:
            rep.crm_email, rep.crm_employee_number = rep.email.upper(), None
        team = min(self.members, key=lambda name: (len(self.members[name]), name))
        self.members[team].append(rep)
        self.place(rep, team, self.managers[team], on)
        return rep

    def move(self, rep: Person, on: dt.date) -> None:
        """To another team; every third move is entered two extracts late."""
        old = self.team_of(rep)
        others = tuple(name for name in self.members if name != old)
        new = pick(self.rng, others)
        self.members[old].remove(rep)
        self.members[new].append(rep)
        self.moves += 1
        self.place(rep, new, self.managers[new], on, late=2 if self.moves % 3 == 0 else 0)

    def team_of(self, rep: Person) -> str:
        return next(name for name, members in self.members.items() if rep in members)

    def leave(self, person: Person, on: dt.date) -> None:
        person.left_on = on
        last = person.user_on(on)
        seen_on = self.calendar.seen(on)
        self.leavers += 1
        if self.world.crm_change is not None and vanishes(person, self.leavers, seen_on):
            person.vanished_on = seen_on
        person.users.append(UserVersion(on, last.team_id, last.manager_id, False, seen_on))
        for members in self.members.values():
            if person in members:
                members.remove(person)

    def take_over(self, team: str, manager: Person, on: dt.date) -> None:
        """A new manager: everybody of the team, and the manager, get a version."""
        self.managers[team] = manager
        self.place(manager, team, self.world.people[0], on)
        for rep in self.members[team]:
            self.place(rep, team, manager, on)


def build_people(world: World, rng: np.random.Generator, seats: int) -> None:
    """All people from the beginning to the last night."""
    company = Company(world, rng, seats)
    _found(company)
    for number, month_on in enumerate(world.calendar.months[:-1]):
        _hire_of_month(company, number, month_on)
        _moves_of_month(company, number, month_on)
        _managers_of_month(company, number, month_on)
        _roles_of_month(company, number, month_on)
        _reorganise(company, number, month_on)
        _leavers_of_month(company, number, month_on)
        people_of_month(company, month_on)
    _nights(company)


def _found(company: Company) -> None:
    world, rng, first_on = company.world, company.rng, company.calendar.first_on
    head = company.hire("manager", "Head of Sales", add_months(first_on, -60), "US")
    company.place(head, None, None, head.hired_on)
    house = company.hire("house", "Sales Operations", add_months(first_on, -30), "US")
    company.place(house, None, head, house.hired_on)
    for number in range(max(2, company.seats // 8)):
        team = f"team-{number + 1:02d}"
        world.teams[team] = f"Team {chr(65 + number % 26)}{number // 26 or ''}"
        company.members[team] = []
        company.managers[team] = company.hire("manager", "Sales Manager", add_months(first_on, -40), pick(rng, EUROPE) if number % 3 == 1 else "US")
        company.place(company.managers[team], team, head, add_months(first_on, -40))
    agent = company.hire("rep", _TITLES["rep"], add_months(first_on, -20), "US", is_employee=False)
    company.place(agent, "team-01", company.managers["team-01"], agent.hired_on)
    contractor = company.hire("hunter", "Field Contractor", add_months(first_on, -10), "US", has_user=False)
    company.place(contractor, "team-01", company.managers["team-01"], contractor.hired_on)
    for number in range(max(2, company.seats // 5)):
        staff = company.hire(None, _STAFF[number % len(_STAFF)], add_months(first_on, -int(rng.integers(1, 60))), "US", has_user=False)
        company.place(staff, None, None, staff.hired_on)
    for _ in range(max(2, round(0.6 * company.seats))):
        company.hire_rep(add_months(first_on, -int(rng.integers(1, 90))))


def _staffed(company: Company) -> list[Person]:
    return [rep for members in company.members.values() for rep in members]


def _hire_of_month(company: Company, number: int, month_on: dt.date) -> None:
    """Head count grows in a straight line until 70 % of the history has passed."""
    grown = min(1.0, 0.6 + 0.4 * number / (0.7 * 12 * company.calendar.years))
    for _ in range(round(grown * company.seats) - len(_staffed(company))):
        company.hire_rep(month_on.replace(day=int(company.rng.integers(1, 10))))


def _moves_of_month(company: Company, number: int, month_on: dt.date) -> None:
    """About one rep in ten a year moves; one is sure to in the fourth month. In the ninth a move is entered by mistake and withdrawn."""
    staffed = _staffed(company)
    draws = company.rng.random(len(staffed))
    for place, rep in enumerate(staffed):
        if (draws[place] < 0.008 or (number == 3 and place == 0)) and rep.hired_on < month_on:
            company.move(rep, month_on.replace(day=int(company.rng.integers(11, 15))))
    if number % 24 == 8:
        rep = _staffed(company)[-1]
        on, wrong = month_on.replace(day=10), next(name for name in company.members if name != company.team_of(rep))
        seen_on = company.calendar.seen(on)
        rep.users.append(UserVersion(on, wrong, company.managers[wrong].crm_user_id, True, seen_on, gone_on=add_months(seen_on, 1)))


def _managers_of_month(company: Company, number: int, month_on: dt.date) -> None:
    """Two managers swap teams in the middle of the first July; later each August a team may get a manager from outside.

    In the second February somebody stands in for the manager for a day, and has one colleague as a report.
    """
    teams = tuple(company.managers)
    if number == 13:
        team = max(teams, key=lambda name: len(company.members[name]))
        for first, second in pairwise(company.members[team][:2]):
            company.place(second, team, first, month_on.replace(day=19))
            company.place(second, team, company.managers[team], month_on.replace(day=20))
    if number == 6:
        first, second = company.managers[teams[0]], company.managers[teams[1]]
        company.take_over(teams[0], second, month_on.replace(day=15))
        company.take_over(teams[1], first, month_on.replace(day=15))
    if number > 12 and number % 12 == 7:
        team, on = pick(company.rng, teams), month_on.replace(day=16)
        company.leave(company.managers[team], on)
        company.take_over(team, company.hire("manager", "Sales Manager", on, "US"), on)


def _roles_of_month(company: Company, number: int, month_on: dt.date) -> None:
    """In the sixteenth month a seller becomes a sales engineer, in the seventeenth one of development is promoted to the role that she has."""
    if number not in (15, 16):
        return
    settled = [rep for rep in _staffed(company) if rep.hired_on < add_months(month_on, -12) and rep.role_since_on is None and rep.renamed_on is None]
    if settled:
        rep = settled[0] if number == 15 else settled[-1]
        rep.former_role, rep.former_title, rep.role_since_on = rep.rep_role, rep.title, month_on.replace(day=17)
        if number == 15:
            rep.rep_role, rep.title = "SE", _TITLES["SE"]
        else:
            rep.former_role, rep.former_title = "SDR", _TITLES["SDR"]
        team = company.team_of(rep)
        company.place(rep, team, company.managers[team], rep.role_since_on)


def _reorganise(company: Company, number: int, month_on: dt.date) -> None:
    """On the 18th of the eighteenth month half of the largest team goes over to the one with the fewest people, all at once."""
    if number != 17:
        return
    largest = max(company.members, key=lambda name: (len(company.members[name]), name))
    smallest = min((name for name in company.members if name != largest), key=lambda name: (len(company.members[name]), name))
    for rep in company.members[largest][::2]:
        company.members[largest].remove(rep)
        company.members[smallest].append(rep)
        company.place(rep, smallest, company.managers[smallest], month_on.replace(day=18))


def _leavers_of_month(company: Company, number: int, month_on: dt.date) -> None:
    """One in seven a year; one is sure to leave in the eleventh month, and somebody goes part-time in the fifth."""
    staffed = _staffed(company)
    draws = company.rng.random(len(staffed))
    for place, rep in enumerate(staffed):
        settled = rep.hired_on < add_months(month_on, -6) and rep.second is None
        if settled and len(staffed) > 2 and (draws[place] < 0.012 or (number % 36 == 10 and place == 1)):
            company.leave(rep, month_on.replace(day=int(company.rng.integers(21, 29))))
    if number % 12 == 4:
        rep = staffed[number % len(staffed)]
        if rep.left_on is None and rep.hired_on < month_on:
            last, on = rep.jobs[-1], month_on.replace(day=20)
            rep.jobs.append(JobVersion(on, 50, last.team_id, last.manager_employee_number, company.calendar.seen(on)))


def _nights(company: Company) -> None:
    """In the last week one rep moves and one joins."""
    company.move(_staffed(company)[0], NIGHTS_FROM.replace(day=4))
    company.hire_rep(NIGHTS_FROM.replace(day=5))
