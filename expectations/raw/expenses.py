"""Expenses: what people claim, and whether it was granted."""

from expectations.raw.contract import raw_suites
from expectations.vocabulary import BLOCK, NOTE, in_codes, not_after_extract, number_between, rule, since_1950

STATUSES = ("approved", "paid", "submitted", "rejected", "withdrawn")

SUITES = raw_suites(
    "standard",
    "expenses",
    {
        "expense_line": (
            in_codes("status", STATUSES, severity=BLOCK, why="whether a status that we don't know is a cost can only be guessed"),
            since_1950("spent_on"),
            not_after_extract("spent_on", why="spent after the extract: booked ahead, or a slip of the year; not counted until the as-of date reaches it"),
            number_between("expense_amount", -1_000_000, 1_000_000, severity=NOTE, why="one line of one report beyond a million is a lost decimal point"),
            rule(
                "names_claimant",
                "claimant_employee_number is null and claimant_email is null",
                severity=NOTE,
                why="a claim that names nobody is a cost of the unknown rep",
            ),
        ),
    },
)
