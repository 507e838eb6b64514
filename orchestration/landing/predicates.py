"""What a delivered cell must be, as SQL on its text. The landing layer asks when a file comes, the gate asks again of raw.

Belongs here: the predicates, and the list of currencies. Doesn't: what is done about a cell that breaks one.
No predicate holds a `$`, a brace or a `:name`, so that it may pass through templates and drivers untouched.
"""

import csv
import re
from functools import cache

from orchestration.settings import DBT_DIR

# DuckDB's own casts take more than they should: '2024-01-31x' is a date to it, '1.5' a whole number, '1_000' and '1e-9' decimals.
_DAY = "([1-9][0-9][0-9][0-9]|0001)[-/][0-9][0-9]?[-/][0-9][0-9]?"
_TIME = "[ T][0-9][0-9]?:[0-9][0-9](:[0-9][0-9]([.][0-9]+)?)?( ?([Zz]|[+-][0-9][0-9](:?[0-9][0-9])?))?"
_SHAPES = {
    **dict.fromkeys(("date", "timestamp"), f" *{_DAY}({_TIME})? *"),
    **dict.fromkeys(("bigint", "integer", "smallint"), " *[+-]?[0-9]+([.]0*)? *"),
}
_NUMBER = " *[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+) *"
_DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")
_TYPE_WORDS = {"date": "date like 2024-01-31", "timestamp": "time like 2024-01-31T13:45:00Z", "boolean": "true or false", "bigint": "whole number"}


def empty_sql(text: str) -> str:
    """True of a cell that holds nothing but blanks. text: SQL of the delivered text, like `"booked_amount"`."""
    # Most cells begin with neither a blank nor a letter beyond ASCII, and trimming costs five times as much as seeing that.
    return f"(case when {text} > '!' and {text} < '~' then false else trim(coalesce({text}, '')) = '' end)"


def uncastable_sql(text: str, data_type: str) -> str:
    """True of a cell that is given and is no value of the type: a cast would lose it or change it."""
    return f"({text} is not null and {text} <> '' and {_misfit(text, data_type.lower())})"


def uncastable_words_sql(text: str, data_type: str) -> str:
    """What is wrong with a cell of which `uncastable_sql` is true, as SQL of a text without the cell."""
    decimal = _DECIMAL.fullmatch(data_type.lower())
    if not decimal:
        return f"'is no {_TYPE_WORDS.get(data_type.lower(), 'number')}'"
    digits, decimals = int(decimal[1]), int(decimal[2])
    return f"""case
        when not regexp_full_match({text}, '{_NUMBER}') then 'is no number'
        when not regexp_full_match({text}, '{_decimal_shape(decimals)}') then 'has more than {decimals} decimals'
        else 'has more than {digits - decimals} digits before the point'
    end"""


def unknown_currency_sql(text: str) -> str:
    """True of a cell that is given and is no ISO 4217 code."""
    # One text to search in: a list of two hundred codes takes DuckDB longer to plan than a small file takes to read.
    codes = " ".join(sorted(currency_codes()))
    return f"({text} is not null and {text} <> '' and not (length({text}) = 3 and not contains({text}, ' ') and contains('{codes}', {text})))"


def is_currency_column(name: str) -> bool:
    """True of columns that hold a currency's code."""
    return name == "currency" or name.endswith("_currency")


@cache
def currency_codes() -> frozenset[str]:
    """Every code that the seed lists."""
    with (DBT_DIR / "seeds/iso_currency.csv").open(encoding="utf-8", newline="") as lines:
        return frozenset(row["currency_code"] for row in csv.DictReader(lines))


def _misfit(text: str, data_type: str) -> str:
    # A timestamp is asked for with its zone, as staging reads it: without one, DuckDB drops the offset.
    is_lost = f"try_cast({text} as {'timestamptz' if data_type == 'timestamp' else data_type}) is null"
    decimal = _DECIMAL.fullmatch(data_type)
    shape = _decimal_shape(int(decimal[2])) if decimal else _SHAPES.get(data_type)
    return f"({is_lost} or not regexp_full_match({text}, '{shape}'))" if shape else is_lost


def _decimal_shape(decimals: int) -> str:
    """What `_NUMBER` is with at most so many decimals, zeros at its end apart. Each is an optional digit, for want of braces."""
    return f" *[+-]?[0-9]*([.]{'[0-9]?' * decimals}0*)? *"
