"""Where the weights come from by which cost was shared: hours, days, leave, the people of a standard cost, and the delivered lines of each.

Belongs here: questions about weights to the warehouse, of the shares that a cell's lines took. Doesn't: the lines of the cell
(`explanation`), words (`told_weights`).
"""

import datetime as dt
from typing import TYPE_CHECKING, Any

from orchestration.explain.ways.parts import CARRIED_BY, SHARE_ENDS, Dates, Way
from orchestration.landing.readers import literal
from orchestration.settings import Company

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

_SHARED = "component, month_on, carried_key, carrier_crm_user_id, carrier_employee_number, from_crm_user_id, from_employee_number"
"""What names a share: who carries it of which month, by which key, and from whom it comes."""

_MOVED = "(select distinct from_crm_user_id, month_on from shared where from_crm_user_id is not null)"
_COACHED = f"""
    select distinct from_crm_user_id, month_on, crm_user_id, employee_number, carried_weight as hours, carried_weight_total as hours_worked
    from core.core_coaching_share where (from_crm_user_id, month_on) in {_MOVED}
"""
_EVERYBODY = f"""
    select distinct rules.allocation_key as carried_key, shares.month_on, null as from_crm_user_id, shares.crm_user_id, shares.employee_number,
        shares.carried_weight as weight
    from core.core_pool_share as shares
    inner join core.core_pool_line as rules on shares.pool_id = rules.pool_id and shares.month_on = rules.month_on
    where shares.crm_user_id is not null
        and (rules.allocation_key, shares.month_on) in (select carried_key, month_on from shared where component not in ('management', 'coaching'))
    union all
    select distinct 'days', month_on, from_crm_user_id, crm_user_id, employee_number, carried_weight
    from core.core_management_share
    where (from_crm_user_id, month_on) in (select from_crm_user_id, month_on from shared where component = 'management')
    union all
    select 'hours', month_on, from_crm_user_id, crm_user_id, employee_number, hours from ({_COACHED})
"""


def weights(connection: "duckdb.DuckDBPyConnection", way: Way, company: Company, dates: Dates, *, is_whole: bool) -> list[Row]:
    """The steps that say how the shares of a cell's cost were cut, and the lines behind their weights.

    is_whole: with the weights of everybody among whom something was shared; else those alone whose shares are in the cell.
    """
    parts = [part for part in way.parts if part.is_in_part and part.share]
    if not parts:
        return []
    standard = next((part.standard for part in parts if part.standard), None)
    connection.execute(f"create temp table shared as select distinct {_SHARED} from delivered where carried_weight is not null")
    connection.execute(f"create temp table leave_months as {_LEAVE_MONTHS}")
    connection.execute(f"create temp table cells as {_cells(standard)}")
    connection.execute(f"create temp table year_months as {_year_months(dates)}")
    connection.execute(f"create temp table everybody as {_EVERYBODY if is_whole else f'select * from ({_EVERYBODY}) where false'}")
    connection.execute(f"create temp table weighed as {_WEIGHED}{'' if is_whole else ' where is_own'}")
    steps = [*_shares(connection), *_rows(connection, _hours(company)), *_rows(connection, _DAYS), *_rows(connection, _REPORTED)]
    steps += [*_rows(connection, _LEAVE), *_rows(connection, _STANDARD), *_rows(connection, _ALL_WEIGHTS)]
    return [*steps, *_lines(connection, company, is_whole=is_whole)]


def _shares(connection: "duckdb.DuckDBPyConnection") -> list[Row]:
    """How each share of a cost that is carried for others was cut: the key, the part of it that is shared, this weight of all, the rule's line."""
    shown = f"part, component, month_on, {', '.join((*CARRIED_BY, *SHARE_ENDS))}"
    return _rows(connection, f"select 'share' as step, {shown}, count(*) as rows from delivered where carried_weight is not null group by all order by all")


_LEAVE_MONTHS = """
    select distinct coalesce(from_employee_number, employee_number) as employee_number, month_on from delivered where of_line_amount is not null
"""
_LEAVE = """
    select 'leave' as step, days.employee_number, days.month_on,
        sum(case when days.is_paid then days.away_pct * days.full_time_pct else 0 end) as leave_weight,
        sum(case when days.is_paid then 100 * days.full_time_pct else (100 - days.away_pct) * days.full_time_pct end) as paid_weight
    from leave_months
    inner join core.core_absence as days on leave_months.employee_number = days.employee_number and leave_months.month_on = days.month_on
    group by all order by all
"""


def _cells(standard: Row | None) -> str:
    """Whose days a standard cost is shared by: the people of the rep's cell in each fiscal year that the figure has."""
    told = "core.core_standard_cost"
    mine = f"crm_user_id = {literal(standard['crm_user_id'])}" if standard else "false"
    if standard and "fiscal_year" in standard:
        mine += f" and fiscal_year = {standard['fiscal_year']}"
    return f"""
        select cells.fiscal_year, cells.cell, own.crm_user_id as own_crm_user_id, cells.crm_user_id, cells.full_time_pct_days, cells.cell_full_time_pct_days
        from (select * from {told} where {mine} and fiscal_year is not null) as own
        inner join {told} as cells on own.fiscal_year = cells.fiscal_year and own.cell = cells.cell
    """


def _year_months(dates: Dates) -> str:
    """The fiscal year of each month that is told."""
    told = f"month_on < date '{dates.as_of}'"
    years = dates.calendar.years
    if years:
        # Days before the calendar and after it are of the years beside.
        first, last = (years[0][0] - 1, dt.date.min, years[0][1]), (years[-1][0] + 1, years[-1][2], dt.date.max)
        rows = ", ".join(f"({year}, date '{starts_on}', date '{ends_on}')" for year, starts_on, ends_on in (first, *years, last))
        calendar = f"(values {rows}) as years(fiscal_year, starts_on, ends_on)"
        return f"select fiscal_year, month_on from core.core_month inner join {calendar} on starts_on <= month_on and month_on < ends_on where {told}"
    year = f"year(month_on + interval {(13 - dates.start_month) % 12} month)"
    return f"select cast({year} as integer) as fiscal_year, month_on from core.core_month where {told}"


_STANDARD = """
    select 'standard' as step, fiscal_year, cell, own_crm_user_id as crm_user_id,
        max(case when crm_user_id = own_crm_user_id then full_time_pct_days end) as full_time_pct_days,
        max(cell_full_time_pct_days) as cell_full_time_pct_days,
        list({'crm_user_id': crm_user_id, 'full_time_pct_days': full_time_pct_days} order by crm_user_id) as people
    from cells where cell_full_time_pct_days is not null group by all order by fiscal_year
"""
_WEIGHED = """
    select distinct carried_key, crm_user_id, employee_number, month_on, is_own
    from (
        select carried_key, carrier_crm_user_id as crm_user_id, carrier_employee_number as employee_number, month_on, true as is_own from shared
        union all
        select 'worked', months.crm_user_id, months.employee_number, months.month_on, true
        from core.core_rep_month as months
        where (months.crm_user_id, months.month_on) in (
            select from_crm_user_id, month_on from core.core_coaching_share
            where (from_crm_user_id, month_on) in (select from_crm_user_id, month_on from shared)
        )
        union all
        select 'managing', from_crm_user_id, from_employee_number, month_on, true from shared where component = 'management'
        union all
        select 'leave', null, employee_number, month_on, true from leave_months
        union all
        select 'standard', months.crm_user_id, months.employee_number, months.month_on, months.crm_user_id = own.own_crm_user_id
        from (select * from cells where cell_full_time_pct_days is not null) as own
        inner join core.core_rep_month as months on own.crm_user_id = months.crm_user_id
        inner join year_months on own.fiscal_year = year_months.fiscal_year and months.month_on = year_months.month_on
        union all
        select carried_key, crm_user_id, employee_number, month_on, false from everybody
    )
"""
_DAYS = """
    select distinct 'days' as step, months.crm_user_id, months.employee_number, months.month_on, months.from_on, months.to_on, months.days_employed,
        months.present_pct_days, months.full_time_pct_days
    from core.core_rep_month as months
    inner join (
        select distinct employee_number, month_on from weighed where is_own and carried_key not in ('hours', 'revenue', 'leave')
    ) as own on months.employee_number = own.employee_number and months.month_on = own.month_on
    order by all
"""
_REPORTED = """
    select 'reported' as step, shared.carrier_crm_user_id as crm_user_id, shared.carrier_employee_number as employee_number, shared.from_crm_user_id,
        shared.month_on, greatest(months.from_on, spans.valid_from_on) as from_on, least(months.to_on, spans.valid_to_on) as to_on
    from (
        select distinct carrier_crm_user_id, carrier_employee_number, from_crm_user_id, month_on from shared where component = 'management'
    ) as shared
    inner join core.core_rep_month as months
        on shared.carrier_crm_user_id = months.crm_user_id and shared.carrier_employee_number = months.employee_number and shared.month_on = months.month_on
    inner join (
        select *, coalesce(lead(valid_from_on) over (partition by crm_user_id order by valid_from_on, _source), date '9999-12-31') as next_from_on
        from core.core_crm_user_span
    ) as told on told.crm_user_id = shared.carrier_crm_user_id and told.manager_crm_user_id = shared.from_crm_user_id
    cross join lateral (select told.valid_from_on as valid_from_on, told.next_from_on as valid_to_on) as spans
    where spans.valid_from_on < months.to_on and months.from_on < spans.valid_to_on
    order by all
"""
_ALL_WEIGHTS = """
    select 'weights' as step, carried_key, month_on, from_crm_user_id, sum(weight) as weight_total,
        list({'crm_user_id': crm_user_id, 'employee_number': employee_number, 'weight': weight} order by crm_user_id, employee_number) as weights
    from everybody group by all order by all
"""


_DAYS_OF_MONTH = "date_diff('day', months.month_on, months.next_month_on)"
_DAYS_OF_CALENDAR_MONTH = "day(last_day(months.month_on))"


def _hours(company: Company) -> str:
    """What each coach's hours took of the coach's month, before the manager's share: hours of sessions, of those that the coach worked."""
    return f"""
        select 'hours' as step, taken.from_crm_user_id, taken.month_on, taken.hours, taken.hours_worked,
            round({company.full_time_hours_month} * cast({_DAYS_OF_MONTH} as double) / {_DAYS_OF_CALENDAR_MONTH}, 4) as full_time_hours,
            {_DAYS_OF_MONTH} as days_of_month, sum(worked.full_time_pct_days) as full_time_pct_days
        from (
            select from_crm_user_id, month_on, sum(hours) as hours, max(hours_worked) as hours_worked from ({_COACHED}) group by 1, 2
        ) as taken
        inner join core.core_month as months on taken.month_on = months.month_on
        left join core.core_rep_month as worked on taken.from_crm_user_id = worked.crm_user_id and taken.month_on = worked.month_on
        group by all order by all
    """


_IN_MONTHS = """
    (
        select distinct weighed.employee_number, weighed.crm_user_id, months.month_on, months.next_month_on
        from weighed inner join core.core_month as months on weighed.month_on = months.month_on
    ) as months
"""
_KNOWN = "known_to_on = date '9999-12-31'"


# What a user's lines say last holds, whichever of the ids they are of: each until the next begins, the first one from ever.
_MANAGERS = f"""
    select *, lead(counts_from_on, 1, date '9999-12-31') over (partition by crm_user_id order by counts_from_on, begun_on) as counts_to_on
    from (
        select identity.crm_user_id, coalesce(managers.crm_user_id, users.manager_crm_user_id) as manager_crm_user_id,
            greatest(users.begun_on, users.valid_from_on) as begun_on, users._file as file, users._line as line,
            case
                when greatest(users.begun_on, users.valid_from_on) > min(greatest(users.begun_on, users.valid_from_on)) over (partition by identity.crm_user_id)
                then greatest(users.begun_on, users.valid_from_on)
                else users.valid_from_on
            end as counts_from_on
        from core.core_crm_user_history as users
        inner join core.core_identity as identity on users.crm_user_id = identity.delivered_crm_user_id
        left join core.core_identity as managers on users.manager_crm_user_id = managers.delivered_crm_user_id
        where users.{_KNOWN}
    )
"""


def _lines(connection: "duckdb.DuckDBPyConnection", company: Company, *, is_whole: bool) -> list[Row]:
    """The delivered lines that make the weights, each once, with what it says: employments, jobs, leave, whose manager somebody was, sessions, sales."""
    kinds = ", ".join(literal(kind.lower()) for kind in company.leave_types) or "null"
    lines = [
        """
        select 'employee' as entity, employee_number, hired_on, left_on, country_code, _file as file, _line as line
        from core.core_employee_history where is_last_known and employee_number in (select employee_number from weighed)
        """,
        f"""
        select 'job' as entity, told.employee_number, told.valid_from_on, told.valid_to_on, coalesce(told.full_time_pct, 100) as full_time_pct, told.rep_role,
            told._file as file, told._line as line
        from core.core_job_history as told
        inner join {_IN_MONTHS} on told.employee_number = months.employee_number
            and told.valid_from_on < months.next_month_on and months.month_on < told.valid_to_on
        where told.{_KNOWN}
        """,
        f"""
        select 'absence' as entity, told.employee_number, told.starts_on, told.ends_on, told.absence_type, coalesce(told.absence_pct, 100) as absence_pct,
            coalesce(told.is_paid, true) as is_paid, told._file as file, told._line as line
        from core.core_absence_history as told
        inner join {_IN_MONTHS} on told.employee_number = months.employee_number
            and told.starts_on < months.next_month_on and (told.ends_on is null or months.month_on < told.ends_on)
        where told.{_KNOWN} and told.valid_to_on = date '9999-12-31' and lower(told.absence_type) in ({kinds})
        """,
        f"""
        select 'crm_user' as entity, told.crm_user_id, told.manager_crm_user_id, told.counts_from_on as valid_from_on, told.file, told.line
        from ({_MANAGERS}) as told
        inner join {_IN_MONTHS.replace("from weighed", "from (select * from weighed where carried_key = 'days') as weighed")}
            on told.crm_user_id = months.crm_user_id and told.counts_from_on < months.next_month_on and months.month_on < told.counts_to_on
        """,
        f"""
        select 'coaching' as entity, crm_user_id, employee_number, coach_crm_user_id, session_on, hours, _file as file, _line as line
        from core.core_coaching_line
        where crm_user_id is not null and crm_user_id <> coach_crm_user_id and hours > 0 and (coach_crm_user_id, month_on) in {_MOVED}
        """,
    ]
    if is_whole:
        lines.append(_SALES)
    return [row for sql in lines for row in _rows(connection, f"select distinct 'weight_line' as step, * from ({sql}) order by all")]


_SALES = """
    select 'order_line' as entity, shares.crm_user_id, shares.order_line_id, shares.ordered_on, shares.split_pct, shares.revenue_amount,
        lines.currency, rates.fx_rate, rates._file as rate_file, rates._line as rate_line, lines._file as file, lines._line as line
    from (
        select distinct weighed.crm_user_id, months.month_on, months.next_month_on
        from weighed inner join core.core_month as months on weighed.month_on = months.month_on
        where weighed.is_own and weighed.carried_key = 'revenue'
    ) as sellers
    inner join core.core_revenue_share as shares
        on sellers.crm_user_id = shares.crm_user_id and sellers.month_on <= shares.ordered_on and shares.ordered_on < sellers.next_month_on
    inner join core.core_order_line as lines on shares.order_line_id = lines.order_line_id
    left join (select distinct fx_rate_id, fx_rate, _file, _line from core.core_fx_span) as rates on lines.fx_rate_id = rates.fx_rate_id
"""


def _rows(connection: "duckdb.DuckDBPyConnection", sql: str) -> list[Row]:
    """Rows without what they don't have."""
    found = connection.execute(sql)
    names = [name for name, *_ in found.description or ()]
    return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in found.fetchall()]
