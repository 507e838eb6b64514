"""The way back of what payroll paid and what the books say of it.

Belongs here: `pay_reconciliation`, `ledger_tie`. Doesn't: what a rep costs (`facts`), other answers, running a way.
"""

from dataclasses import replace

from orchestration.explain.cell import Cell
from orchestration.explain.ways.parts import LEAVE, LINE, Dates, Part, Way


def pay(cell: Cell, dates: Dates) -> Way:
    """By the year in which it was earned, or that in which it was paid."""
    row = cell.row
    side, is_local = cell.column.removesuffix("_amount").removesuffix("_local"), cell.column.endswith("_local_amount")
    year = "fiscal_year" if side in ("earned", "unpaid") else "paid_fiscal_year"
    where = {name: row[name] for name in ("crm_user_id", "component", "currency")} | {year: row["fiscal_year"]}
    where |= {"is_elsewhere": True} if side in ("unpaid", "earned_before") else {}
    to_come = f"month_on >= date '{dates.as_of}'"
    told = f"*, fiscal_year is distinct from paid_fiscal_year or {to_come} as is_elsewhere"
    known = f" and not {to_come}" if side in ("earned", "unpaid") else ""
    items = f"(select {told} from core.core_cost_line where entity = 'pay_item'{known})"
    amount = "cost_local_amount" if is_local else "cost_amount"
    rules = ("pay items by the period that they were earned in, and by paid_on before the as-of date", LEAVE)
    return Way((Part(side, cell.value, items, amount, where, LINE, rules=rules, is_in_part=True),))


def ledger(cell: Cell, _: Dates) -> Way:
    """Both sides by their lines; the named parts of the difference by the rule that names them."""
    row = cell.row
    where = {name: row[name] for name in ("month_on", "cost_centre", "ledger_kind", "currency")}
    lines, kind = "(select *, null as fx_rate_id from core.core_ledger_line)", f"{row['ledger_kind']}_amount"
    money = ("local_amount", "local_amount")
    files = Part("files", row[kind], lines, "local_amount", where | {"side": "files"}, LINE, money=money)
    books = Part("books", row["books_amount"], lines, "local_amount", where | {"side": "books"}, LINE, money=money)
    if cell.column in ("books_amount", kind):
        return Way((books if cell.column == "books_amount" else files,))
    if cell.column in ("payroll_amount", "expenses_amount", "marketing_amount"):
        return Way(rule=f"0: the row is of {row['ledger_kind']}")
    rule = "files less books; where another cost centre differs by the same amount the other way, it is taken to stand there, else it is on one side alone"
    if cell.value == 0 and row["files_less_books_amount"] != 0:
        return Way(rule=f"0: the difference of this row has another name; {rule}")
    if cell.column == "not_in_files_amount":
        return Way((books, replace(files, sign=-1)), rule)
    return Way((files, replace(books, sign=-1)), rule)
