"""A large company for the benchmark: ten years in months of deltas, then nights, written by DuckDB itself.

Belongs here: what is delivered, as SQL over ranges and hashes, so that a size is made in minutes and always the same. Doesn't: timing.
Sizes are counted in activities: 5 % as many opportunities of four versions each, 10 % as many order lines, 0.2 % as many accounts.
"""

import datetime as dt
from dataclasses import dataclass

import duckdb

from orchestration.company_file import render_company_toml, standard_sources
from orchestration.landing.declarations import standard_entities
from orchestration.settings import Home, Source

ACTIVITIES = {"XS": 100_000, "S": 1_000_000, "M": 10_000_000, "L": 100_000_000}
REPS, TEAMS, TERRITORIES, MONTHS = 1_000, 50, 20, 120
FIRST_MONTH = dt.date(2015, 1, 1)
_DELTAS = ("account", "crm_user", "job", "employee", "goal", "territory_assignment", "territory")
_STAGES = ("qualify", "propose", "negotiate", "won")


@dataclass(frozen=True)
class Size:
    """How much there is of everything. All counts are multiples of the months, so that each month gets the same share."""

    activities: int

    @property
    def activities_a_month(self) -> int:
        return self.activities // MONTHS

    @property
    def opportunities_a_month(self) -> int:
        return self.activities // 20 // MONTHS

    @property
    def order_lines_a_month(self) -> int:
        return self.activities // 10 // MONTHS

    @property
    def accounts_a_month(self) -> int:
        return max(self.activities // 500 // MONTHS, 1)


def write_company(home: Home, size: Size) -> None:
    """company.toml and the landing of ten years."""
    home.root.mkdir(parents=True, exist_ok=True)
    sources = tuple(
        Source(one.name, one.connector, {entity: "delta" if entity in _DELTAS else mode for entity, mode in one.entities.items()}) for one in standard_sources()
    )
    text = render_company_toml(
        name="Benchmark Company",
        reporting_currency="USD",
        fiscal_year_start_month=1,
        time_zone="UTC",
        credit_policy="acquirer",
        constant_currency_on=dt.date(2024, 12, 31),
        sources=sources,
    )
    home.company_file.write_text(text, encoding="utf-8")
    with _Writer(home) as writer:
        for month in range(MONTHS):
            writer.month(size, month)


def write_night(home: Home, size: Size, number: int, changes: int, *, scattered: bool) -> None:
    """One night's deltas: three of five changes are activities, one a version of an opportunity, one an order line, new or corrected.

    number: nights after the last month, from 1. scattered: over all years, else of the last months.
    """
    with _Writer(home) as writer:
        writer.night(size, number, changes, scattered=scattered)


class _Writer:
    """Writes CSV files of the templates' columns below landing/."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def __enter__(self) -> "_Writer":
        self._connection = duckdb.connect()
        self._connection.execute("set enable_progress_bar = false")
        self._connection.execute(_MACROS)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def month(self, size: Size, month: int) -> None:
        extract = _add_months(FIRST_MONTH, month + 1)
        if month == 0:
            self._people(extract)
        self._changes(month, extract)
        count = size.accounts_a_month
        accounts = _account(size, f"range({month * count}, {(month + 1) * count})")
        # Each quarter one account of fifty changes hands.
        if month and month % 3 == 0:
            accounts += f" union all {_account(size, f'range({month * count}) where h(range, {month}) % 50 = 0', month)}"
        self._put("account", extract, accounts)
        # Four versions, a month apart: a month's file holds the first of some, the second of others.
        versions = [
            _opportunity(size, f"range({max(month - v, 0) * size.opportunities_a_month}, {(month - v + 1) * size.opportunities_a_month})", v) for v in range(4)
        ]
        self._put("opportunity", extract, " union all ".join(versions[: month + 1]))
        count = size.order_lines_a_month
        self._put("order_line", extract, _order_line(size, f"range({month * count}, {(month + 1) * count})", "booked"))
        count = size.activities_a_month
        self._put("activity", extract, _activity(size, f"range({month * count}, {(month + 1) * count})"))
        first = _add_months(FIRST_MONTH, month)
        self._put("pay_item", extract, _PAY.format(first=first, end=extract))
        self._put("expense_line", extract, _EXPENSE.format(first=first, month=month))
        self._put("fx_rate", extract, _FX.format(first=first))

    def night(self, size: Size, number: int, changes: int, *, scattered: bool) -> None:
        extract = _add_months(FIRST_MONTH, MONTHS) + dt.timedelta(days=number)
        salt, part = number * 7919, changes // 5

        def picked(total: int, count: int) -> str:
            span = total if scattered else max(total // 60, 1)
            return f"(select distinct {total - span} + cast(h(range, {salt}) % {span} as bigint) as range from range({count}))"

        first = size.activities_a_month * MONTHS + (number - 1) * 3 * part
        self._put("activity", extract, _activity(size, f"range({first}, {first + 3 * part})", scattered=scattered))
        opportunities, lines = size.opportunities_a_month * MONTHS, size.order_lines_a_month * MONTHS
        self._put("opportunity", extract, _opportunity(size, picked(opportunities, part), 3, salt))
        corrected = _order_line(size, picked(lines, part - part // 2), f"booked + {number}")
        new = _order_line(size, f"range({lines + number * part}, {lines + number * part + part // 2})", "booked")
        self._put("order_line", extract, f"{corrected} union all {new}")

    def _people(self, extract: dt.date) -> None:
        self._put("territory", extract, f"select 'T' || range as territory_id, 'Region ' || range as territory_name from range({TERRITORIES})")
        self._put("crm_user", extract, _USER.format(where="true", salt=0))
        self._put("employee", extract, _EMPLOYEE)
        self._put("job", extract, _JOB.format(salt=0))
        self._put("territory_assignment", extract, _SEAT)

    def _changes(self, month: int, extract: dt.date) -> None:
        """Each quarter one rep of ten changes the team, and each rep has a goal."""
        if month and month % 3 == 0:
            self._put("crm_user", extract, _USER.format(where=f"h(range, {month}) % 10 = 0", salt=month))
        if month % 3 == 0:
            self._put("goal", extract, _GOAL.format(quarter=month // 3, start=extract, end=_add_months(extract, 3)))

    def _put(self, entity: str, extract: dt.date, sql: str) -> None:
        contract = standard_entities()[entity]
        folder = self._home.landing / contract.area / entity / str(extract)
        folder.mkdir(parents=True, exist_ok=True)
        there = {row[0] for row in self._connection.execute(f"describe {sql}").fetchall()}
        cells = ", ".join(column.name if column.name in there else f"null as {column.name}" for column in contract.columns)
        self._connection.execute(f"copy (select {cells} from ({sql})) to '{folder / entity}.csv' (header, quote '\"')")


def _add_months(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


_MACROS = f"""
create macro h(a, b) as hash(a * 1000003 + b) >> 8;
create macro day_in(month, a, b) as cast(date '{FIRST_MONTH}' + to_months(cast(month as integer)) + to_days(cast(h(a, b) % 28 as integer)) as date);
create macro user_id(n) as 'U' || lpad(cast(n as varchar), 4, '0');
create macro account_id(n) as 'A' || lpad(cast(n as varchar), 7, '0');
"""

_USER = f"""
    select user_id(range) as crm_user_id, 'Rep ' || range as user_name, 'rep' || range || '@example.com' as email, 'E' || range as employee_number,
        case when range < {TEAMS} then 'manager' else 'hunter' end as rep_role,
        case when range >= {TEAMS} then user_id(h(range, {{salt}}) % {TEAMS}) when range > 0 then user_id(0) end as manager_crm_user_id,
        'TEAM' || h(range, {{salt}}) % {TEAMS} as team_id, 'Team ' || h(range, {{salt}}) % {TEAMS} as team_name, true as is_active
    from range({REPS}) where {{where}}
"""
_EMPLOYEE = (
    f"select 'E' || range as employee_number, 'Rep ' || range as employee_name, date '{FIRST_MONTH}' as hired_on, 'US' as country_code from range({REPS})"
)
_JOB = f"""
    select 'E' || range as employee_number, 'Representative' as job_title, 100 as full_time_pct, 'TEAM' || h(range, {{salt}}) % {TEAMS} as team_id
    from range({REPS})
"""
_SEAT = f"select 'T' || range % {TERRITORIES} as territory_id, user_id(range) as crm_user_id, date '{FIRST_MONTH}' as assigned_from_on from range({REPS})"
_GOAL = f"""
    select 'G' || range || '-{{quarter}}' as goal_id, 1 as goal_version, 'rep' as owner_type, user_id(range) as owner_id, 'revenue' as metric,
        '{{start}}' as period_start_on, '{{end}}' as period_end_on, 100000 + h(range, {{quarter}}) % 100000 as target_amount, '{{start}}' as set_on
    from range({REPS})
"""
_PAY = f"""
    select 'E' || range as employee_number, '{{first}}' as period_start_on, '{{end}}' as period_end_on, component as item_code, component,
        case component when 'base' then 5000 + h(range, 1) % 5000 else 800 + h(range, 2) % 400 end as pay_amount, 'USD' as currency, '{{end}}' as paid_on
    from range({REPS}), unnest(['base', 'commission', 'bonus', 'taxes', 'benefits']) as parts(component)
"""
_EXPENSE = f"""
    select 'X' || range || '-{{month}}' as report_id, line as line_number, 'E' || range as claimant_employee_number,
        date '{{first}}' + cast(h(range, line) % 28 as integer) as spent_on, 'travel' as category, 20 + h(range, line) % 500 as expense_amount,
        if(h(range, line) % 3 = 0, 'EUR', 'USD') as currency, 'paid' as status
    from range({REPS}), range(4) as lines(line)
"""
_FX = """
    select 'EUR' as from_currency, 'USD' as to_currency, date '{first}' + cast(day as integer) as rate_on,
        cast(1.1 + (h(day, 5) % 1000) * 0.0001 as decimal(9, 4)) as rate
    from range(28) as days(day)
"""


def _account(size: Size, numbers: str, salt: int = 0) -> str:
    return f"""
        select account_id(range) as account_id, 'Account ' || range as account_name, 'Industry ' || h(range, 1) % 12 as industry, 'US' as country_code,
            user_id(h(range, {2 + 1000 * salt}) % {REPS}) as owner_crm_user_id, 'method ' || h(range, 3) % 6 as acquisition_method,
            day_in(range // {size.accounts_a_month}, range, 4) as created_on
        from {numbers}
    """


def _opportunity(size: Size, numbers: str, version: int, salt: int = 0) -> str:
    month = f"(range // {size.opportunities_a_month})"
    is_closed = "true" if version == 3 else "false"
    return f"""
        select 'O' || range as opportunity_id, {_account_of(size, month, 11)} as account_id, user_id(h(range, 12) % {REPS}) as owner_crm_user_id,
            '{_STAGES[version]}' as stage, {is_closed} as is_closed, {is_closed} and h(range, 13) % 3 = 0 as is_won,
            1000 + h(range, {14 + version + salt}) % 100000 as opportunity_amount, if(h(range, 15) % 4 = 0, 'EUR', 'USD') as currency, 12 as term_months,
            'new' as opportunity_type, 'direct' as channel, day_in({month}, range, 16) as created_on,
            if({is_closed}, day_in({month} + 3, range, 17), null) as closed_on
        from {numbers}
    """


def _order_line(size: Size, numbers: str, booked: str) -> str:
    month = f"least(range // {size.order_lines_a_month}, {MONTHS - 1})"
    return f"""
        select 'L' || range as order_line_id, 'S' || range // 3 as order_id, {_account_of(size, month, 21)} as account_id,
            user_id(h(range, 22) % {REPS}) as crm_user_id, 'T' || h(range, 23) % {TERRITORIES} as territory_id, day_in({month}, range, 24) as ordered_on,
            1 + h(range, 25) % 5 as quantity, {booked} as booked_amount, if(h(range, 26) % 4 = 0, 'EUR', 'USD') as currency, 10 as unit_cost_amount,
            12 as term_months, if(h(range, 27) % 5 = 0, 'online', 'rep') as channel, 'P' || h(range, 28) % 40 as product_code
        from (select *, cast(100 + (h(range, 29) % 1000000) * 0.01 as decimal(18, 2)) as booked from {numbers})
    """


def _activity(size: Size, numbers: str, *, scattered: bool = False) -> str:
    month = f"h(range, 37) % {MONTHS}" if scattered else f"least(range // {size.activities_a_month}, {MONTHS - 1})"
    return f"""
        select 'V' || range as activity_id, user_id(h(range, 31) % {REPS}) as crm_user_id, {_account_of(size, month, 32)} as account_id,
            ['call', 'email', 'meeting', 'demo'][cast(h(range, 33) % 4 as integer) + 1] as activity_type,
            strftime(day_in({month}, range, 34) + to_seconds(cast(h(range, 35) % 86400 as integer)), '%Y-%m-%dT%H:%M:%SZ') as occurred_at,
            h(range, 36) % 90 as duration_minutes
        from {numbers}
    """


def _account_of(size: Size, month: str, salt: int) -> str:
    """An account that was there by then: repeat orders, and more of them as years pass."""
    return f"account_id(h(range, {salt}) % (({month} + 1) * {size.accounts_a_month}))"
