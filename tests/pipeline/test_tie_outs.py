"""Each tie-out falls when one of its two sides is damaged, and says so by itself.

A company with a row of every kind goes through the whole job once. Then each damage is done in a transaction that is rolled
back, and only the SQL of `tie_out`, and of the counts of rows that it reads, is run on what it left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.settings import CREDIT_POLICIES, Home
from tests.pipeline.small_company import deliver, new_company, nightly

LINES = "delivered lines = loaded + rejected"
LOADED = "lines loaded = rows of the input layer"
FATES = "rows of the input layer = versions + repeats + conflicts + deletions"
CREDITED = "order lines - write-offs = credited + explicitly uncredited"
BY_POLICY = {f"order lines - write-offs = credited by {policy}" for policy in CREDIT_POLICIES}
CONTRACTS = "revenue of the company = total contract value"
RECOGNISED = "total contract value = recognised + still to be recognised"
PAYMENTS = "payments = invoiced + collected + written off"
WON = "amount of deals won = start of the bridge to what was booked"
DEALS_BRIDGED = "deals won + named steps = booked"
BOOKED = "booked by contract = end of the bridge from deals won"
NET = "total contract value = net of the bridge from deals won"
ENDED = "terminated early by contract = terminated early in the bridge from deals won"
MEASURED, REPS_MEASURED = "acv of the company = acv by contract", "acv of the company = sum of reps"
OPEN = "invoiced - collected - written off = still open"
PAID = "pay, expenses, pools and coaching delivered = rep cost + explicitly nobody's"
PAID_USD, PAID_EUR = (f"{PAID}, in {currency}" for currency in ("USD", "EUR"))
BRIDGED = "steps of value in the bridges of the company = change of its order lines"
SOLD = "order lines = revenue of the company"
LIFETIME = "order lines = lifetime value of all customers"
LAST_MONTH = "lifetime value of all customers = their value in the last month"
REPS_REVENUE, REPS_COST = "revenue of the company = sum of reps", "cost of the company = sum of reps + what is paid once"
COUNTED = "lines, pay and expenses delivered = counted + told by another source"
SELLERS = "revenue of unknown reps = unmatched sellers"
CLAIMANTS = "cost of unknown reps = unmatched employees and claimants"
UNPAID = "revenue of reps without an employee = their unmatched revenue"
ACCOUNTS = "lifetime value of unknown customers = unmatched accounts"
GROUPS = {"team": "sum of teams", "manager": "sum of managers", "territory": "sum of territories"}
SEGMENTS = {
    **{kind: f"sum by {kind.replace('_', ' ')}" for kind in ("region", "industry", "acquisition_method")},
    "region_industry": "sum by region × industry",
    "industry_acquisition_method": "sum by industry × acquisition method",
    "region_acquisition_method": "sum by region × acquisition method",
}
PARTS_MEASURED = {kind: f"acv of the company = {cut}" for kind, cut in ({kind: f"sum by {kind}" for kind in GROUPS} | SEGMENTS).items()}
CAREERS_MEASURED = {kind: f"acv of the company = {cut.replace('sum by', 'sum of careers by')}" for kind, cut in SEGMENTS.items()}
REPS_CAREERS, CHANNELS_MEASURED = "acv of the company = sum of careers of reps", "acv of the company = sum by channel"
ALL_MEASURED = {MEASURED, REPS_MEASURED, REPS_CAREERS, CHANNELS_MEASURED, *PARTS_MEASURED.values(), *CAREERS_MEASURED.values()}
WITH_SPEND = {kind for kind in SEGMENTS if "acquisition_method" in kind}
METHOD_COSTS = {f"cost of the company + marketing spend = {SEGMENTS[kind]}" for kind in WITH_SPEND}
OF_REPS = {"revenue": "sum of reps", "cost": "sum of reps + what is paid once"}
THROUGH_LENSES = {amount: {f"{amount} of the company = {whole}, {lens}" for lens in ("as was", "as is")} for amount, whole in OF_REPS.items()}
TREE, PARTS = "sum of the tops of the territory tree", "cost of the company = direct + shared + management"
COSTS = {f"cost of the company = {cut}" for cut in (*GROUPS.values(), TREE, *(SEGMENTS[kind] for kind in SEGMENTS.keys() - WITH_SPEND))}
COSTS |= METHOD_COSTS | {REPS_COST, PARTS}
REVENUES = {f"revenue of the company = {cut}" for cut in (*GROUPS.values(), TREE, *SEGMENTS.values())}

# What is done to the warehouse, and which tie-outs must fall: those and no others.
DAMAGES: dict[str, tuple[str, set[str]]] = {
    "a line that the ledger lost": ("update raw.delivery set rejected = rejected - 1 where rejected = 1", {LINES}),
    "a line that was loaded twice": ("update raw.delivery set loaded = loaded + 1 where entity = 'payment'", {LINES, LOADED}),
    "a delivered row that never came in": ("delete from input.input_payment", {LOADED, FATES}),
    "a version that the history lost": ("delete from core.core_payment_history", {FATES}),
    "a version that nobody delivered": (
        "update core.core_payment_history set _line = 99 where _line = 2; "
        + "insert into core.core_payment_history select * replace (2 as _line) from core.core_payment_history",
        {FATES},
    ),
    "a change back that the history lost": ("delete from core.core_crm_user_history where crm_user_id = 'ann' and known_from_on = '2026-01-01'", {FATES}),
    "a loser that nobody listed": ("delete from core.core_conflict", {FATES}),
    "a deletion that was forgotten": ("update input.input_pay_item set is_deleted = false where is_deleted", {FATES}),
    "a sale that credit lost": ("delete from fct_credit where order_line_id = 'nobody'", {CREDITED}),
    "a sale that nobody delivered": (
        "insert into fct_order_line select * from fct_order_line where order_line_id = 'plain'",
        {CREDITED, SOLD, LIFETIME, BRIDGED} | BY_POLICY,
    ),
    "a write-off that credit did not hear of": ("update core.core_write_off set written_off_amount = 7", {CREDITED} | BY_POLICY),
    "an overlay that is no credit": ("insert into fct_credit select * replace ('overlay' as credit_role) from fct_credit", set()),
    "pay that the cost lines lost": ("delete from core.core_pay_item_history where employee_number = '9'", {FATES, PAID, PAID_USD, COUNTED}),
    "a rep's cost that came twice": ("insert into fct_rep_cost select * from fct_rep_cost where component = 'base' limit 1", {PAID, PAID_USD}),
    "what is paid once that was dropped": ("delete from fct_rep_cost where component = 'severance'", {PAID, PAID_USD, REPS_COST} | THROUGH_LENSES["cost"]),
    "pay of long leave that was dropped": ("delete from fct_rep_cost where component = 'paid_leave'", {PAID, PAID_USD, REPS_COST} | THROUGH_LENSES["cost"]),
    "pay of long leave that stayed base pay": (
        "update fct_rep_cost set component = 'base' where component = 'paid_leave'",
        {REPS_COST} | THROUGH_LENSES["cost"],
    ),
    "a pool that nobody shares": ("delete from fct_rep_cost where component = 'tools'", {PAID, PAID_EUR}),
    "a session that cost nothing": ("delete from core.core_coaching_history", {FATES, PAID, PAID_USD}),
    "nobody's cost that was dropped": ("delete from unattributed_cost", {PAID, PAID_USD, PAID_EUR}),
    "an expense in another currency": ("update core.core_fx_span set fx_rate = 2 where currency = 'EUR'", {PAID}),
    "a line that neither of two sources answers for": ("delete from core.core_order_line where order_line_id = 'plain'", {COUNTED}),
    "an unmatched seller": ("delete from unmatched_identity where reason = 'no seller named'", {SELLERS}),
    "an unmatched employee": ("delete from unmatched_identity where id_kind = 'employee'", {CLAIMANTS}),
    "a rep without an employee": ("delete from unmatched_identity where reason = 'a rep without an employee'", {UNPAID}),
    "an unmatched account": ("delete from unmatched_identity where id_kind = 'account'", {ACCOUNTS}),
    "a year of the company's revenue": ("delete from company_revenue where fiscal_year = 2024", {SOLD, REPS_REVENUE, CONTRACTS, CHANNELS_MEASURED}),
    "the declared measure of a channel": ("update company_revenue set declared_amount = declared_amount + 0.01", {CHANNELS_MEASURED}),
    "a contract's value": ("update contract_value set tcv_amount = tcv_amount + 0.01", {CONTRACTS, RECOGNISED, NET}),
    "what was booked by contract": ("update contract_value set bookings_amount = bookings_amount + 0.01", {BOOKED}),
    "a deal that the bridge forgot": ("update deal_bridge set bridge_amount = 0 where bridge_step = 'won'", {WON, DEALS_BRIDGED}),
    "a step of the bridge": ("delete from deal_bridge where bridge_step = 'without a deal'", {DEALS_BRIDGED}),
    "the end of the bridge": ("update deal_bridge set bridge_amount = bridge_amount + 0.01 where bridge_step = 'booked'", {DEALS_BRIDGED, BOOKED}),
    "a termination that the bridge calls a refund": (
        "update deal_bridge set bridge_amount = bridge_amount + case bridge_step when 'refunded' then -1 else 1 end"
        " where fiscal_year = 2024 and bridge_step in ('terminated early', 'refunded')",
        {ENDED},
    ),
    "what contracts lost early": ("update contract_value set early_terminated_amount = 0", {ENDED}),
    "the measure that the company declares": (
        "update group_value set value_amount = value_amount + 0.01 where group_type = 'company' and reading = 'year' and value_measure = 'acv'",
        ALL_MEASURED,
    ),
    "a contract's annual value": ("update contract_value set acv_amount = acv_amount + 0.01", {MEASURED}),
    "what the bridge keeps": ("update deal_bridge set bridge_amount = bridge_amount + 0.01 where bridge_step = 'net'", {NET}),
    "what a contract earned": ("update contract_value set recognised_amount = recognised_amount + 0.01", {RECOGNISED}),
    "a payment that came to nobody": (
        "update contract_value set invoiced_amount = 0, open_amount = 0, collected_amount = 0, written_off_amount = 0",
        {PAYMENTS},
    ),
    "what is still open": ("update contract_value set open_amount = 0", {OPEN}),
    "a customer": ("delete from customer_lifetime_value where account_id = 'small'", {LIFETIME, LAST_MONTH}),
    "a customer's last month": ("delete from fct_customer_value where account_id = 'small' and month_on = '2025-12-01'", {LAST_MONTH}),
    "a rep's year": (
        "delete from rep_value where crm_user_id = 'ann' and reading = 'year' and fiscal_year = 2024 and lens = 'as_sold'",
        {REPS_REVENUE, REPS_MEASURED},
    ),
    "a rep's year through the other lenses": (
        "delete from rep_value where crm_user_id = 'ann' and reading = 'year' and lens <> 'as_sold'",
        THROUGH_LENSES["revenue"] | THROUGH_LENSES["cost"],
    ),
    "a rep's cost": (
        "update rep_value set cost_amount = 1 where crm_user_id = 'ann' and reading = 'year' and fiscal_year = 2025 and lens = 'as_sold'",
        {REPS_COST},
    ),
    "the company's revenue by groups": (
        "update group_value set revenue_amount = 1 where group_type = 'company' and fiscal_year = 2024",
        REVENUES | THROUGH_LENSES["revenue"],
    ),
    "the company's cost": ("update group_value set cost_amount = 0 where group_type = 'company' and reading = 'year'", COSTS | THROUGH_LENSES["cost"]),
    "marketing spend": ("delete from core.core_segment_whole where cost_kind = 'marketing'", METHOD_COSTS),
}
DAMAGES["a step of the company's bridge"] = (
    "update ratio_bridge set value_change_amount = value_change_amount + 0.01 where holder_type = 'company' and step = 'price'",
    {BRIDGED},
)
DAMAGES["a part of the company's cost"] = (
    "update group_value set shared_cost_amount = shared_cost_amount + 0.01 where group_type = 'company' and reading = 'year' and fiscal_year = 2025",
    {PARTS},
)
for amount in ("revenue", "cost"):
    DAMAGES[f"{amount} of a region with its territories"] = (
        f"update group_value set {amount}_amount = {amount}_amount + 0.01 where group_type = 'territory_tree' and group_id = 'north'"
        " and reading = 'year' and fiscal_year = 2025",
        {f"{amount} of the company = {TREE}"},
    )
    for table, kinds in (("group_value", GROUPS), ("segment_value", SEGMENTS)):
        for kind, cut in kinds.items():
            whole = " + marketing spend" if amount == "cost" and kind in WITH_SPEND else ""
            DAMAGES[f"{amount} of one {kind}"] = (
                f"update {table} set {amount}_amount = {amount}_amount + 0.01 where {table.split('_')[0]}_type = '{kind}' and reading = 'year'"
                " and value_measure = 'revenue' and fiscal_year = 2025",
                {f"{amount} of the company{whole} = {cut}"},
            )
for kind, tie_out in PARTS_MEASURED.items():
    table = "group_value" if kind in GROUPS else "segment_value"
    DAMAGES[f"the declared measure of one {kind}"] = (
        f"update {table} set value_amount = value_amount + 0.01 where {table.split('_')[0]}_type = '{kind}' and reading = 'year' and value_measure = 'acv'",
        {tie_out},
    )
for kind, tie_out in (("rep", REPS_CAREERS), *CAREERS_MEASURED.items()):
    table, which = ("rep_value", "true") if kind == "rep" else ("segment_value", f"segment_type = '{kind}'")
    DAMAGES[f"careers of one {kind} in the declared measure"] = (
        f"update {table} set value_amount = value_amount + 0.01 where {which} and reading = 'career' and value_measure = 'acv'",
        {tie_out},
    )
for policy in CREDIT_POLICIES:
    DAMAGES[f"credit by {policy}"] = (
        f"delete from credit_policy_comparison where policy = '{policy}' and fiscal_year = 2024",
        {f"order lines - write-offs = credited by {policy}"},
    )
CUTS = ("rep", "team", "manager", "territory", "company", "region", "industry", "acquisition_method")
for kind in CUTS:
    DAMAGES[f"deals of one {kind}"] = (
        f"update deal_funnel set won_amount = won_amount + 0.01 where cut_type = '{kind}' and opportunities_won > 0",
        {f"amount of deals won = sum by {kind.replace('_', ' ')}"},
    )


IN_BASIS = ", constant"


def _in_basis() -> Iterator[tuple[str, str, set[str]]]:
    """Damages to the rows of another basis alone: what is damaged, how, and which tie-outs of the basis must fall."""
    year = "reading = 'year' and value_measure = 'revenue'"

    def damage(table: str, amount: str, which: str = "true") -> str:
        return f"update {table} set {amount} = {amount} + 0.01 where basis = 'constant' and {which}"

    yield "revenue of the company", damage("company_revenue", "revenue_amount"), {SOLD}
    yield "a customer's value", damage("customer_lifetime_value", "realised_ltv_amount"), {LIFETIME}
    yield "a contract's value", damage("contract_value", "tcv_amount"), {"order lines = total contract value", RECOGNISED, NET}
    yield "what a contract earned", damage("contract_value", "recognised_amount"), {RECOGNISED}
    yield "what is still open", damage("contract_value", "open_amount"), {OPEN}
    yield "what was booked", damage("contract_value", "bookings_amount"), {BOOKED, "booked by contract = deals won + named steps"}
    for policy in CREDIT_POLICIES:
        which = f"policy = '{policy}' and fiscal_year = 2024"
        yield f"credit by {policy}", damage("credit_policy_comparison", "credited_amount", which), {f"order lines - write-offs = credited by {policy}"}
    yield "a step of the bridge", damage("deal_bridge", "bridge_amount", "step_number = 9"), {"booked by contract = deals won + named steps"}
    yield "the end of the bridge", damage("deal_bridge", "bridge_amount", "bridge_step = 'booked'"), {BOOKED}
    yield "what the bridge keeps", damage("deal_bridge", "bridge_amount", "bridge_step = 'net'"), {NET}
    acv = "reading = 'year' and value_measure = 'acv'"
    yield "the declared measure", damage("group_value", "value_amount", f"{acv} and group_type = 'company'"), ALL_MEASURED
    yield "the declared measure of a channel", damage("company_revenue", "declared_amount"), {CHANNELS_MEASURED}
    yield "a contract's annual value", damage("contract_value", "acv_amount"), {MEASURED}
    yield "the declared measure of reps", damage("rep_value", "value_amount", acv), {REPS_MEASURED}
    for kind, tie_out in PARTS_MEASURED.items():
        table = "group_value" if kind in GROUPS else "segment_value"
        yield f"the declared measure of one {kind}", damage(table, "value_amount", f"{acv} and {table.split('_', maxsplit=1)[0]}_type = '{kind}'"), {tie_out}
    careers = "reading = 'career' and value_measure = 'acv'"
    yield "the declared measure of reps' careers", damage("rep_value", "value_amount", careers), {REPS_CAREERS}
    for kind, tie_out in CAREERS_MEASURED.items():
        yield f"the careers of one {kind}", damage("segment_value", "value_amount", f"{careers} and segment_type = '{kind}'"), {tie_out}
    for cut in CUTS:
        falling = f"start of the bridge from deals won = sum by {cut.replace('_', ' ')}"
        yield f"deals of one {cut}", damage("deal_funnel", "won_amount", f"cut_type = '{cut}'"), {falling}
    for amount in ("revenue", "cost"):
        column, lines = f"{amount}_amount", f"lines of {amount}"
        for lens in ("as_sold", "as_was", "as_is"):
            which = f"{year} and cost_basis = 'actual' and lens = '{lens}'"
            yield f"{amount} of reps {lens}", damage("rep_value", column, which), {f"{lines} = sum of reps {lens.replace('_', ' ')}"}
        for kind in ("company", *GROUPS):
            yield f"{amount} by {kind}", damage("group_value", column, f"{year} and lens = 'as_sold' and group_type = '{kind}'"), {f"{lines} = sum by {kind}"}
        tree = f"{year} and lens = 'as_sold' and group_type = 'territory_tree' and group_id = 'north'"
        yield f"{amount} of a tree", damage("group_value", column, tree), {f"{lines} = sum of the tops of the territory tree"}
        for kind, cut in SEGMENTS.items():
            spend = " + marketing spend" if amount == "cost" and kind in WITH_SPEND else ""
            which = f"{year} and lens = 'as_sold' and segment_type = '{kind}'"
            yield f"{amount} of one {kind}", damage("segment_value", column, which), {f"{lines}{spend} = {cut}"}
    for part in ("direct", "shared", "management"):
        which = f"{year} and lens = 'as_sold' and group_type = 'company'"
        yield f"{part} cost", damage("group_value", f"{part}_cost_amount", which), {"lines of cost = direct + shared + management"}


DAMAGES_IN_BASIS = {name: (sql, {f"{tie_out}{IN_BASIS}" for tie_out in falling}) for name, sql, falling in _in_basis()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of one night, with the SQL of tie_out and of core_row_count."""
    home = Home(new_company(tmp_path_factory.mktemp("tie_outs"), contract_measure="acv", bases=("constant",)))
    _deliver_people(home.root)
    _deliver_sales(home.root)
    _deliver_costs(home.root)
    nightly(home.root)
    compiled = {path.stem: path.read_text() for path in (home.work / "dbt/target/compiled").rglob("*.sql")}
    with duckdb.connect(str(home.warehouse)) as connection:
        for name, model in (("row_counts", "core_row_count"), ("tie_outs", "tie_out")):
            connection.execute(f"create macro {name}() as table {compiled[model]}")
        yield connection


def _deliver_people(home: Path) -> None:
    ann = {"crm_user_id": "ann", "user_name": "Ann", "employee_number": "1", "rep_role": "hunter", "manager_crm_user_id": "bea"}
    bea = {"crm_user_id": "bea", "user_name": "Bea", "employee_number": "2", "rep_role": "manager", "team_id": "south"}
    cleo = {"crm_user_id": "cleo", "user_name": "Cleo", "rep_role": "rep"}
    deliver(home, "crm_user", "2024-01-01", [ann | {"team_id": "north"}, bea, cleo])
    deliver(home, "crm_user", "2025-01-01", [ann | {"team_id": "south"}, bea, cleo])
    deliver(home, "crm_user", "2026-01-01", [ann | {"team_id": "north"}, bea, cleo, bea | {"user_name": "Beatrice"}])
    deliver(home, "employee", "2026-01-01", [{"employee_number": number} for number in "129"])
    territories = [{"territory_id": name, "territory_name": name.title(), "parent_territory_id": "north"} for name in ("east", "west")]
    deliver(home, "territory", "2026-01-01", [{"territory_id": "north", "territory_name": "North"}, *territories])
    deliver(
        home,
        "territory_assignment",
        "2026-01-01",
        [{"territory_id": "east", "crm_user_id": "ann", "assigned_from_on": "2020-01-01"}],
    )


def _deliver_sales(home: Path) -> None:
    account = {"owner_crm_user_id": "ann", "acquisition_method": "event"}
    accounts = [account | {"account_id": "large", "industry": "steel"}, account | {"account_id": "small", "industry": "glass"}]
    deliver(home, "account", "2026-01-01", accounts)
    line = {"currency": "USD", "crm_user_id": "ann", "ordered_on": "2024-12-01", "account_id": "large", "territory_id": "east", "channel": "rep"}
    lines = [
        line | {"order_line_id": "plain", "booked_amount": "1000", "term_months": "24"},
        line | {"order_line_id": "refund", "booked_amount": "-100", "refunds_order_line_id": "plain"},
        line | {"order_line_id": "euro", "booked_amount": "300.33", "currency": "EUR", "ordered_on": "2025-03-01", "account_id": "small"},
        line | {"order_line_id": "nobody", "booked_amount": "50", "crm_user_id": "", "account_id": "small", "territory_id": "west"},
        line | {"order_line_id": "stranger", "booked_amount": "20", "crm_user_id": "cleo", "account_id": "stranger"},
    ]
    deal = {"owner_crm_user_id": "ann", "account_id": "large", "stage": "won", "is_closed": "true", "is_won": "true", "currency": "USD"}
    deliver(home, "opportunity", "2026-01-01", [deal | {"opportunity_id": "deal", "opportunity_amount": "900", "closed_on": "2025-02-01"}])
    broken = deliver(home, "order_line", "2026-01-01", [row | {"order_id": row["order_line_id"]} for row in lines])
    with broken.open("a", encoding="utf-8") as file:
        file.write("broken\n")
    deliver(
        home,
        "payment",
        "2026-01-01",
        [
            {
                "payment_id": "1",
                "order_line_id": "plain",
                "currency": "USD",
                "invoiced_on": "2024-12-31",
                "invoiced_amount": "900",
                "written_off_amount": "30",
                "written_off_on": "2025-01-31",
            }
        ],
    )
    deliver(home, "fx_rate", "2026-01-01", [{"from_currency": "EUR", "to_currency": "USD", "rate_on": "2024-01-01", "rate": "1.1"}])


def _deliver_costs(home: Path) -> None:
    pay = {"currency": "USD", "item_code": "salary", "component": "base", "period_start_on": "2025-01-01"}
    items = [pay | {"employee_number": number, "pay_amount": amount} for number, amount in (("1", "300"), ("2", "200"), ("9", "70"), ("8", "60"))]
    items.append(pay | {"employee_number": "1", "item_code": "leave", "component": "severance", "pay_amount": "90"})
    deliver(home, "pay_item", "2026-01-01", [*items, pay | {"employee_number": "1", "item_code": "gone", "pay_amount": "5", "is_deleted": "true"}])
    leave = {"employee_number": "1", "absence_type": "parental", "starts_on": "2025-01-06", "ends_on": "2025-01-16", "is_paid": "true"}
    deliver(home, "absence", "2026-01-01", [leave])
    claim = {"claimant_employee_number": "1", "currency": "EUR", "category": "travel", "spent_on": "2025-02-01", "expense_amount": "10"}
    claims = [claim | {"report_id": "r", "line_number": number, "status": status} for number, status in (("1", "paid"), ("2", "rejected"))]
    deliver(home, "expense_line", "2026-01-01", claims)
    pool = {"month_on": "2025-01-01", "pool_kind": "tools", "currency": "EUR"}
    deliver(
        home,
        "cost_pool",
        "2026-01-01",
        [pool | {"pool_id": "seats", "pool_amount": "33"}, pool | {"pool_id": "rent", "pool_kind": "overhead", "pool_amount": "7"}],
    )
    rules = [{"pool_kind": "tools", "allocation_key": "headcount"}, {"pool_kind": "management", "pool_pct": "50"}]
    deliver(home, "allocation_rule", "2026-01-01", rules)
    session = {"programme": "clinic", "crm_user_id": "ann", "coached_by": "bea", "session_on": "2025-01-15", "hours": "2", "currency": "USD"}
    deliver(home, "coaching", "2026-01-01", [session | {"coaching_cost_amount": "15"}])
    spend = {"month_on": "2025-05-01", "acquisition_method": "event", "spend_amount": "40", "currency": "USD"}
    deliver(home, "marketing_spend", "2026-01-01", [spend | {"marketing_spend_id": "fair"}])


def tie_outs(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    found = connection.execute("from tie_outs()")
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def untied(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {row["tie_out"] for row in tie_outs(connection) if not row["is_tied"]}


@contextmanager
def damaged(connection: duckdb.DuckDBPyConnection, statements: str) -> Iterator[None]:
    """The warehouse with what a statement does to it. Rows are counted anew if it touched any that core_row_count reads."""
    connection.execute("begin")
    try:
        connection.execute(statements)
        if any(f" {schema}." in statements for schema in ("raw", "input", "core")):
            connection.execute("create or replace table core.core_row_count as from row_counts()")
        yield
    finally:
        connection.execute("rollback")


def test_all_tie_out_on_a_company_with_a_row_of_every_kind(built: duckdb.DuckDBPyConnection) -> None:
    assert untied(built) == set()
    assert [row["tie_out"] for row in tie_outs(built) if row["left_amount"] == 0] == [], "a tie-out of nothing with nothing proves nothing"


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_one_side_makes_it_fall(built: duckdb.DuckDBPyConnection, damage: str) -> None:
    statements, falling = DAMAGES[damage]
    with damaged(built, statements):
        assert {name for name in untied(built) if not name.endswith(IN_BASIS)} == falling


@pytest.mark.parametrize("damage", DAMAGES_IN_BASIS)
def test_damage_in_another_basis_makes_it_fall_there(built: duckdb.DuckDBPyConnection, damage: str) -> None:
    statement, falling = DAMAGES_IN_BASIS[damage]
    with damaged(built, statement):
        assert untied(built) == falling


def test_every_tie_out_was_seen_to_fall(built: duckdb.DuckDBPyConnection) -> None:
    names = {row["tie_out"] for row in tie_outs(built)}
    assert names - set().union(*(falling for _, falling in (*DAMAGES.values(), *DAMAGES_IN_BASIS.values()))) == set()
