"""What people cost: monthly pay of everybody on the payroll, and expense claims.

Belongs here: pay items and expenses. Doesn't: whose cost it is (`facts`).
"""

import datetime as dt
from collections.abc import Iterator

import numpy as np

from orchestration.demo.calendar import NIGHTS_FROM, add_months, last_day, month_of
from orchestration.demo.crm_change import private_email
from orchestration.demo.events import UNKNOWN, Expense, PayItem, Person, World
from orchestration.demo.facts import Facts
from orchestration.demo.marketing import rate_on
from orchestration.demo.money import RATE_UNIT, from_float, half_away

COMMISSION_PCT = {"hunter": 7, "hybrid": 6, "farmer": 4}
_TAX_PCT = {"US": 8, "DE": 21, "FR": 38, "NL": 19, "ES": 31}
_BENEFITS = {"USD": 950, "EUR": 310}
_CATEGORIES = (("travel", 420.0), ("meals", 75.0), ("software", 49.0), ("events", 260.0))


def build_pay(world: World, rng: np.random.Generator, facts: Facts) -> None:
    """Every month of everybody employed in it. Commission is on own revenue of the month and paid in the next one."""
    earned = _earned(facts)
    employees = [person for person in world.people if person.employee_number is not None]
    raises: dict[str, float] = {}
    for month_on in world.calendar.months[:-1]:
        for person in employees:
            if person.hired_on > last_day(month_on) or (person.left_on is not None and person.left_on <= month_on):
                continue
            number = person.employee_number or ""
            if month_on.month == 4:
                raises[number] = raises.get(number, 1.0) * (1 + 0.02 + 0.02 * float(rng.random()))
            _pay_month(world, rng, person, month_on, raises.get(number, 1.0), earned.get(((person.first or person).crm_user_id or "", month_on), 0))
            _pay_once(world, person, month_on)
    _claw_back(world)
    _claw_back_of_leavers(world)


def _earned(facts: Facts) -> dict[tuple[str, dt.date], int]:
    """Own revenue by user and month."""
    earned: dict[tuple[str, dt.date], int] = {}
    for sale in facts.sales:
        for user, revenue, _ in sale.sellers:
            if user != UNKNOWN:
                key = (user, month_of(sale.on))
                earned[key] = earned.get(key, 0) + revenue
    return earned


def _pay_month(world: World, rng: np.random.Generator, person: Person, month_on: dt.date, raised: float, earned: int) -> None:
    pct = next((job.full_time_pct for job in reversed(person.jobs) if job.effective_on <= last_day(month_on)), 100)
    days = (min(person.left_on or dt.date.max, add_months(month_on, 1)) - max(person.hired_on, month_on)).days
    unpaid = sum(_unpaid_days(world, person, month_on))
    present = (days - unpaid) / last_day(month_on).day
    base = from_float(person.base_amount / 12 * raised * pct / 100 * present)
    local = half_away(earned * RATE_UNIT, rate_on(world, person.currency, month_on))
    role = person.role_on(month_on)
    commission = half_away(local * COMMISSION_PCT.get(role or "", 0), 10_000) * 100
    bonus = 0
    if month_on.month % 3 == 0 and role in COMMISSION_PCT:
        bonus = from_float(person.base_amount * 0.03 * float(rng.random()) * present)
    elif month_on.month == 12:
        bonus = from_float(person.base_amount * (0.12 if role == "manager" else 0.05) * present)
    taxes = half_away((base + max(commission, 0) + bonus) * _TAX_PCT[person.country], 10_000) * 100
    _item(world, person, month_on, "BASE", "base", base)
    _item(world, person, month_on, "COMM", "commission", commission)
    period = _period_of_bonus(world, person, month_on)
    _item(world, person, month_on, "BONUSP" if period else "BONUS", "bonus", bonus, period=period)
    _item(world, person, month_on, "ERTAX", "taxes", taxes)
    _item(world, person, month_on, "HEALTH", "benefits", from_float(_BENEFITS[person.currency] * present))
    if person.rep_role == "farmer" and (person.employee_number or "")[-1] in "37" and month_on.month % 3 == 0:
        period = _since(world, person, add_months(month_on, -2), add_months(month_on, 1))
        _item(world, person, month_on, "CAR", "other", from_float(840 * present), period=period)


def _period_of_bonus(world: World, person: Person, month_on: dt.date) -> tuple[dt.date, dt.date] | None:
    """A manager's is for the year. Some sellers' is for a quarter, and of some of these for one that ended a month before: Dec to Feb is in two years."""
    if person.rep_role == "manager":
        return _since(world, person, month_on.replace(month=1), add_months(month_on, 1))
    if person.rep_role in COMMISSION_PCT and (person.employee_number or "")[-1] in "2468":
        is_own = (person.employee_number or "")[-1] in "48"
        return _since(world, person, add_months(month_on, -3 if is_own else -2), month_on if is_own else add_months(month_on, 1))
    return None


def _since(world: World, person: Person, from_on: dt.date, to_on: dt.date) -> tuple[dt.date, dt.date] | None:
    """A period without the months before somebody came, or before the company traded; none where nothing of it is left."""
    from_on = max(from_on, month_of(person.hired_on), world.calendar.first_on)
    return (from_on, to_on) if from_on < to_on else None


def _unpaid_days(world: World, person: Person, month_on: dt.date) -> Iterator[int]:
    """Days of the month for which the employer pays nothing."""
    for absence in world.absences:
        if absence.employee_number == person.employee_number and not absence.is_paid:
            yield max(0, (min(absence.ends_on, add_months(month_on, 1)) - max(absence.starts_on, month_on)).days)


def _pay_once(world: World, person: Person, month_on: dt.date) -> None:
    """A fee for finding every other joiner in sales, a sign-on bonus for every third, three months' pay for who leaves sales."""
    number = int((person.employee_number or "0")[1:])
    if person.rep_role is not None and month_on == month_of(person.hired_on):
        _item(world, person, month_on, "AGENCY", "recruiting", from_float(4_000) if number % 2 else 0)
        _item(world, person, month_on, "SIGN", "sign_on", from_float(2_500) if number % 3 == 0 else 0)
    if person.rep_role is not None and person.left_on is not None and month_on == month_of(person.left_on):
        _item(world, person, month_on, "SEVER", "severance", from_float(person.base_amount / 4))


def _claw_back(world: World) -> None:
    """A quarter of every 20th commission is taken back three months later; the note on every third of these names a code that nobody has."""
    people = {person.employee_number: person for person in world.people}
    commissions = [item for item in world.pay if item.component == "commission" and item.amount > 0]
    for number, item in enumerate(commissions[3::20]):
        month_on = add_months(item.month_on, 3)
        if month_on < NIGHTS_FROM:
            claws = (item.month_on, item.item_code if number % 3 != 2 else "COMX")
            _item(world, people[item.employee_number], month_on, "CLAW", "clawback", -half_away(item.amount, 400) * 100, claws=claws)


def _claw_back_of_leavers(world: World) -> None:
    """Half of the last commission of who left is taken back in the February after: that year has no other cost of theirs, and is below 0."""
    for person in world.people:
        if person.left_on is None or person.second is not None or person.employee_number is None:
            continue
        earned = [item for item in world.pay if item.employee_number == person.employee_number and item.component == "commission"]
        month_on = dt.date(person.left_on.year + 1, 2, 1)
        if earned and month_on < NIGHTS_FROM:
            claws = (earned[-1].month_on, earned[-1].item_code)
            # A code of its own: another commission may be taken back in the same month.
            _item(world, person, month_on, "CLAWL", "clawback", -half_away(earned[-1].amount, 200) * 100, claws=claws)


def _item(
    world: World,
    person: Person,
    month_on: dt.date,
    code: str,
    component: str,
    amount: int,
    claws: tuple[dt.date, str] | None = None,
    period: tuple[dt.date, dt.date] | None = None,
) -> None:
    """Nothing is no item. Every 300th is corrected an extract later; what is earned in the last month is paid in it. period: unless it is the month.

    The last month's employer taxes are accrued: an estimate until the return is filed.
    """
    if amount == 0:
        return
    paid_on = last_day(month_on) - dt.timedelta(days=2)
    if component == "commission":
        paid_on = min(add_months(paid_on, 1), NIGHTS_FROM - dt.timedelta(days=2))
    from_on, to_on = period or (month_on, None)
    seen_on = world.calendar.seen(paid_on)
    item = PayItem(person.employee_number or "", from_on, code, component, amount, person.currency, paid_on, seen_on, claws=claws, to_on=to_on)
    item.is_estimated = component == "taxes" and add_months(month_on, 1) == NIGHTS_FROM
    if len(world.pay) % 300 == 151:
        item.told_amount, item.corrected_seen_on = amount + from_float(12.5), world.calendar.seen(paid_on, late=1)
    world.pay.append(item)


def build_expenses(world: World, rng: np.random.Generator) -> None:
    """Claims of people in sales and some others, handed in up to six weeks late: the last nights hold claims for December."""
    claimants = [person for person in world.people if person.employee_number is not None]
    for month_on in world.calendar.months[:-1]:
        for person in claimants:
            if person.is_employed_on(month_on) and rng.random() < (0.55 if person.rep_role else 0.08):
                _report(world, rng, person, month_on)
        if month_on.month % 3 == 1:
            _report(world, rng, None, month_on)


def _report(world: World, rng: np.random.Generator, claimant: Person | None, month_on: dt.date) -> None:
    """One to three lines. How the claimant is named varies: by number, by e-mail in capitals, or by one that nobody has."""
    number = len(world.expenses)
    told_number = claimant.employee_number if claimant and number % 10 != 3 else None
    told_email = "nobody@example.com" if claimant is None else (claimant.email_on(month_on).upper() if told_number is None else None)
    if world.crm_change is not None and claimant is not None and number % 40 == 33 and claimant.employee_number is not None:
        told_email = private_email(claimant.employee_number)
    handed_in_on = min(add_months(month_on, 1) + dt.timedelta(days=int(rng.integers(-3, 15))), NIGHTS_FROM + dt.timedelta(days=6))
    for line_number in range(1, 2 + int(rng.integers(3))):
        category, mean = _CATEGORIES[int(rng.integers(len(_CATEGORIES)))]
        amount = from_float(mean * (0.4 + 1.2 * float(rng.random())))
        spent_on = month_on + dt.timedelta(days=int(rng.integers(25)))
        status = ("approved", "paid", "approved", "submitted", "paid")[len(world.expenses) % 5]
        if len(world.expenses) % 33 == 20:
            status = "rejected" if len(world.expenses) % 2 else "withdrawn"
        expense = Expense(
            report_id=f"X{number + 1:06d}",
            line_number=line_number,
            claimant=claimant,
            told_number=told_number,
            told_email=told_email,
            spent_on=spent_on,
            category=category,
            amount=amount,
            currency=claimant.currency if claimant else "USD",
            status=status,
            seen_on=world.calendar.seen(handed_in_on),
        )
        if len(world.expenses) % 70 == 41:
            expense.told_status, expense.corrected_seen_on = ("rejected" if status == "approved" else "submitted"), world.calendar.seen(handed_in_on, late=1)
        world.expenses.append(expense)
