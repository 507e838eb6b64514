"""A company under 4-4-5 that changed its year-end: the figures of its years against the simulated company's events, counted day by day."""

import datetime as dt
import html
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from orchestration.demo import Size, build_world, write_demo
from orchestration.demo.bases import in_basis
from orchestration.demo.calendar import AS_OF, add_months
from orchestration.demo.facts import Facts
from orchestration.demo.money import decimal, half_away
from orchestration.explain.explanation import explain
from orchestration.publication import manifest
from orchestration.settings import Home, read_company
from tests.pipeline.interrupted_night import copy_of, is_told_on
from tests.pipeline.small_company import deliver, new_company, nightly, published, repledger

WEEKS = (4, 4, 5) * 4
# Years end on a Sunday in September; then the year-end moves to January, by a year of 17 weeks, and the next one has 53.
YEARS = ((2024, dt.date(2023, 10, 1), WEEKS), (2025, dt.date(2024, 9, 29), (4, 4, 5, 4)), (2026, dt.date(2025, 1, 26), (*WEEKS[:-1], 6)))
ENDS = {2024: dt.date(2024, 9, 29), 2025: dt.date(2025, 1, 26), 2026: dt.date(2026, 2, 1)}
SIZE = {"reps": 4, "years": 2, "activities": 50, "changes_crm": False}
COMPANY = "group_type = 'company' and lens = 'as_sold' and basis = 'nominal' and value_measure = 'revenue'"
Period = dict[str, object]


def periods(code: str = "445") -> list[Period]:
    found: list[Period] = []
    for year, day, weeks in YEARS:
        starts = [day + dt.timedelta(weeks=sum(weeks[:number])) for number in range(len(weeks) + 1)]
        for number, (start, end) in enumerate(pairwise(starts), 1):
            found.append({"calendar_code": code, "fiscal_year": year, "fiscal_period": number, "starts_on": start, "ends_on": end})
    return found


def quarters() -> list[Period]:
    """Another calendar beside it, by which the company only plans."""
    starts = [dt.date(2024, month, 1) for month in (1, 4, 7, 10)]
    return [
        {"calendar_code": "PLAN", "fiscal_year": 2024, "fiscal_period": number, "starts_on": start, "ends_on": add_months(start, 3)}
        for number, start in enumerate(starts, 1)
    ]


def year_of(day: dt.date) -> int:
    return min(year for year, end_on in ENDS.items() if day < end_on)


@pytest.fixture(scope="module")
def facts() -> Facts:
    return Facts(build_world(Size(**SIZE)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("fiscal") / "home")
    write_demo(home, **SIZE, progress=lambda _: None)  # type: ignore[arg-type]
    text = home.company_file.read_text()
    assert '# fiscal_calendar = "445"' in text, "the file that is written shows the key"
    # With long leave inside the cost: the days of a calendar are told from pay alone.
    home.company_file.write_text(re.sub("# leave_types = .*", "leave_types = []", text.replace('# fiscal_calendar = "445"', 'fiscal_calendar = "445"')))
    deliver(home.root, "fiscal_calendar", "2024-02-01", [*periods(), *quarters()])
    nightly(home.root)
    return home


def test_revenue_is_of_the_year_of_its_day(home: Home, facts: Facts) -> None:
    company: dict[int, int] = defaultdict(int)
    reps: dict[tuple[str, int], int] = defaultdict(int)
    for sale in facts.sales:
        company[year_of(sale.on)] += sale.revenue
        for user, revenue, _ in sale.sellers:
            reps[user, year_of(sale.on)] += revenue
    found = published(home.root, "select fiscal_year, sum(revenue_amount) from company_revenue where basis = 'nominal' group by 1")
    assert dict(found) == {year: decimal(amount) for year, amount in company.items()}
    told = published(home.root, "select crm_user_id, fiscal_year, revenue_amount from rep_year where revenue_amount <> 0")
    assert {(user, year): amount for user, year, amount in told} == {key: decimal(amount) for key, amount in reps.items() if amount}
    assert {year for year, _ in found} == set(ENDS)


def test_pay_of_a_month_that_a_years_end_cuts_goes_by_days(home: Home, facts: Facts) -> None:
    """To the last decimal: of each item, or of its share of a month, the rounded amount up to the cut, and the rest."""
    people = {person.employee_number: person for person in facts.world.people}
    sums: dict[tuple[str, str, int], int] = defaultdict(int)
    for item in facts.world.pay:
        holder = facts.holder(people[item.employee_number])
        for month_on, amount in item.by_month(in_basis(facts.world, "nominal", item.amount, item.currency, item.month_on)).items():
            days = (add_months(month_on, 1) - month_on).days
            for year, first, until in _parts(month_on) if holder else ():
                sums[holder or "", item.component, year] += half_away(amount * until, days) - half_away(amount * first, days)
    found = published(
        home.root,
        "select crm_user_id, component, fiscal_year, sum(cost_amount) from fct_rep_cost"
        " where component not in ('expenses', 'tools', 'overhead', 'coaching', 'management') group by 1, 2, 3",
    )
    assert {(user, component, year): amount for user, component, year, amount in found} == {key: decimal(amount) for key, amount in sums.items()}
    cut = published(home.root, "select distinct month_on from fct_rep_cost group by month_on, component, employee_number having count(*) > 1 order by 1")
    assert (dt.date(2024, 9, 1),) in cut and (dt.date(2025, 1, 1),) in cut


def _parts(month_on: dt.date) -> Iterator[tuple[int, int, int]]:
    """Fiscal year, and the days of the month before the part and up to its end."""
    days = [month_on + dt.timedelta(days=number) for number in range((add_months(month_on, 1) - month_on).days)]
    for year in sorted({year_of(day) for day in days}):
        of_year = [number for number, day in enumerate(days) if year_of(day) == year]
        yield year, of_year[0], of_year[-1] + 1


def test_months_and_all_years_together_are_as_without_a_calendar(home: Home, facts: Facts) -> None:
    """The cut moves nothing from one month to another: each component of a month is what the events say; pay for days is one, leave in it."""
    for_days = ("base", "taxes", "benefits", "other", "paid_leave")
    sums: dict[tuple[dt.date, str], int] = defaultdict(int)
    for (_, _, month_on, component, _), (amount, _) in facts.costs.rows.items():
        if component not in ("tools", "overhead", "coaching", "management"):
            sums[month_on, "days" if component in for_days else component] += amount
    names = "component not in ('tools', 'overhead', 'coaching', 'management')"
    kind = f"case when component in {for_days} then 'days' else component end"
    found = published(home.root, f"select month_on, {kind}, sum(cost_amount) from fct_rep_cost where {names} group by 1, 2")
    assert {(month_on, component): amount for month_on, component, amount in found} == {key: decimal(amount) for key, amount in sums.items()}
    of_company = f"select cost_amount from group_value where {COMPANY} and reading = 'year' and fiscal_year = "
    for year in ENDS:
        paid = published(home.root, f"select sum(cost_amount) from fct_rep_cost where fiscal_year = {year} and month_on < date '{AS_OF}'")
        assert published(home.root, of_company + str(year)) == paid


def test_a_book_counts_each_end_of_a_month_by_its_days(home: Home, facts: Facts) -> None:
    """Also the end of the part of a month that a year's end cuts; 365 days make a whole year."""
    first, months = facts.world.calendar.first_on, facts.world.calendar.months
    days = sorted({*months, *(end_on for end_on in ENDS.values() if first < end_on < AS_OF)})
    sums: dict[int, int] = defaultdict(int)
    for start, end in pairwise(days):
        held = sum(facts.ltv(account_id, end)[0] for account_id in facts.sales_of)
        sums[year_of(start)] += held * (end - start).days
    found = published(home.root, f"select fiscal_year, value_amount from group_value where {COMPANY} and reading = 'book'")
    assert dict(found) == {year: decimal(half_away(amount, 365)) for year, amount in sums.items()}


def test_years_of_other_lengths_are_not_compared(home: Home) -> None:
    """17 weeks after 52, and 53 after 17: growth and retention would say nothing."""
    assert published(home.root, "select * from like_for_like") == []
    assert published(home.root, "select distinct customers_before from segment_value where customers_before is not null") == []


def test_every_cell_is_explained(home: Home) -> None:
    rep = published(home.root, "select crm_user_id from rep_year where fiscal_year = 2025 and revenue_amount > 0 and cost_amount > 0 order by 1 limit 1")[0][0]
    asked = {"crm_user_id": rep, "fiscal_year": "2025", "lens": "as_sold", "basis": "nominal", "value_measure": "revenue"}
    for column, reading in (("value_amount", "year"), ("value_amount", "book"), ("cost_amount", "year")):
        found = explain(home, read_company(home), "rep_value", column, asked | {"reading": reading})
        assert found.lines and sum((Decimal(str(line["amount"])) for line in found.lines), Decimal(0)) == found.cell.value, (column, reading)
    key = published(
        home.root, f"select * from fct_rep_cost where crm_user_id = '{rep}' and month_on = date '2025-01-01' and component = 'base' and fiscal_year = 2025"
    )
    given = dict(zip(("crm_user_id", "employee_number", "month_on", "fiscal_year", "component", "currency"), map(str, key[0]), strict=False))
    found = explain(home, read_company(home), "fct_rep_cost", "cost_amount", given)
    assert sum((Decimal(str(line["amount"])) for line in found.lines), Decimal(0)) == found.cell.value


def test_calendars_stand_beside_each_other(home: Home) -> None:
    found = published(
        home.root,
        "select calendar_code, fiscal_year, count(*), sum(period_days), sum(period_weeks), bool_and(is_company_calendar) from dim_fiscal_period"
        " group by 1, 2 order by 1, 2",
    )
    assert found == [
        ("445", 2024, 12, 364, 52, True), ("445", 2025, 4, 119, 17, True), ("445", 2026, 12, 371, 53, True), ("PLAN", 2024, 4, 366, 26, False),
    ]  # fmt: skip
    days = published(home.root, "select fiscal_year, fiscal_quarter, fiscal_month from dim_date where date_on in ('2024-09-28', '2024-09-29') order by date_on")
    assert days == [(2024, 4, 12), (2025, 1, 1)]
    closed = published(home.root, "select fiscal_year, fiscal_period, period_end_on from period_status where month_on = date '2024-12-29'")
    assert closed == [(2025, 4, dt.date(2025, 1, 26))]
    page = (home.published / "index.html").read_text(encoding="utf-8")
    assert "29 September 2024 to 25 January 2025" in html.unescape(page)


def test_a_bad_calendar_blocks_in_words(tmp_path: Path) -> None:
    """A gap, an overlap and two versions of a period."""
    told = [one for one in periods() if (one["fiscal_year"], one["fiscal_period"]) != (2025, 2)]
    told = [one | ({"ends_on": dt.date(2025, 2, 2)} if (one["fiscal_year"], one["fiscal_period"]) == (2025, 4) else {}) for one in told]
    done = _refused(tmp_path, [*told, told[0] | {"ends_on": dt.date(2023, 10, 30)}])
    assert "one_version: 2 rows, first calendar_code=445, fiscal_year=2024, fiscal_period=1" in done, done
    assert "periods_follow_each_other: 2 rows, first calendar_code=445, fiscal_year=2025, fiscal_period=1" in done, done


def test_a_calendar_without_the_year_of_a_sale_blocks_in_words(tmp_path: Path) -> None:
    done = _refused(tmp_path, [one for one in periods() if one["fiscal_year"] != 2024])
    assert "money_in_calendar: 1 row, first calendar_code=445, day_on=2024-03-01, entity=order_line" in done, done


def test_a_company_without_its_calendar_blocks_in_words(tmp_path: Path) -> None:
    assert "company_calendar_delivered: 1 row, first calendar_code=445" in _refused(tmp_path, periods("454"))


def _refused(home: Path, calendar: list[Period]) -> str:
    new_company(home, fiscal_calendar="445")
    user = {"crm_user_id": "ann", "rep_role": "hunter", "is_active": "true"}
    line = {"order_line_id": "1", "order_id": "1", "account_id": "a", "crm_user_id": "ann", "currency": "USD", "booked_amount": "100"}
    deliver(home, "crm_user", "2025-03-01", [user])
    deliver(home, "order_line", "2025-03-01", [line | {"ordered_on": "2024-03-01"}])
    deliver(home, "fiscal_calendar", "2025-03-01", calendar)
    done = repledger("nightly", home=home)
    assert done.returncode == 1
    return done.stderr


EARLY, LATE = "2025-02-10", "2025-03-01"
PAY = {"item_code": "b", "component": "base", "currency": "USD"}


def _line(number: str, day: str, amount: str, user: str = "ann") -> Period:
    told = {"order_line_id": number, "order_id": number, "account_id": "a", "crm_user_id": user, "currency": "USD"}
    return told | {"ordered_on": day, "booked_amount": amount}


def _pay(number: str, month: str, end: str, amount: str) -> Period:
    return {"employee_number": number, "period_start_on": f"{month}-01", "period_end_on": end, "pay_amount": amount} | PAY


def _deliver_early(home: Path) -> None:
    """Two reps; ann is on paid leave from 16 September, twelve days before the year ends, to 14 October."""
    people = [{"crm_user_id": name, "user_name": name.title(), "employee_number": name, "rep_role": "hunter", "team_id": "north"} for name in ("ann", "bea")]
    deliver(home, "crm_user", EARLY, people)
    deliver(home, "account", EARLY, [{"account_id": "a", "owner_crm_user_id": "ann", "region": "North"}])
    deliver(home, "employee", EARLY, [{"employee_number": name, "hired_on": "2024-01-01"} for name in ("ann", "bea")])
    deliver(home, "fiscal_calendar", EARLY, periods())
    close = {"is_closed": "true", "closed_on": "2025-01-15", "closed_by": "cem"}
    deliver(home, "period_close", EARLY, [close | {"month_on": day} for day in ("2024-10-27", "2024-11-01")])
    deliver(home, "order_line", EARLY, [_line("1", "2024-09-28", "10000"), _line("2", "2024-09-30", "10000"), _line("3", "2025-01-25", "40", "bea")])
    deliver(home, "pay_item", EARLY, [_pay("ann", "2024-09", "2024-10-01", "3000"), _pay("ann", "2025-01", "2025-02-01", "3100")])
    deliver(home, "absence", EARLY, [{"employee_number": "ann", "absence_type": "parental", "starts_on": "2024-09-16", "ends_on": "2024-10-14"}])


def _add(home: Path) -> None:
    """Of months that a year's end cuts: a line late on either side, one corrected, pay of bea; and that ann's leave began ten days later."""
    lines = [_line("4", "2024-09-02", "7"), _line("5", "2024-09-29", "5", "bea"), _line("6", "2025-01-26", "9"), _line("3", "2025-01-25", "50", "bea")]
    deliver(home, "order_line", LATE, lines)
    deliver(home, "pay_item", LATE, [_pay("bea", "2024-09", "2024-10-01", "600"), _pay("bea", "2025-01", "2025-02-01", "620")])
    deliver(home, "expense_line", LATE, [_EXPENSE | {"spent_on": "2024-09-29"}])
    leave = {"employee_number": "ann", "absence_type": "parental"}
    deliver(home, "absence", LATE, [leave | {"starts_on": "2024-09-16", "ends_on": "2024-10-14", "is_deleted": "true"}])
    deliver(home, "absence", LATE, [leave | {"starts_on": "2024-09-26", "ends_on": "2024-10-14"}], file="later.csv")


_EXPENSE = {"report_id": "r", "line_number": "1", "claimant_employee_number": "bea", "category": "travel", "expense_amount": "33", "currency": "USD"}


@pytest.fixture(scope="module")
def told_on(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Under the calendar: a home after its first night, the same after a second that adds, and one that found all of it at once."""
    folder = tmp_path_factory.mktemp("told_on")
    early = new_company(folder / "early", fiscal_calendar="445")
    _deliver_early(early)
    nightly(early)
    late = copy_of(early, folder / "late")
    _add(late)
    nightly(late)
    anew = new_company(folder / "anew", fiscal_calendar="445")
    _deliver_early(anew)
    _add(anew)
    nightly(anew)
    return early, late, anew


def _sha256(home: Home) -> dict[str, str]:
    shown = manifest.current(home)
    assert shown is not None
    return {table.name: table.sha256 for table in shown[0].tables}


def test_what_comes_late_to_a_month_that_a_years_end_cuts_is_told_on(told_on: tuple[Path, Path, Path]) -> None:
    early, late, anew = told_on
    assert is_told_on(late) and not is_told_on(anew)
    assert _sha256(Home(late)) == _sha256(Home(anew))
    changed = {name for name, sha256 in _sha256(Home(late)).items() if sha256 != _sha256(Home(early))[name]}
    assert changed >= {"fct_order_line", "fct_rep_cost", "rep_value", "company_revenue"}, "or it was told nothing"
    revenue = "select fiscal_year, revenue_amount from company_revenue where basis = 'nominal' order by 1"
    assert published(early, revenue) == [(2024, 10000), (2025, 10040)]
    assert published(late, revenue) == [(2024, 10007), (2025, 10055), (2026, 9)]


def test_a_close_by_calendar_month_closes_no_period_and_is_noted(told_on: tuple[Path, Path, Path]) -> None:
    home = told_on[0]
    closed = published(home, "select cast(month_on as varchar) from period_status where period_state = 'closed'")
    assert closed == [("2024-10-27",)]
    noted = (home / "notes/core_period_close/each_close_closes.csv").read_text(encoding="utf-8").splitlines()
    assert noted[1:] == [f"finance/period_close/{EARLY}/period_close.csv,3,2024-11-01"]


def test_a_look_back_reads_the_years_of_the_calendar(told_on: tuple[Path, Path, Path], tmp_path: Path) -> None:
    early, late, _ = told_on
    looked = copy_of(late, tmp_path / "looked")
    done = repledger("nightly", "--as-known-on", "2025-02-20", home=looked)
    assert done.returncode == 0, done.stderr
    assert _sha256(Home(looked).as_known(dt.date(2025, 2, 20))) == _sha256(Home(early))


def test_the_pay_of_leave_is_of_the_year_in_which_the_days_of_leave_lie(told_on: tuple[Path, Path, Path]) -> None:
    """September's pay is 100 a day, 28 days of it in the year that ends on the 29th: at first 13 of them are leave, as told later 3; then two."""
    asked = """
        select component, fiscal_year, cost_amount from fct_rep_cost
        where crm_user_id = 'ann' and month_on = date '2024-09-01' order by all
    """
    leave = [("base", 2024, 1500), ("base", 2025, 0), ("paid_leave", 2024, 1300), ("paid_leave", 2025, 200)]
    assert published(told_on[0], asked) == leave
    later = [("base", 2024, 2500), ("base", 2025, 0), ("paid_leave", 2024, 300), ("paid_leave", 2025, 200)]
    assert published(told_on[1], asked) == later
    year = "select cost_amount from rep_value where crm_user_id = 'ann' and reading = 'year' and value_measure = 'revenue' and basis = 'nominal'"
    assert published(told_on[1], f"{year} and lens = 'as_sold' and cost_basis = 'actual' and fiscal_year = 2024") == [(2500,)]
    key = {"crm_user_id": "ann", "employee_number": "ann", "month_on": "2024-09-01", "fiscal_year": "2024", "component": "paid_leave", "currency": "USD"}
    found = explain(Home(told_on[1]), read_company(Home(told_on[1])), "fct_rep_cost", "cost_amount", key)
    assert sum((Decimal(str(line["amount"])) for line in found.lines), Decimal(0)) == 300
