"""The ECB's reference rates: each cell is a rate or says that there was none, and a day is told once."""

from expectations.raw.contract import raw_suites
from expectations.vocabulary import BLOCK, no_rows, not_after_extract
from orchestration.landing.declarations import connector_entities
from orchestration.landing.predicates import uncastable_sql

_COLUMNS = [f'"{column.name}"' for column in connector_entities("ecb")["fx_rate"].columns if column.name != "Date"]
_CURRENCIES = ", ".join(_COLUMNS)
_SAID = "concat_ws('|', " + ", ".join(f"coalesce({column}, '')" for column in _COLUMNS) + ")"
_NO_RATE = f"{uncastable_sql('told', 'decimal(24,12)')} or try_cast(told as decimal(24,12)) <= 0"

SUITES = raw_suites(
    "ecb",
    "ecb",
    {
        "fx_rate": (
            no_rows(
                "rate_or_none",
                f"""
                select "Date", currency, _file, _line
                from (unpivot (select * from {{batch}}) on {_CURRENCIES} into name currency value told) as cells
                where told <> '' and told <> 'N/A' and ({_NO_RATE})
                """,
                keys=("Date", "currency", "_file", "_line"),
                severity=BLOCK,
                why="a cell is a rate above zero or N/A: what is neither would end the currency without a word",
            ),
            no_rows(
                "day_told_once",
                f"""
                select delivered."Date", delivered._file, delivered._line
                from (select * from {{batch}}) as delivered
                inner join (
                    select _source, _extract_date, "Date" from {{batch}} group by all having count(distinct {_SAID}) > 1
                ) as twice using (_source, _extract_date, "Date")
                """,
                keys=("Date", "_file", "_line"),
                severity=BLOCK,
                why="two files of one extract that tell a day differently: nobody can say which is the ECB's",
            ),
            not_after_extract("Date", why="a rate of a day after the extract is a forecast, and would be taken for a rate"),
        ),
    },
)
