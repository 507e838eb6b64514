"""The true answers, from the generator's events alone: value against cost of reps and groups, in every reading.

Belongs here: `rep_value` and `group_value`. Doesn't: the rules of credit and cost (`facts`), the other answers (`truth_more`), files.

Where the rules leave room, this is how they are read:
- A career row exists for whoever has a row of any year. `revenue_amount` is the revenue on year rows of either measure and null
  elsewhere; `realised_ltv_amount` is the value of cohort and career rows and null elsewhere (a book is a mean over a year, no LTV at a date).
- `customers_acquired` and `left_censored_customers` are null on year and book rows; `is_mature` is null except on cohort rows with an age.
- Components missing from a career: those missing in any year in which anybody has cost. Who is no employee lacks all of pay and carries nothing;
  so does a group in which they sell, won, hold a book or cost anything. Where unknown counts and was paid as many people, it has their pay; and
  the company has all that is shared, whoever carries it. Nobody pays the house.
  Base, taxes and benefits are asked of each rep: told for each whole month of the employment that was not all absence, or at least for a part of one.
- Who won a customer is fixed for ever, and cost never leaves the person: through a lens only the groups that they count in differ.
- What is paid once (severance, sign-on, recruiting) or for long leave is in a career and in groups, no rep's year: who had nothing else has a year of cost 0.
- Roles of `WITHOUT_CREDIT` bear no credit: such a person has no ratio, whatever they sold, and is counted in the group. The role is that of the
  last day employed up to the year's end, or up to the eve of the as-of date; a career has no ratio if no year's role bears credit, through whatever lens.
- Nor has who is no employee: nobody knows their pay.
- Tools and overhead are shared; what managers' reps carry of them, and what leaves them for it, is management; the rest is direct.
- A territory of the tree counts what itself and all below it have. The demo's tree never changes.
- The company's group id is `company`; unknown groups and reps are named `unknown`.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from orchestration.demo.calendar import AS_OF, add_months, fiscal_year, fiscal_year_end, last_day
from orchestration.demo.events import UNKNOWN, Person
from orchestration.demo.facts import MEASURES, Facts, Values, Win
from orchestration.demo.lenses import LENSES, owner_years, read_in_year
from orchestration.demo.loaded import PAID_ONCE, Presence
from orchestration.demo.money import UNIT, decimal, half_away
from orchestration.demo.truth_standard import Standard, standard_costs

Row = dict[str, Any]
AGES = (12, 24, 36, None)
COMPONENTS = ("base", "commission", "bonus", "taxes", "benefits", "expenses", "tools", "overhead", "management")
PARTS: dict[str, str] = {"tools": "shared", "overhead": "shared", "management": "management"}
GROUPS = ("team", "manager", "territory", "territory_tree", "company")
WITHOUT_CREDIT = ("SDR", "SE", "CSM", "house")
COST_BELOW_0 = "the cost is below 0: more was taken back than paid"
LATER = ("projected_ltv_amount", "projected_ltv_low_amount", "projected_ltv_high_amount", "projected_value_ratio", "quality_grade")


@lru_cache(maxsize=8)
def _monthly_costs(facts: Facts) -> dict[tuple[str, dt.date], dict[tuple[str, bool], Values]]:
    """Cost of each user and month, by part and whether it is paid once: all of it, and what is an estimate."""
    sums: dict[tuple[str, dt.date], dict[tuple[str, bool], Values]] = defaultdict(dict)
    for row, (amount, _) in facts.costs.rows.items():
        user, _, month_on, component, _ = row
        of_month, key = sums[user, month_on], (PARTS.get(component, "direct"), component in PAID_ONCE)
        before = of_month.get(key, (0, 0))
        of_month[key] = (before[0] + amount, before[1] + facts.costs.estimated.get(row, [0])[0])
    return sums


@lru_cache(maxsize=64)
def ledger_of(facts: Facts, start_month: int, kind: str, lens: str) -> "Ledger":
    """Each one made once; nobody changes it."""
    return Ledger(facts, start_month, kind, lens)


class Ledger:
    """Value, cost, wins and book of the members of one kind (rep, team, manager ...) through one lens, by member and fiscal year."""

    def __init__(self, facts: Facts, start_month: int, kind: str, lens: str) -> None:
        self.facts, self.start_month, self.kind, self.lens = facts, start_month, kind, lens
        self.sold: dict[tuple[str, int], Values] = defaultdict(lambda: (0, 0))
        self.cost: dict[tuple[str, int], int] = defaultdict(int)
        self.estimated: dict[tuple[str, int], int] = defaultdict(int)
        self.parts: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.paid_once: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        self.won: dict[tuple[str, int], list[Win]] = defaultdict(list)
        self.book: dict[tuple[str, int], Values] = defaultdict(lambda: (0, 0))
        self.users: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._charge()
        for win in facts.wins.values():
            for key in self.keys(win.acquirer_id, win.on):
                self.won[key].append(win)
        if lens == "as_sold":
            self._sell_and_hold()
        else:
            self._own()
        # Whoever looks up what isn't there must not put it there.
        self.sold, self.cost, self.estimated, self.parts = dict(self.sold), dict(self.cost), dict(self.estimated), dict(self.parts)
        self.paid_once, self.won, self.book, self.users = dict(self.paid_once), dict(self.won), dict(self.book), dict(self.users)

    def _charge(self) -> None:
        """Cost of each member and year; of a rep, what is paid once is kept apart."""
        for (user, month_on), costs in _monthly_costs(self.facts).items():
            for key in self.keys(user, last_day(month_on)):
                for (part, is_once), (amount, estimated) in costs.items():
                    is_of_year = self.kind != "rep" or not is_once
                    if not is_of_year:
                        paid, guessed = self.paid_once[key[0]]
                        self.paid_once[key[0]] = (paid + amount, guessed + estimated)
                    self.cost[key] += amount * is_of_year
                    self.estimated[key] += estimated * is_of_year
                    self.parts[key][part] += amount * is_of_year

    def _sell_and_hold(self) -> None:
        """Sales count for who sold, books for who held the account at each month's end."""
        for (user, from_on), values in self.facts.sold_in_spells.items():
            for key in self.keys(user, from_on):
                _add(self.sold, key, values)
        for (owner, end_on), values in self.facts.books.items():
            for key in self.keys(owner, end_on - dt.timedelta(days=1)):
                _add(self.book, key, values)

    def _own(self) -> None:
        """Sales and books of a year count for who owned the account on the day that the lens reads."""
        for (owner, year), (sold, book) in owner_years(self.facts, self.start_month, self.lens).items():
            for key in self.keys(owner, fiscal_year_end(year, self.start_month) - dt.timedelta(days=1)):
                _add(self.sold, key, sold)
                _add(self.book, key, book)

    def keys(self, user: str, day: dt.date) -> list[tuple[str, int]]:
        """For which members and year something of a user and a day counts: one, but as many as a territory is deep in the tree.

        The user is one of their people from then on.
        """
        year = fiscal_year(day, self.start_month)
        read = read_in_year(self.lens, day, year, self.start_month)
        if self.kind == "territory_tree":
            found = [(member, year) for member in self.facts.upwards(self.facts.group("territory", user, read))]
        else:
            found = [(self.facts.group(self.kind, user, read), year)]
        for key in found:
            self.users[key].add(user)
        return found

    def years(self) -> list[tuple[str, int]]:
        """Every member-year with anything in it."""
        return sorted(self.sold.keys() | self.cost.keys() | self.won.keys() | self.book.keys())

    @cached_property
    def years_of(self) -> dict[str, list[int]]:
        """The years of each member."""
        found: dict[str, list[int]] = defaultdict(list)
        for member, year in self.years():
            found[member].append(year)
        return found


def _add(sums: dict[tuple[str, int], Values], key: tuple[str, int], values: Values) -> None:
    old = sums[key]
    sums[key] = (old[0] + values[0], old[1] + values[1])


@lru_cache(maxsize=8)
def _paid_in(facts: Facts) -> set[tuple[dt.date, str]]:
    """Which components any rep was paid or carried in which month."""
    return {(month_on, component) for crm_user_id, _, month_on, component, _ in facts.costs.rows if crm_user_id != UNKNOWN}


@lru_cache(maxsize=128)
def missing_components(facts: Facts, start_month: int, year: int) -> set[str]:
    """What no rep was paid or carried in the fiscal year; a rule tells of management, whoever is managed."""
    paid = {component for month_on, component in _paid_in(facts) if fiscal_year(month_on, start_month) == year}
    ruled = {"management"} & {rule.kind for rule in facts.world.rules} if paid else set()
    return set(COMPONENTS) - paid - ruled


@lru_cache(maxsize=128)
def _paid_under_unknown(facts: Facts, start_month: int, year: int) -> int:
    """How many employees were paid whom the CRM doesn't know."""
    rows = [(number, month_on) for user, number, month_on, component, _ in facts.costs.rows if user == UNKNOWN and component == "base"]
    return len({number for number, month_on in rows if fiscal_year(month_on, start_month) == year})


def _lacking(ledger: Ledger, member: str, year: int) -> set[str]:
    """What the cost of a member's year is without: what nobody was paid or carried, and what those lack whom nobody pays."""
    facts, users = ledger.facts, ledger.users[member, year]
    found = missing_components(facts, ledger.start_month, year).union(*(_unpaid(facts, ledger.start_month).get((user, year), ()) for user in users))
    persons = [facts.persons[user] for user in users if user in facts.persons]
    unpaid = [one for one in persons if one.employee_number is None and (ledger.kind == "rep" or one.rep_role != "house")]
    if unpaid and ledger.kind != "company":
        found = found | {"tools", "overhead", "management"}
    if len(unpaid) > (_paid_under_unknown(facts, ledger.start_month, year) if UNKNOWN in users else 0):
        spent = all(ledger_of(facts, ledger.start_month, "rep", "as_sold").cost.get((one.crm_user_id or "", year)) for one in unpaid)
        found = found | {"base", "commission", "bonus", "taxes", "benefits"} | (set() if spent else {"expenses"})
    return found


@lru_cache(maxsize=8)
def _unpaid(facts: Facts, start_month: int) -> dict[tuple[str, int], set[str]]:
    """Which of base, taxes and benefits a rep-year is without: in a whole month of the employment, or in every part of one."""
    told = {(item.employee_number, month_on, item.component) for item in facts.world.pay for month_on in item.months}
    away = [(one.employee_number, one.starts_on, one.ends_on) for one in facts.world.absences if one.pct == 100]
    asked: dict[tuple[str, int, str], list[tuple[bool, bool]]] = defaultdict(list)
    for month_on, presences in facts.present.items():
        if add_months(month_on, 2) > AS_OF:
            continue
        of_month: dict[str, list[Presence]] = defaultdict(list)
        for one in presences:
            of_month[one.carrier[0]].append(one)
        for user, employments in of_month.items():
            days = [(one.carrier[1], day) for one in employments for day in one.days]
            is_away = all(any(number == other and from_on <= day < to_on for other, from_on, to_on in away) for number, day in days)
            for component in ("base", "taxes", "benefits"):
                is_told = any((number, month_on, component) in told for number, _ in days)
                if is_told or not is_away:
                    is_whole = len(days) == (add_months(month_on, 1) - month_on).days
                    asked[user, fiscal_year(month_on, start_month), component].append((is_told, is_whole))
    lacking: dict[tuple[str, int], set[str]] = defaultdict(set)
    for (user, year, component), months in asked.items():
        if any(is_whole and not is_told for is_told, is_whole in months) or not any(is_told for is_told, _ in months):
            lacking[user, year].add(component)
    return dict(lacking)


def value_rows(facts: Facts, start_month: int, kind: str) -> Iterator[Row]:
    """Every row of rep_value (kind `rep`) or of a group type of group_value; `member` holds the id."""
    for lens in LENSES:
        yield from _lens_rows(ledger_of(facts, start_month, kind, lens))


def _lens_rows(ledger: Ledger) -> Iterator[Row]:
    years = ledger.years()
    missing = {(member, year): _lacking(ledger, member, year) for member, year in years}
    for member, year in years:
        yield from _year_rows(ledger, member, year, missing[member, year])
    for member in sorted({member for member, _ in years}):
        yield from _career_rows(ledger, member, missing)


def _year_rows(ledger: Ledger, member: str, year: int, missing: set[str]) -> Iterator[Row]:
    key = (member, year)
    cost, wins = (ledger.cost.get(key, 0), ledger.estimated.get(key, 0), ledger.parts.get(key, {})), ledger.won.get(key, [])
    sold = ledger.sold.get(key, (0, 0))
    for measure in range(len(MEASURES)):
        row = _row(ledger, member, "year", year, None, measure, sold[measure], cost, missing)
        yield row | {"revenue_amount": decimal(sold[0]), "tcv_amount": decimal(sold[0])}
        yield _row(ledger, member, "book", year, None, measure, half_away(ledger.book.get(key, (0, 0))[measure], 12), cost, missing)
    for age in AGES:
        values, told = ledger.facts.ltv_of(wins, age), _acquired(wins) | {"is_mature": is_mature(wins, age, year, ledger.start_month)}
        for measure, value in enumerate(values):
            row = _row(ledger, member, "cohort", year, age, measure, value, cost, missing)
            yield row | told | {"realised_ltv_amount": decimal(value)}


def _career_rows(ledger: Ledger, member: str, missing: Mapping[tuple[str, int], set[str]]) -> Iterator[Row]:
    years = ledger.years_of[member]
    wins = [win for year in years for win in ledger.won.get((member, year), [])]
    costs = {year: ledger.cost[member, year] for year in years if (member, year) in ledger.cost}
    estimated = sum(ledger.estimated[member, year] for year in costs)
    paid_years = [year for year in years if missing_components(ledger.facts, ledger.start_month, year) != set(COMPONENTS)]
    lacking = set().union(*(missing[member, year] for year in paid_years)) if paid_years else set(COMPONENTS)
    paid_once = ledger.paid_once.get(member, (0, 0))
    parts = {part: sum(ledger.parts[member, year].get(part, 0) for year in costs) for part in ("shared", "management")}
    cost = sum(costs.values()) + paid_once[0]
    parts["direct"] = cost - sum(parts.values())
    for measure, value in enumerate(ledger.facts.ltv_of(wins, None)):
        row = _row(ledger, member, "career", None, None, measure, value, (cost, estimated + paid_once[1], parts), lacking)
        yield row | _acquired(wins) | {"realised_ltv_amount": decimal(value)}


def is_mature(wins: list[Win], age: int | None, year: int, start_month: int) -> bool | None:
    """Whether every account won has the age; with none won, whether the last day of the year would."""
    if age is None:
        return None
    last_on = max((win.on for win in wins), default=fiscal_year_end(year, start_month))
    return add_months(last_on, age) <= AS_OF


def _acquired(wins: list[Win]) -> Row:
    return {"customers_acquired": len(wins), "left_censored_customers": sum(win.basis == "left_censored" for win in wins)}


def _row(
    ledger: Ledger,
    member: str,
    reading: str,
    year: int | None,
    age: int | None,
    measure: int,
    value: int,
    costs: tuple[int, int, Mapping[str, int]],
    missing: set[str],
) -> Row:
    """costs: all of it, what of it is an estimate, and its parts."""
    cost, estimated, parts = costs
    return {
        "member": member,
        "reading": reading,
        "fiscal_year": year,
        "age_months": age,
        "lens": ledger.lens,
        "basis": ledger.facts.basis,
        "value_measure": MEASURES[measure],
        "cost_basis": "actual",
        "value_amount": decimal(value),
        "cost_components_missing": ", ".join(name for name in COMPONENTS if name in missing) or None,
        **_cost_columns(value, cost, estimated, parts),
    }


def _cost_columns(value: int, cost: int, estimated: int, parts: Mapping[str, int]) -> Row:
    return {
        "cost_amount": decimal(cost),
        **{f"{part}_cost_amount": decimal(parts.get(part, 0)) for part in ("direct", "shared", "management")},
        "net_value_amount": decimal(value - cost),
        "value_ratio": value_ratio(value, cost),
        "cost_estimated_pct": ratio(100 * estimated, cost),
    }


def value_ratio(value: int, cost: int) -> Any:
    """A cost below 0 divides nothing, either."""
    return ratio(value, cost) if cost > 0 else None


def ratio(value: int, cost: int) -> Any:
    """Six decimals; nothing when there is no cost."""
    return None if cost == 0 else decimal(half_away(value * 10**6 * (1 if cost > 0 else -1), abs(cost)), 6)


def standards_of(facts: Facts, start_month: int) -> dict[tuple[str, int | None], Standard]:
    """The standard cost of each rep's year and career."""
    ledger = ledger_of(facts, start_month, "rep", "as_sold")
    actual = {key: (cost, ledger.estimated[key], dict(ledger.parts[key])) for key, cost in list(ledger.cost.items())}
    return standard_costs(facts, start_month, actual, ledger.paid_once)


def _by_cost_basis(facts: Facts, start_month: int) -> Iterator[Row]:
    """Each row as it is, and that of a year, a cohort or a career with the standard cost."""
    standards = standards_of(facts, start_month)
    for row in value_rows(facts, start_month, "rep"):
        yield dict(row)
        if row["reading"] != "book":
            standard = standards.get((row["member"], row["fiscal_year"])) or Standard((0, 0, {}), "person", 1)
            told = {"cost_basis": "standard", "standard_cost_level": standard.level, "standard_cost_people": standard.people}
            yield row | told | _cost_columns(int(row["value_amount"] * UNIT), *standard.costs)


def is_no_employee(person: Person | None) -> bool:
    """Of the CRM alone, and never hired."""
    return person is not None and (person.second or person).employee_number is None


def withheld_reason(facts: Facts, user: str, ends: Sequence[dt.date]) -> str | None:
    """Why somebody has no ratio, whatever they sold and cost, of the years before the ends."""
    roles = [facts.role_at(user, end) for end in ends] if user in facts.persons else []
    if roles and all(role in WITHOUT_CREDIT for role in roles):
        return f"counted in the group: the role {roles[-1]} bears no credit"
    return "no employee is matched: no pay is known" if is_no_employee(facts.persons.get(user)) else None


def year_withheld(facts: Facts, user: str, year: int, start_month: int) -> str | None:
    """Of a fiscal year."""
    return withheld_reason(facts, user, [fiscal_year_end(year, start_month)])


def _career_withheld(facts: Facts, user: str, start_month: int) -> str | None:
    years = {year for lens in LENSES for year in ledger_of(facts, start_month, "rep", lens).years_of[user]}
    return withheld_reason(facts, user, [fiscal_year_end(year, start_month) for year in sorted(years)])


def rep_value(facts: Facts, start_month: int) -> Iterator[Row]:
    """A row a rep (and unknown), reading, year, age, lens, measure and cost basis."""
    for row in _by_cost_basis(facts, start_month):
        member, year = row.pop("member"), row["fiscal_year"]
        person = facts.persons.get(member)
        reason = _career_withheld(facts, member, start_month) if year is None else year_withheld(facts, member, year, start_month)
        if reason:
            row |= {"value_ratio": None, "ratio_withheld_reason": reason}
        elif row["cost_amount"] < 0:
            row["ratio_withheld_reason"] = COST_BELOW_0
        yield {
            "crm_user_id": member,
            "employee_number": (person.second or person).employee_number if person else None,
            "rep_name": person.name if person else UNKNOWN,
        } | row


def group_value(facts: Facts, start_month: int) -> Iterator[Row]:
    """The same for teams, managers, territories and the company."""
    for kind in GROUPS:
        for row in value_rows(facts, start_month, kind):
            member = row.pop("member")
            yield {"group_type": kind, "group_id": member, "group_name": group_name(facts, kind, member)} | row


def group_name(facts: Facts, kind: str, member: str) -> str:
    """Name of a group as it is now."""
    if kind == "company":
        return facts.world.name
    if kind == "manager":
        return facts.persons[member].name if member in facts.persons else UNKNOWN
    names = facts.world.teams if kind == "team" else facts.territory_names
    return names.get(member, UNKNOWN)
