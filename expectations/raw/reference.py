"""Reference: exchange rates, price indices, calendars, code maps, corrections."""

from expectations.raw.contract import raw_suites
from expectations.raw.correction import correction_checks
from expectations.vocabulary import BLOCK, NOTE, first_of_month, in_order, not_after_extract, number_between, rule

SUITES = raw_suites(
    "standard",
    "reference",
    {
        "fx_rate": (
            rule("rate_positive", "try_cast(rate as decimal(38, 10)) <= 0", severity=BLOCK, why="a rate of zero or less wipes money out or turns its sign"),
            number_between(
                "rate", None, 10_000_000, severity=NOTE, why="a unit worth ten million of another: one of a very weak currency, or rate and pair are swapped"
            ),
            rule("pair_differs", "from_currency = to_currency", severity=NOTE, why="a currency is 1 of itself; such a rate is never read"),
            not_after_extract("rate_on", why="a rate of a day after the extract is a forecast, and would be taken for a rate"),
        ),
        "price_index": (
            first_of_month("month_on", severity=BLOCK, why="an index is per month; another day means that the source counts otherwise"),
            rule("index_positive", "try_cast(index_value as decimal(38, 10)) <= 0", severity=BLOCK, why="amounts are divided by it"),
        ),
        "fiscal_calendar": (
            in_order("starts_on", "ends_on", severity=BLOCK, why="a period without a day holds no sale"),
            number_between("fiscal_period", 1, 53, severity=NOTE, why="months or weeks of a year"),
        ),
        "code_map": (),
        "correction": correction_checks(),
    },
)
