"""Finance: what the books say, to tie out against, and which months are closed."""

from expectations.raw.contract import raw_suites
from expectations.vocabulary import BLOCK, NOTE, as_date, first_of_month, in_codes, no_rows, not_after_extract, rule

SUITES = raw_suites(
    "standard",
    "finance",
    {
        "cost_pool": (
            first_of_month("month_on", severity=BLOCK, why="a pool is shared by who was there in its month; another day would name no month"),
            in_codes("pool_kind", ("tools", "overhead"), severity=BLOCK, why="of another kind no component of cost says where it belongs"),
        ),
        "ledger_balance": (
            first_of_month("month_on", severity=BLOCK, why="balances are per month; another day would tie out against the wrong one"),
            not_after_extract("month_on", severity=NOTE, why="a month after the extract has no balance yet"),
        ),
        "period_close": (
            no_rows(
                "month_on_first_of_period",
                f"""
                with periods as (
                    select starts_on
                    from core.core_fiscal_calendar_history
                    where calendar_code = $fiscal_calendar and known_to_on = date '9999-12-31' and valid_to_on = date '9999-12-31'
                )
                select _file, _line
                from (select * from {{batch}}) as delivered
                where
                    -- The first of a month was right before there was a calendar: what then closes nothing is noted in the core.
                    extract(day from {as_date("month_on")}) <> 1
                    and not exists (select 1 from periods where starts_on = {as_date("month_on")})
                """,
                keys=("_file", "_line"),
                severity=BLOCK,
                why="a month, or under a calendar a period, is closed whole, by its first day; another day would close none",
            ),
            rule(
                "closed_after_its_end",
                f"{as_date('closed_on')} <= last_day({as_date('month_on')})",
                severity=NOTE,
                why="a month that still runs is closed by mistake: all that follows comes late",
            ),
            not_after_extract("closed_on", why="a month that will be closed is not closed yet"),
        ),
    },
)
