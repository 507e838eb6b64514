"""Who is who, and which is one: people who come back, marry or vanish from the CRM, accounts and deals that turn out to be one.

A company that keeps its CRM has none of this: its files tell one plain story, which tests can work out from them alone.
Belongs here: what makes identity hard. Doesn't: the change of CRM (`crm_change`), what it adds up to (`facts`).
Days of a month stay apart from those of other versions (see `company`): returns 5, new names 17.
"""

import datetime as dt
from typing import TYPE_CHECKING

from orchestration.demo.calendar import add_months
from orchestration.demo.events import Account, Opportunity, Person, World

if TYPE_CHECKING:
    from orchestration.demo.company import Company

SECOND_USER = "V5001"


def people_of_month(company: "Company", month_on: dt.date) -> None:
    """Five months before the change of CRM somebody takes another name; two after it somebody who had left is hired again.

    Where nobody leaves by then, somebody does.
    """
    change = company.world.crm_change
    if change is not None and month_on == add_months(change.on, -4) and not _left_before(company, change.both_from_on):
        company.leave(_settled(company, month_on)[1], month_on.replace(day=24))
    if change is not None and month_on == add_months(change.on, -5):
        _rename(company, month_on.replace(day=17))
    if change is not None and month_on == add_months(change.on, 2):
        _hire_again(company, month_on.replace(day=5), change.both_from_on)


def _rename(company: "Company", on: dt.date) -> None:
    """The CRM and payroll say the new name and e-mail from then on; claims go on under the old e-mail until then."""
    rep = next(rep for rep in _settled(company, on) if rep.crm_employee_number is not None)
    rep.former_name, rep.former_email, rep.renamed_on = rep.name, rep.email, on
    first, last = rep.name.split(" ")[0], "Newname"
    rep.name, rep.email = f"{first} {last}", f"{first.lower()}.{last.lower()}@example.com"
    rep.crm_email = rep.email
    version = rep.user_on(on)
    company.place(rep, version.team_id, company.managers[company.team_of(rep)], on)


def _settled(company: "Company", on: dt.date) -> list[Person]:
    return [rep for members in company.members.values() for rep in members if rep.hired_on < add_months(on, -3)]


def _left_before(company: "Company", day: dt.date) -> list[Person]:
    return [person for person in company.world.reps if person.left_on is not None and person.left_on < day and person.employee_number]


def _hire_again(company: "Company", on: dt.date, before: dt.date) -> None:
    """Payroll gives a second number and the new CRM a new user, since the old one was not moved."""
    first = _left_before(company, before)[0]
    second = company.hire(first.rep_role, first.title, on, first.country, has_user=False)
    second.name, second.first, first.second = first.name, first, second
    second.email = f"back.{second.email}"
    company.world.returned[first.crm_user_id or ""] = SECOND_USER
    team = min(company.members, key=lambda name: (len(company.members[name]), name))
    company.members[team].append(first)
    company.place(first, team, company.managers[team], on)


def vanishes(person: Person, number: int, seen_on: dt.date) -> bool:
    """Every third leaver is no longer in the CRM's extract, instead of inactive in it. Not one of whom it has yet to be told something."""
    return number % 3 == 1 and all(version.seen_on < seen_on for version in person.users)


def merge(world: World) -> None:
    """Some accounts and deals were one all the while: a few are found early, more of the accounts when the CRM is changed."""
    change = world.crm_change
    if change is None:
        return
    early = add_months(change.both_from_on, -3)
    accounts = [account for account in world.accounts if _can_merge(account) and account.entered_on < early]
    for place in range(3, len(accounts), 14):
        survivor, loser = accounts[place - 1], accounts[place]
        world.merged[loser.account_id] = survivor.account_id
        if place % 4 == 1:
            loser.merged_on = add_months(change.both_from_on, -2).replace(day=12)
            world.merged_early.add(loser.account_id)
    won: dict[str, Opportunity] = {}
    for number, deal in enumerate(world.opportunities):
        is_won = deal.steps[-1][1] == "won" and deal.steps[-1][0] < early
        before = won.get(deal.account_id)
        if is_won and before is not None and number % 5 == 2:
            deal.merged_into, deal.merged_on = before, max(deal.steps[-1][0], before.steps[-1][0]) + dt.timedelta(days=10)
        elif is_won:
            won[deal.account_id] = deal


def _can_merge(account: Account) -> bool:
    return account.order_rate > 0 and account.gone_on is None and account.away_from_on is None


def send_away(world: World) -> None:
    """A few accounts are missing from the extracts for two months, by mistake, and then there again. Not in the first extract, nor around the change of CRM."""
    change = world.crm_change
    if change is None:
        return
    for number, account in enumerate(world.accounts):
        from_on = account.entered_on + dt.timedelta(days=100)
        to_on = from_on + dt.timedelta(days=70)
        near = from_on < add_months(change.on, 1) and to_on >= add_months(change.both_from_on, -1)
        was_there = from_on >= world.calendar.months[1]
        if number % 23 == 12 and account.gone_on is None and not near and to_on < world.calendar.months[-1] and was_there:
            account.away_from_on, account.away_to_on = from_on, to_on
