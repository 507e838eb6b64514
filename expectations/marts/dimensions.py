"""Dimensions: one row a member, the unknown one among them, and none lost since the last publication."""

from collections.abc import Iterator

from expectations.vocabulary import BLOCK, NOTE, Check, Suite, drift, no_rows, not_null, suite, unique_key

_KEY = "a fact joined to a member without a key, or to two, counts never or twice"
_UNKNOWN = "facts that no member is known for need one to join to, else their money drops out of the total"
_FEWER = "members of years gone by stay; fewer than before means that a source forgot some"

_KEYS = {
    "dim_date": ("date_on",),
    "dim_fiscal_period": ("calendar_code", "fiscal_year", "fiscal_period"),
    "dim_rep": ("crm_user_id",),
    "dim_team": ("team_id",),
    "dim_manager": ("manager_crm_user_id",),
    "dim_territory": ("territory_id",),
    "dim_customer": ("account_id",),
    "dim_industry": ("industry",),
    "dim_acquisition_method": ("acquisition_method",),
    "dim_metric": ("metric", "version"),
}
# A fact always has its day and its metric, and names no period.
_WITHOUT_UNKNOWN = {"dim_date", "dim_fiscal_period", "dim_metric"}

_MONEY_IN_CALENDAR = no_rows(
    "money_in_calendar",
    """
    select calendar.calendar_code, money.day_on, money.entity
    from (
        select calendar_code, min(period_start_on) as starts_on, max(period_end_on) as ends_on
        from {batch}
        where is_company_calendar
        group by calendar_code
    ) as calendar
    inner join (
        select 'order_line' as entity, ordered_on as day_on from core.core_order_line
        union
        select entity, month_on from core.core_cost_line
        union
        select 'cost_pool', month_on from core.core_pool_line
        union
        select 'coaching', session_on from core.core_coaching_line
        union
        select 'marketing_spend', month_on from core.core_marketing_line
    ) as money on money.day_on < calendar.starts_on or money.day_on >= calendar.ends_on
    where money.day_on < $as_of
    """,
    keys=("calendar_code", "day_on", "entity"),
    severity=BLOCK,
    why="sold or spent on a day that is in no period of the company's calendar; deliver the periods of these days in fiscal_calendar",
)


def _dimension(name: str, key: tuple[str, ...]) -> Suite:
    return suite(name, f"main.{name}", "marts", key, *_checks(name, key))


def _checks(name: str, key: tuple[str, ...]) -> Iterator[Check]:
    for column in key:
        yield not_null(column, severity=BLOCK, why=_KEY)
    yield unique_key(*key, severity=BLOCK, why=_KEY)
    if name not in _WITHOUT_UNKNOWN:
        yield no_rows(
            "has_unknown_member",
            f"select 'unknown' as {key[0]} where not exists (select * from {{batch}} where {key[0]} = 'unknown')",
            keys=key,
            severity=BLOCK,
            why=_UNKNOWN,
        )
    if name == "dim_fiscal_period":
        yield _MONEY_IN_CALENDAR
    yield drift(
        "rows_not_fewer",
        f"""
        select rows_before, rows_now
        from (select (select count(*) from previous.main.{name}) as rows_before, (select count(*) from {{batch}}) as rows_now) as counted
        where rows_now < rows_before
        """,
        previous=(name,),
        keys=("rows_before", "rows_now"),
        severity=NOTE,
        why=_FEWER,
    )


SUITES = tuple(_dimension(name, key) for name, key in _KEYS.items())
