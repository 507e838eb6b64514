"""Each thing that tries a rule of the models really happens, in a small company and in a larger one."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from orchestration.demo import Size, build_world
from orchestration.demo.books import ledger_tie
from orchestration.demo.calendar import AS_OF, NIGHTS_FROM
from orchestration.demo.events import HOUSE, UNKNOWN, Line
from orchestration.demo.facts import LEAVE, Facts
from orchestration.demo.lenses import Seats
from orchestration.demo.mishaps import day_before
from orchestration.demo.sales import TIE_LINE_IDS, UNKNOWN_SELLER
from orchestration.demo.truth import rep_value


@pytest.fixture(scope="module", params=[Size(reps=6, years=2), Size(reps=14, years=4)], ids=["small", "medium"])
def facts(request: pytest.FixtureRequest) -> Facts:
    return Facts(build_world(request.param))


def basis(name: str) -> Callable[[Facts], int]:
    return lambda facts: sum(win.basis == name for win in facts.wins.values())


def lines(rule: Callable[[Facts, Line], object]) -> Callable[[Facts], int]:
    return lambda facts: sum(bool(rule(facts, line)) for line in facts.world.lines)


def split_by(line: Line, count: int) -> bool:
    return line.opportunity is not None and sum(split.role == "revenue" for split in line.opportunity.splits) == count


def handed_over_in_a_year(facts: Facts) -> int:
    return sum(on.month not in (1, 12) and owner not in (None, HOUSE) for account in facts.world.accounts for on, owner in account.owners[1:])


def tie(facts: Facts) -> int:
    first, second = (next(line for line in facts.world.lines if line.line_id == number) for number in TIE_LINE_IDS)
    win = facts.wins[first.account_id]
    return int(first.account_id == second.account_id and first.ordered_on == second.ordered_on and win.acquirer_id == first.seller_id != second.seller_id)


def quota_spans(facts: Facts) -> list[tuple[dt.date, dt.date, tuple[str, ...]]]:
    """The spans of seats within the periods of their goals."""
    spans = Seats(facts).spans
    return [
        span
        for goal in facts.world.goals
        if goal.owner_type == "territory"
        for span in spans[goal.owner_id or ""]
        if span[0] < min(goal.end_on, AS_OF) and goal.start_on < span[1]
    ]


FEATURES: dict[str, Callable[[Facts], int]] = {
    "reps paid in EUR": lambda facts: sum(rep.currency == "EUR" for rep in facts.world.reps),
    "order lines in EUR": lines(lambda _, line: line.currency == "EUR"),
    "rates of four decimals and more": lambda facts: sum(rate.rate % 100_000 != 0 for rate in facts.world.rates),
    "corrected rates": lambda facts: sum(rate.corrected_seen_on is not None and rate.corrected_seen_on > rate.seen_on for rate in facts.world.rates),
    "moves between teams": lambda facts: sum(len({version.team_id for version in rep.users if version.gone_on is None}) > 1 for rep in facts.world.reps),
    "moves told late": lambda facts: sum(
        facts.world.calendar.seen(version.effective_on) < version.seen_on for rep in facts.world.reps for version in rep.users
    ),
    "versions withdrawn": lambda facts: sum(version.gone_on is not None for rep in facts.world.reps for version in rep.users),
    "managers who take over another team in mid-year": lambda facts: sum(
        before.team_id != after.team_id and after.effective_on.month == 7
        for person in facts.world.users
        if person.rep_role == "manager"
        for before, after in zip(person.users, person.users[1:], strict=False)
    ),
    "joiners": lambda facts: sum(rep.hired_on > facts.world.calendar.first_on for rep in facts.world.reps),
    "leavers": lambda facts: sum(rep.left_on is not None for rep in facts.world.reps),
    "part-timers": lambda facts: sum(rep.jobs[-1].full_time_pct < 100 for rep in facts.world.reps if rep.jobs),
    "seats that change": lambda facts: len(facts.world.assignments) - len({seat.crm_user_id for seat in facts.world.assignments}),
    "two seats at once": lambda facts: sum(
        one is not other and one.crm_user_id == other.crm_user_id and one.from_on < other.from_on < (one.to_on or AS_OF)
        for one in facts.world.assignments
        for other in facts.world.assignments
    ),
    "teams of which several people go over at once": lambda facts: sum(
        count > 1
        for count in Counter(
            (before.team_id, after.team_id, after.effective_on)
            for rep in facts.world.reps
            for before, after in pairwise(version for version in rep.users if version.gone_on is None)
            if before.team_id != after.team_id
        ).values()
    ),
    "seats held by several at once": lambda facts: sum(len(holders) > 1 for _, _, holders in quota_spans(facts)),
    "seats that are empty while they have a quota": lambda facts: sum(not holders for _, _, holders in quota_spans(facts)),
    "seats that pass from one to another in mid-month": lambda facts: sum(
        before.to_on == after.from_on and before.crm_user_id != after.crm_user_id and after.from_on.day not in (1, 28, 29, 30, 31)
        for before in facts.world.assignments
        for after in facts.world.assignments
        if before.territory_id == after.territory_id
    ),
    "seats with a quota in each metric": lambda facts: len({goal.metric for goal in facts.world.goals if goal.owner_type == "territory"}) == 3,
    "reps without a seat": lambda facts: len({rep.crm_user_id for rep in facts.world.reps} - {seat.crm_user_id for seat in facts.world.assignments}),
    "users without an employee number, with an e-mail in capitals": lambda facts: sum(
        user.crm_employee_number is None and user.crm_email == user.email.upper() and user.employee_number is not None for user in facts.world.users
    ),
    "reps without an employee": lambda facts: sum(user.employee_number is None and user.rep_role is not None for user in facts.world.users),
    "rep-role employees without a CRM user": lambda facts: sum(person.crm_user_id is None and person.rep_role is not None for person in facts.world.people),
    "pay that is nobody's": lambda facts: facts.costs.nobodys,
    "claims by nobody known": lambda facts: sum(expense.claimant is None for expense in facts.world.expenses),
    "claims by e-mail": lambda facts: sum(expense.claimant is not None and expense.told_number is None for expense in facts.world.expenses),
    "rejected claims": lambda facts: sum(expense.status == "rejected" for expense in facts.world.expenses),
    "withdrawn claims": lambda facts: sum(expense.status == "withdrawn" for expense in facts.world.expenses),
    "corrected claims": lambda facts: sum(expense.corrected_seen_on is not None for expense in facts.world.expenses),
    "clawbacks of a commission": lambda facts: sum(item.claws is not None and item.claws[1] == "COMM" for item in facts.world.pay),
    "clawbacks that name no commission": lambda facts: sum(item.claws is not None and item.claws[1] != "COMM" for item in facts.world.pay),
    "estimated pay": lambda facts: sum(item.is_estimated for item in facts.world.pay),
    "paid leave": lambda facts: sum(row[3] == "paid_leave" and amount > 0 for row, (amount, _) in facts.costs.rows.items()),
    "leave without pay": lambda facts: sum(not is_paid for _, is_paid in facts.leave.values()),
    "leave that is a part of the day": lambda facts: sum(0 < away < 100 for away, _ in facts.leave.values()),
    "absences that overlap": lambda facts: sum((one.ends_on - one.starts_on).days for one in facts.world.absences if one.kind in LEAVE) - len(facts.leave),
    "absences that are no long leave": lambda facts: sum(absence.kind == "vacation" for absence in facts.world.absences),
    "managers on leave": lambda facts: sum(
        person.rep_role == "manager" and person.employee_number in {number for number, _ in facts.leave} for person in facts.world.people
    ),
    "severance": lambda facts: sum(item.component == "severance" for item in facts.world.pay),
    "sign-on bonuses": lambda facts: sum(item.component == "sign_on" for item in facts.world.pay),
    "recruiting fees": lambda facts: sum(item.component == "recruiting" for item in facts.world.pay),
    "balances in another cost centre": lambda facts: sum(row["other_cost_centre_amount"] > 0 for row in ledger_tie(facts.world)),
    "cost that is not in the books": lambda facts: sum(row["not_in_books_amount"] > 0 for row in ledger_tie(facts.world)),
    "balances that are not in the files": lambda facts: sum(row["not_in_files_amount"] > 0 for row in ledger_tie(facts.world)),
    "corrected pools": lambda facts: sum(pool.corrected_seen_on is not None for pool in facts.world.pools),
    "components that are shared": lambda facts: {"tools", "overhead", "coaching", "management"} <= {component for _, _, _, component, _ in facts.costs.rows},
    "managers who are carried": lambda facts: sum(row[3] == "management" and amount < 0 for row, (amount, _) in facts.costs.rows.items()),
    "managers for a day": lambda facts: sum(
        earlier.manager_id != later.manager_id and (later.effective_on - earlier.effective_on).days == 1
        for user in facts.world.users
        for earlier, later in pairwise(sorted(user.users, key=lambda version: version.effective_on))
    ),
    "corrected pay": lambda facts: sum(item.corrected_seen_on is not None and item.corrected_seen_on > item.seen_on for item in facts.world.pay),
    "claims told in the nights": lambda facts: sum(expense.seen_on > NIGHTS_FROM for expense in facts.world.expenses),
    "accounts of the house": lambda facts: sum(HOUSE in [owner for _, owner in account.owners] for account in facts.world.accounts),
    "accounts owned by nobody": lambda facts: sum(account.owner_id is None for account in facts.world.accounts),
    "accounts handed over in mid-year": handed_over_in_a_year,
    "accounts that vanish": lambda facts: sum(account.gone_on is not None and account.gone_on < AS_OF for account in facts.world.accounts),
    "declared acquirers": basis("declared"),
    "inferred acquirers": basis("inferred"),
    "left-censored acquirers": basis("left_censored"),
    "customers without an acquirer": lambda facts: sum(win.acquirer_id == UNKNOWN for win in facts.wins.values()),
    "accounts of a campaign but of no method": lambda facts: sum(
        account.method is None and account.campaign_id is not None for account in facts.world.accounts
    ),
    "declared acquirers who sold nothing first": lambda facts: sum(
        win.basis == "declared" and win.acquirer_id != facts.sales_of[win.account_id][0].line.seller_id for win in facts.wins.values()
    ),
    "acquirers who came after online sales": lambda facts: sum(
        win.basis == "inferred" and facts.sales_of[win.account_id][0].on < win.on for win in facts.wins.values()
    ),
    "a tie that numbers decide and text would not": tie,
    "online lines": lines(lambda _, line: line.seller_id is None and line.channel == "online"),
    "lines that the house sells, since nobody did": lines(lambda facts, line: line.seller_id is None and facts.seller(line) == HOUSE),
    "lines that name the house": lines(lambda _, line: line.seller_id == HOUSE),
    "accounts that a rep won after lines that name the house": lambda facts: sum(
        win.basis != "declared" and facts.sales_of[win.account_id][0].line.seller_id == HOUSE and win.acquirer_id != HOUSE for win in facts.wins.values()
    ),
    "accounts that the house won": lambda facts: sum(win.acquirer_id == HOUSE and win.basis != "declared" for win in facts.wins.values()),
    "lines of an unknown seller": lines(lambda _, line: line.seller_id == UNKNOWN_SELLER),
    "lines without a territory": lines(lambda _, line: line.territory_id is None),
    "lines split 60 to 40": lines(lambda _, line: split_by(line, 2)),
    "lines split in thirds": lines(lambda _, line: split_by(line, 3)),
    "lines sold after their split was changed": lines(
        lambda _, line: (
            line.opportunity is not None and any(split.changed_on is not None and split.changed_on <= line.ordered_on for split in line.opportunity.splits)
        )
    ),
    "overlays": lambda facts: sum(split.role == "overlay" for deal in facts.world.opportunities for split in deal.splits),
    "lost deals": lambda facts: sum(deal.steps[-1][1] == "lost" for deal in facts.world.opportunities),
    "open deals": lambda facts: sum(deal.steps[-1][1] in ("qualify", "proposal") for deal in facts.world.opportunities),
    "adjustments of a part": lambda facts: sum(one.amount < one.line.booked for one in facts.world.adjustments),
    "adjustments of a whole line": lambda facts: sum(one.amount == one.line.booked for one in facts.world.adjustments),
    "adjustments that are taken back": lambda facts: sum(one.withdrawn_seen_on is not None for one in facts.world.adjustments),
    "adjustments of what was adjusted": lambda facts: len(facts.world.adjustments) - len({id(one.line) for one in facts.world.adjustments}),
    "adjustments of what was refunded": lambda facts: sum(any(one.line is line.refunds for line in facts.world.lines) for one in facts.world.adjustments),
    "refunds": lines(lambda _, line: line.refunds is not None and line.booked < 0 and line.quantity < 0),
    "late lines": lines(lambda facts, line: not line.told and line.seen_on > facts.world.calendar.seen(line.ordered_on)),
    "corrected lines": lines(lambda _, line: line.corrected_seen_on is not None and line.corrected_seen_on > line.seen_on),
    "deleted lines": lines(lambda _, line: line.deleted_seen_on is not None),
    "twins in one extract": lines(lambda _, line: line.corrected_seen_on == line.seen_on),
    "lines told in the nights": lines(lambda _, line: line.seen_on > NIGHTS_FROM),
    "accounts without an industry": lambda facts: sum(account.industry is None for account in facts.world.accounts),
    "industries mended later": lambda facts: sum(account.mended_on is not None and account.mended_on < AS_OF for account in facts.world.accounts),
    "accounts without a method": lambda facts: sum(account.method is None for account in facts.world.accounts),
    "accounts of a campaign": lambda facts: sum(account.campaign_id is not None for account in facts.world.accounts),
    "spend that is nobody's": lambda facts: sum(spend.campaign is None and spend.method is None for spend in facts.world.spends),
    "spend of a campaign": lambda facts: sum(spend.campaign is not None for spend in facts.world.spends),
    "spend in EUR": lambda facts: sum(spend.currency == "EUR" for spend in facts.world.spends),
    "second goal versions": lambda facts: sum(goal.version == 2 for goal in facts.world.goals),
    "ramped goals": lambda facts: sum(goal.ramp_pct is not None for goal in facts.world.goals),
    "goals that run beyond the last night": lambda facts: sum(goal.end_on > AS_OF for goal in facts.world.goals),
    "coaching": lambda facts: len(facts.world.sessions),
    "accounts merged in the old CRM": lambda facts: len(facts.world.merged_early),
    "accounts merged with the change of CRM": lambda facts: len(facts.world.merged) - len(facts.world.merged_early),
    "deals merged": lambda facts: sum(deal.merged_into is not None for deal in facts.world.opportunities),
    "lines told by both CRMs": lines(
        lambda facts, line: facts.world.crm_change and facts.world.crm_change.both_from_on <= line.ordered_on < facts.world.crm_change.on
    ),
    "people hired again, with cost under both numbers": lambda facts: sum(
        {user.employee_number, user.second.employee_number} <= {number for name, number, *_ in facts.costs.rows if name == user.crm_user_id}
        for user in facts.world.users
        if user.second is not None
    ),
    "sellers whose role bears no credit any more": lambda facts: sum(rep.rep_role == "SE" and rep.former_role is not None for rep in facts.world.reps),
    "sellers whose role bore no credit before": lambda facts: sum(rep.former_role == "SDR" for rep in facts.world.reps),
    "people with a new name": lambda facts: sum(person.renamed_on is not None for person in facts.world.people),
    "managers who sell": lambda facts: len(
        {user for sale in facts.sales for user, _, _ in sale.sellers if user != UNKNOWN and facts.persons[user].rep_role == "manager"}
    ),
    "leavers who vanish from the CRM": lambda facts: sum(person.vanished_on is not None for person in facts.world.people),
    "seats that vanish": lambda facts: sum(seat.vanishes for seat in facts.world.assignments),
    "accounts that are missing for a while": lambda facts: sum(account.away_from_on is not None for account in facts.world.accounts),
    "claims from a private e-mail": lambda facts: sum((expense.told_email or "").startswith("private.") for expense in facts.world.expenses),
    "rewards": lambda facts: len(facts.world.rewards),
    "versions seen in the nights": lambda facts: sum(version.seen_on > NIGHTS_FROM for person in facts.world.users for version in person.users),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_the_company_has(facts: Facts, feature: str) -> None:
    assert FEATURES[feature](facts) > 0


def test_who_left_may_cost_less_than_nothing_in_the_year_after() -> None:
    """Their last commission is taken back in part; a company of two years has nobody who left a year ago."""
    rows = rep_value(Facts(build_world(Size(reps=14, years=4))), 1)
    below = [row for row in rows if row["cost_amount"] < 0]
    assert {(row["reading"], row["value_ratio"]) for row in below} >= {("year", None), ("cohort", None), ("book", None)}


def test_no_two_pay_items_are_of_one_key() -> None:
    """Of two that are, one would lose: two clawbacks of a person may fall into one month."""
    pay = build_world(Size(reps=60, years=10)).pay
    assert max(Counter((item.employee_number, item.month_on, item.item_code) for item in pay).values()) == 1


def test_goals_cover_each_owner_and_metric(facts: Facts) -> None:
    found = {(goal.owner_type, goal.metric) for goal in facts.world.goals}
    metrics = ("revenue", "new_customers", "gross_margin")
    assert found == {("team", "revenue")} | {(owner, metric) for owner in ("rep", "territory", "company") for metric in metrics}


def test_a_few_large_customers_bring_much(facts: Facts) -> None:
    """A heavy tail: without it, no ranking would be uncertain."""
    values = sorted((facts.ltv(account_id, AS_OF)[0] for account_id in facts.wins), reverse=True)
    assert sum(values[: len(values) // 10]) > 0.3 * sum(values)


def test_it_grows_and_has_seasons() -> None:
    """Over enough years to see it through the noise."""
    sums: dict[dt.date, int] = {}
    for sale in Facts(build_world(Size(reps=14, years=6))).sales:
        month_on = sale.on.replace(day=1)
        sums[month_on] = sums.get(month_on, 0) + sale.revenue
    by_year = [sum(amount for on, amount in sums.items() if on.year == year) for year in range(2020, 2026)]
    assert all(before < after for before, after in zip(by_year, by_year[2:], strict=False))
    assert sum(amount for on, amount in sums.items() if on.month == 12) > 1.2 * sum(amount for on, amount in sums.items() if on.month == 8)


def test_a_slip_of_a_day_never_moves_a_sale_into_the_crm_before():
    """There it would be another's event, told twice, which the gate blocks: a demo must pass its own gate whatever its size."""
    world = build_world(Size(reps=6, years=2))
    assert world.crm_change is not None
    takeover, day = world.crm_change.on, dt.timedelta(days=1)
    slips = [day_before(world, on) for on in (world.calendar.first_on, takeover, takeover + day, takeover - day)]
    assert slips == [world.calendar.first_on, takeover, takeover, takeover - 2 * day]
