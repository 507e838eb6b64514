"""What changed since the last publication: sums by cause, and the largest changes of figures that were told before.

Belongs here: causes in words, which changes are shown, how a figure is called. Doesn't: finding a cause.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from orchestration.book import wording
from orchestration.book.figures import Company, Row
from orchestration.book.view import Block, Cell, Column, Section, Table

_SHOWN = 10
_ZERO = Decimal(0)
_NOMINAL, _STANDARD = "basis=nominal", "cost_basis=standard"
_IS_SHOWN = {"reading=year", "lens=as_sold", _NOMINAL, "value_measure=revenue"}
_IS_PART = re.compile(r"group_type=(?!company,)")
_NEW = "new"
CAUSES = {
    "merged": "two records of one person or customer became one", "rate": "another exchange rate", "corrected": "its source tells it otherwise now",
    "re-split": "shared otherwise between reps", "moved": "the customer or the territory counts elsewhere", "rule": "code or settings of the warehouse",
    "definition": "another definition of the measure", "late": "of days that were over, delivered since", _NEW: "of days that came since",
    "unexplained": "no cause found: report it",
}  # fmt: skip
_NONE = (
    "So it is in a first publication, in a look-back, in the first publication after some upgrades, and where nothing was delivered that moves a sum "
    "of sales or cost."
)


def changes_section(company: Company, changes: Sequence[Row]) -> Section:
    """Changes by cause, then the largest."""
    topic = "Since the last publication"
    if not changes:
        return Section("changes", topic, "No published figure has a change to explain", lead=_NONE)
    told_before = [row for row in changes if row["cause"] != _NEW]
    blocks = [Block(table=_by_cause(company, changes))]
    if shown := _largest(told_before):
        blocks.append(Block(table=_table(company, shown)))
    return Section("changes", topic, _title(company, changes, told_before), lead=_lead(changes), blocks=blocks)


def _figures(rows: Sequence[Row]) -> int:
    return len({(row["table_name"], row["row_key"], row["column_name"]) for row in rows})


def _title(company: Company, changes: Sequence[Row], told_before: Sequence[Row]) -> str:
    if not told_before:
        return "What was told before stands; all that changed is of days that came since"
    moved, currency = _revenue(told_before), company.facts.reporting_currency
    said = f"Of what was told before, {wording.plural(_figures(told_before), 'figure')} changed"
    if not moved:
        return f"{said}; the company's revenue of days told before is the same"
    return f"{said}; the company's revenue of days told before is {wording.money(abs(moved), currency)} {'higher' if moved > 0 else 'lower'}"


def _lead(changes: Sequence[Row]) -> str:
    return (
        f"Compared with publication {changes[0]['from_publication']}: each published figure that is another now, by cause. "
        "Revenue and cost below are in money as booked; every change is in the table restatement."
    )


def _revenue(rows: Sequence[Row], column: str = "change_amount") -> Decimal:
    """Of the company: the one table in which a sale counts once, in money as booked."""
    return sum((row[column] or _ZERO for row in rows if row["table_name"] == "company_revenue" and row["row_key"].endswith(_NOMINAL)), _ZERO)


def _cost(rows: Sequence[Row], column: str = "change_amount") -> Decimal:
    return sum((row[column] or _ZERO for row in rows if (row["table_name"], row["column_name"]) == ("fct_rep_cost", "cost_amount")), _ZERO)


def _by_cause(company: Company, changes: Sequence[Row]) -> Table:
    rows = []
    for cause in sorted({row["cause"] for row in changes}, key=lambda cause: (cause == _NEW, cause)):
        of_cause = [row for row in changes if row["cause"] == cause]
        amounts = [side(of_cause, column) for side in (_revenue, _cost) for column in ("change_amount", "closed_change_amount")]
        rows.append([Cell(cause, CAUSES.get(cause, "")), Cell(f"{_figures(of_cause):,}"), *(Cell(wording.exact(amount)) for amount in amounts)])
    closed = "of it in closed months"
    columns = [Column("Cause", is_number=False), Column("Figures"), Column("Revenue"), Column("", closed), Column("Cost"), Column("", closed)]
    note = "A cause may move what reps, segments or customers have and leave the company's sum as it was: then revenue and cost are 0."
    return Table(f"Changes of the company by cause, {company.facts.reporting_currency}", columns, rows, [note])


def _largest(rows: Sequence[Row]) -> list[Row]:
    """Once each: of years and of reps' costs, as revenue. Teams, cohorts, careers and channels are moved by the same lines."""
    shown = [
        row
        for row in rows
        if (row["table_name"], row["column_name"]) == ("fct_rep_cost", "cost_amount") or (row["column_name"] == "revenue_amount" and _is_shown(row["row_key"]))
    ]
    return sorted(shown, key=lambda row: (-abs(row["change_amount"]), row["table_name"], row["row_key"], row["cause"]))[:_SHOWN]


def _is_shown(row_key: str) -> bool:
    told = set(row_key.split(", "))
    return told >= _IS_SHOWN and _STANDARD not in told and not _IS_PART.match(row_key)


def _table(company: Company, rows: Sequence[Row]) -> Table:
    names = {rep.crm_user_id: rep.name for rep in company.reps}
    cells = [
        [
            Cell(_called(row["row_key"], names)), Cell(_when(row["row_key"])), Cell("cost" if row["table_name"] == "fct_rep_cost" else "revenue"),
            Cell(row["cause"]), Cell(wording.exact(row["change_amount"])), _closed(row["closed_change_amount"]),
        ]
        for row in rows
    ]  # fmt: skip
    columns = [
        Column("Whose", is_number=False), Column("When", is_number=False), Column("What", is_number=False), Column("Cause", is_number=False),
        Column("Change"), Column("", "of it in closed months"),
    ]  # fmt: skip
    return Table(f"The largest changes of what was told before, {company.facts.reporting_currency}", columns, cells)


def _called(row_key: str, names: dict[str, str]) -> str:
    """Whose figure it is, from the key as `explain` takes it: a name may itself hold a comma."""
    if segment := re.search(r"segment=(.*), reading=", row_key):
        return wording.shown_name(segment[1])
    if rep := re.match(r"crm_user_id=(.*?), (?:reading|employee_number)=", row_key):
        return "without a rep" if rep[1] == "unknown" else names.get(rep[1], wording.shown_name(rep[1]))
    return "the company"


def _when(row_key: str) -> str:
    if month := re.search(r"month_on=(\d{4})-(\d\d)", row_key):
        return f"{wording.MONTHS[int(month[2]) - 1][:3]}{wording.NO_BREAK}{month[1]}"
    year = re.search(r"fiscal_year=(\d+)", row_key)
    return year[1] if year else wording.DASH


def _closed(amount: Decimal | None) -> Cell:
    return Cell(wording.DASH, "not known") if amount is None else Cell(wording.exact(amount))
