"""Finance: what the books say, to tie out against."""

from expectations.raw.contract import raw_suites
from expectations.vocabulary import BLOCK, NOTE, first_of_month, not_after_extract

SUITES = raw_suites(
    "standard",
    "finance",
    {
        "ledger_balance": (
            first_of_month("month_on", severity=BLOCK, why="balances are per month; another day would tie out against the wrong one"),
            not_after_extract("month_on", severity=NOTE, why="a month after the extract has no balance yet"),
        ),
    },
)
