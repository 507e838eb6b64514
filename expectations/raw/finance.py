"""Finance: what the books say, to tie out against."""

from expectations.raw.contract import raw_suites
from expectations.vocabulary import BLOCK, NOTE, first_of_month, in_codes, not_after_extract

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
    },
)
