"""Follows a way back through the warehouse: the totals of its steps, its delivered lines, the rates, splits and corrections that they took.

Belongs here: questions to the warehouse, the check that all steps tie. Doesn't: which way (`ways`), how it is told (`told`).
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.errors import ConfigurationError, RepledgerError
from orchestration.explain.cell import SHOWN, Cell, find_cell
from orchestration.explain.sql import condition, units
from orchestration.explain.ways import EXPLAINED, way_of
from orchestration.explain.ways.parts import CARRIED_BY, GOAL, ORDER_LINE, SHARE_ENDS, SPLIT, Dates, Part, Sum, Way, in_basis
from orchestration.explain.weights import weights
from orchestration.explain.years import base_cell
from orchestration.fiscal_years import read_fiscal_years
from orchestration.landing.readers import literal
from orchestration.memory import memory_limit
from orchestration.publication import manifest
from orchestration.settings import Company, Home
from orchestration.warehouse import state

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
_SPLIT = """
    left join (
        select order_line_id, sum(split_pct) as split_total_pct,
            list({'crm_user_id': crm_user_id, 'split_pct': split_pct, 'file': split_file, 'line': split_line} order by crm_user_id) as splits
        from core.core_revenue_share where split_pct is not null group by order_line_id
    ) as shares on used.split_pct is not null and used.order_line_id = shares.order_line_id
"""
_UNITS = 10_000
"""Amounts have four decimals: parts are cut in whole units of the last one."""
_ROUNDED = 0.500001
"""How far a rounded figure may be from what its lines make, in such units; the rest of the half is that of doubles."""


@dataclass(frozen=True)
class Explanation:
    """A cell and the way back from it. meaning: the column's words; rule: how the parts make the value.

    steps: tables with rows and total, then shares with what makes their weights, rates and corrections; lines: part, file, line, amount and what the line says.
    line_count: how many there are; lines holds as many as were asked for, the largest first, or all in the order of the files.
    """

    cell: Cell
    publication: str
    currency: str
    meaning: str
    rule: str
    steps: Sequence[Row]
    lines: Sequence[Row]
    line_count: int


def explain(home: Home, company: Company, table: str, column: str, given: Mapping[str, str], *, most_lines: int | None = None) -> Explanation:
    """Explain a published cell.

    Raises ConfigurationError for a cell that isn't there, RepledgerError where the warehouse isn't the one that was published or a step
    does not tie.
    """
    publication = _publication(home)
    with _warehouse(home) as connection:
        cell = find_cell(connection, publication, table, column, given)
        based = base_cell(connection, publication, cell)
        calendar = read_fiscal_years(connection, f"{SHOWN}.main")
        dates = Dates(dt.date.fromisoformat(publication.as_of), company.fiscal_year_start_month, calendar)
        way = _way(based, publication, dates)
        steps = [step for number, part in enumerate(way.parts) for step in _steps(connection, based, part, number)]
        _collect(connection, way)
        steps += weights(connection, way, company, dates, is_whole=most_lines is None)
        steps += [*_rates(connection), *_indices(connection, way), *_corrections(connection)]
        count = connection.execute("select count(*) from delivered").fetchall()[0][0]
        words = (_meaning(connection, based), way.rule)
        return Explanation(cell, publication.id, company.reporting_currency, *words, steps, _lines(connection, most_lines), count)


def _way(cell: Cell, publication: manifest.Publication, dates: Dates) -> Way:
    way = way_of(cell, dates)
    if way is None:
        do = "ask for a cell of " + ", ".join(EXPLAINED)
        raise ConfigurationError(f"there is no way back from `{cell.table}`", where=publication.id, do=do)
    if cell.column in cell.key:
        others = ", ".join(name for name in cell.row if name not in cell.key)
        raise ConfigurationError(f"`{cell.column}` is part of the key: it names the row", where=cell.table, do=f"ask for one of {others}")
    return way


def _meaning(connection: "duckdb.DuckDBPyConnection", cell: Cell) -> str:
    """The column's words, as they are published."""
    sql = "select comment from duckdb_columns() where database_name = ? and table_name = ? and column_name = ?"
    found = connection.execute(sql, [SHOWN, cell.table, cell.column]).fetchone()
    return found[0] or "" if found else ""


def _publication(home: Home) -> manifest.Publication:
    current = manifest.current(home)
    if current is None:
        raise RepledgerError("nothing is published yet", where=str(home.published), do="run `repledger nightly`")
    built = state.read_state(home)
    if built is None or built.fingerprint != current[0].fingerprint:
        what = f"the warehouse is not the one that {current[0].id} was made from: a night is at work or failed, or the file was removed"
        raise RepledgerError(what, where=str(home.warehouse), do="run `repledger nightly --anew`, then ask again")
    return current[0]


@contextmanager
def _warehouse(home: Home) -> "Iterator[duckdb.DuckDBPyConnection]":
    import duckdb

    try:
        connection = duckdb.connect(str(home.warehouse), read_only=True, config={"memory_limit": memory_limit(), "temp_directory": str(home.work / "explain")})
    except duckdb.IOException as error:
        raise RepledgerError("the warehouse can't be read: a night is at work", where=str(home.warehouse), do="ask again when it has ended") from error
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(str(home.published / manifest.DATABASE))} as {SHOWN} (read_only)")
        yield connection


def _steps(connection: "duckdb.DuckDBPyConnection", cell: Cell, part: Part, number: int) -> Iterator[Row]:
    """The totals of one part from the answer down to its delivered lines; raises if one does not tie."""
    yield {"step": "answer", "table": cell.table, "part": part.name, "rows": 1, "total": part.total, "rules": list(part.rules)}
    for one in part.sums:
        rows, total = _sum(connection, one)
        # What the answer does not show itself is what its first sum says: the rest must tie to that.
        part = part if part.total is not None else replace(part, total=total)
        _tie(part, one.table, total)
        yield {"step": "sum", "table": one.table, "part": part.name, "rows": rows, "total": total}
    if part.kind == ORDER_LINE:
        # Written out first: by the guess of how many a trail leaves, all lines of the company would be the side that is kept in memory.
        connection.execute(f"create or replace temp table used as {_used_sql(part)}")
    connection.execute(f"create temp table part_{number} as {_lines_sql(part)}")
    if part.share:
        connection.execute(f"create or replace temp table part_{number} as {_shared_sql(number, part)}")
    lines, files, total = connection.execute(f"select count(*), count(distinct file), coalesce(sum(amount), 0) from part_{number}").fetchall()[0]
    _tie(part, "the delivered lines", total)
    yield {"step": "delivered", "table": "landing", "part": part.name, "rows": lines, "files": files, "total": total}


def _tie(part: Part, table: str, total: Decimal | int) -> None:
    if part.total is not None and part.total != total:
        what = f"the total of {table} is not that of the answer's {part.name}"
        raise RepledgerError(what, where="explain", do="this is a defect of a model: tell whoever keeps dbt_project, and don't use the figure")


def _sum(connection: "duckdb.DuckDBPyConnection", one: Sum) -> tuple[int, Any]:
    return connection.execute(f"select count(*), coalesce(sum({one.amount}), 0) from {one.table} where {condition(one.where)}").fetchall()[0]


def _used_sql(part: Part) -> str:
    """One row an order line that is in a part, with what it adds."""
    said = [f"sum({name}) as {name}" for name in part.says]
    said += [f"min({part.share[0]}) as share_of", f"min({part.share[1]}) as share_whole"] if part.share else []
    amounts = ", ".join([f"sum({part.amount}) as amount", *said])
    return f"select order_line_id, {amounts} from {part.trail} where {condition(part.where)} group by order_line_id"


def _lines_sql(part: Part) -> str:
    """One row a delivered line, with what it says and what it adds."""
    where = condition(part.where)
    rate, columns, joins = _in_basis(part)
    if part.kind == ORDER_LINE:
        split = _SPLIT if SPLIT in part.says else ""
        return f"""
            select
                'order_line' as entity, lines.order_line_id as key, lines._file as file, lines._line as line, used.* exclude (order_line_id),
                lines.booked_amount as delivered_amount, lines.currency, {rate} as fx_rate_id,
                lines.{in_basis("revenue_amount", part.basis)} as line_amount,{columns}
                lines.partner_amount, lines.unit_cost_amount, lines.quantity{", shares.* exclude (order_line_id)" if split else ""}
            from used
            inner join core.core_order_line as lines on used.order_line_id = lines.order_line_id
            {joins.format(month="date_trunc('month', lines.ordered_on)")}
            {split}
        """
    if part.kind == GOAL:
        return f"""
            select
                'goal' as entity, lines.goal_id as key, lines._file as file, lines._line as line, {part.amount} as amount,{columns}
                full_target_amount as delivered_amount, ramp_pct
            from (select * from {part.trail} where {where}) as lines
            {joins.format(month="lines.month_on") if part.basis == "real" else ""}
        """
    # A trail that has a row for each basis has one amount, that of its basis.
    line_amount = part.money[1] if "basis" in part.where else in_basis(part.money[1], part.basis)
    share = f", {part.share[0]} as share_of, {part.share[1]} as share_whole" if part.share else ""
    whose = "component, lines.month_on, crm_user_id, employee_number, is_estimated"
    share += f", {whose}, {', '.join((*CARRIED_BY, *SHARE_ENDS))}" if part.is_in_part and part.share else ""
    delivered_amount = part.money[0]
    if part.is_in_part:
        whole, whole_local = f"line_{line_amount}", "line_cost_local_amount"
        share += f", case when {whole} is not null then {line_amount} end as at_work_or_leave_amount, {whole} as of_line_amount"
        delivered_amount, line_amount = f"coalesce({whole_local}, {delivered_amount})", f"coalesce({whole}, {line_amount})"
    return f"""
        select
            entity, lines._file as file, lines._line as line, {part.amount} as amount, {delivered_amount} as delivered_amount, lines.currency,
            {rate} as fx_rate_id,{columns} {line_amount} as line_amount{share}
        from (select * from {part.trail} where {where}) as lines
        {joins.format(month="date_trunc('month', lines.rated_on)" if part.is_in_part else "lines.month_on")}
    """


def _in_basis(part: Part) -> tuple[str, str, str]:
    """The rate of a line, more columns and the joins that a basis needs; `{month}` stands for the line's month."""
    if part.basis == "constant":
        return "rates.fx_rate_id", "", "left join core.core_constant_rate as rates on lines.currency = rates.currency"
    if part.basis == "real":
        return "lines.fx_rate_id", " prices.month_on as index_month_on,", "left join core.core_price_index as prices on {month} = prices.month_on"
    return "lines.fx_rate_id", "", ""


def _shared_sql(number: int, part: Part) -> str:
    """The lines that are in the figure only in part, cut so that they add up to it: whole units, the rest by the largest remainder.

    Only what rounding left is given out: a figure that its lines do not make stays unlike their sum.
    """
    place = "file, line, month_on" if part.is_in_part else "file, line"
    share_of, share_whole = "coalesce(share_of, 1)", "coalesce(share_whole, 1)"
    total = int(Decimal(part.total or 0) * _UNITS)
    return f"""
        with cut as (
            select *, {units("amount")} * {share_of} * sign({share_whole}) as _top, greatest(abs({share_whole}), 1) as _bottom from part_{number}
        ),
        floored as (
            select * exclude (_top, _bottom), (_top - ((_top % _bottom) + _bottom) % _bottom) // _bottom as _floor,
                (((_top % _bottom) + _bottom) % _bottom) / cast(_bottom as double) as _rest
            from cut
        ),
        ranked as (
            select
                *, row_number() over (order by _rest desc, {place}) as _place, {total} - sum(_floor) over () as _left, sum(_rest) over () as _due
            from floored
        )
        select
            * exclude (_floor, _rest, _place, _left, _due, amount),
            cast(
                (_floor + case when _place <= _left and abs(_left - _due) <= {_ROUNDED} then 1 else 0 end) * cast(0.0001 as decimal(5, 4)) as decimal(18, 4)
            ) as amount
        from ranked
    """


def _collect(connection: "duckdb.DuckDBPyConnection", way: Way) -> None:
    """All parts' lines as one table, each with the name and sign of its part; the rows that a text was read from have no amount."""
    parts = [f"select '{part.name}' as part, * exclude (amount), {part.sign} * amount as amount from part_{number}" for number, part in enumerate(way.parts)]
    empty = "select '' as part, '' as entity, '' as file, 0 as line, 0 as amount, 0 as delivered_amount, '' as fx_rate_id, '' as currency where false"
    rows = [
        f"select 'row' as part, '{entity}' as entity, _file as file, _line as line from core.core_{entity}_history where {condition(where)} and is_last_known"
        for entity, where in way.versions
    ]
    connection.execute(f"create temp table delivered as {' union all by name '.join([*parts, *rows, empty])}")


def _lines(connection: "duckdb.DuckDBPyConnection", most: int | None) -> list[Row]:
    order = "file, line, part, amount" if most is None else f"abs(amount) desc, file, line limit {most}"
    return [{name: value for name, value in row.items() if value is not None} for row in _rows(connection, f"from delivered order by {order}")]


def _rates(connection: "duckdb.DuckDBPyConnection") -> list[Row]:
    return _rows(
        connection,
        """
        select
            'rate' as step, used.part, used.fx_rate_id, used.currency, rates.fx_rate, rates.made_from, rates._file as file, rates._line as line,
            used.rows, used.delivered_amount
        from (
            select part, fx_rate_id, currency, count(*) as rows, sum(delivered_amount) as delivered_amount
            from delivered where fx_rate_id is not null group by 1, 2, 3
        ) as used
        inner join (
            select distinct fx_rate_id, fx_rate, made_from, _file, _line from core.core_fx_span
            union all
            select fx_rate_id, fx_rate, told_by, null, null from core.core_constant_rate where told_by is not null
        ) as rates on used.fx_rate_id = rates.fx_rate_id
        order by all
        """,
    )


def _indices(connection: "duckdb.DuckDBPyConnection", way: Way) -> list[Row]:
    """The deflator of each month of which a line was told in real money, and the index that made it."""
    if not any(part.basis == "real" for part in way.parts):
        return []
    return _rows(
        connection,
        """
        select
            'index' as step, used.part, prices.month_on, prices.told_month_on, prices.index_value, prices.base_month_on, prices.base_index_value,
            prices.deflator, prices._file as file, prices._line as line, used.rows
        from (select part, index_month_on, count(*) as rows from delivered where index_month_on is not null group by 1, 2) as used
        inner join core.core_price_index as prices on used.index_month_on = prices.month_on
        order by all
        """,
    )


def _corrections(connection: "duckdb.DuckDBPyConnection") -> list[Row]:
    """What a person said a source has wrong, where one of the lines took it."""
    corrected = _rows(
        connection, "select distinct entity from main.correction where correction_state = 'applied' intersect select distinct entity from delivered"
    )
    found = []
    for entity in (row["entity"] for row in corrected):
        found += _rows(
            connection,
            f"""
            select distinct 'correction' as step, told.correction_id, told.entity, told.column_name, told.reason, told._file as file, told._line as line
            from input.input_{entity} as rows
            inner join delivered on delivered.entity = '{entity}' and rows._file = delivered.file and rows._line = delivered.line
            inner join core.core_correction_history as told
                on told.is_last_known and contains(rows._corrections, '[' || told.correction_id || ']')
            where rows._corrections is not null
            order by all
            """,
        )
    return found


def _rows(connection: "duckdb.DuckDBPyConnection", sql: str) -> list[Row]:
    found = connection.execute(sql)
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
