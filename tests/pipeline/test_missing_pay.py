"""Cost that payroll did not deliver is told: of whom nobody pays, of a country without taxes, and of the groups in which they sell.

Ann is paid for the whole year by one item each, bea never, cid without taxes but in January, and dan is nobody whom payroll knows. Each sells 100,000.
"""

from pathlib import Path

import pytest

from tests.pipeline.small_company import deliver, new_company, nightly, published

OTHERS = "expenses, tools, management"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = new_company(tmp_path_factory.mktemp("missing"))
    teams = {"ann": "north", "bea": "south", "cid": "north", "dan": "west"}
    numbers = {"ann": "1", "bea": "2", "cid": "3"}
    deliver(
        home,
        "crm_user",
        "2025-03-01",
        [{"crm_user_id": user, "user_name": user, "employee_number": numbers.get(user, ""), "rep_role": "hunter", "team_id": teams[user]} for user in teams],
    )
    deliver(home, "employee", "2025-03-01", [{"employee_number": number, "hired_on": "2024-01-01"} for number in numbers.values()])
    deliver(home, "account", "2025-03-01", [{"account_id": user, "account_name": user, "owner_crm_user_id": user} for user in teams])
    deliver(
        home,
        "order_line",
        "2025-03-01",
        [
            {"order_line_id": user, "order_id": user, "account_id": user, "crm_user_id": user, "ordered_on": "2024-06-01", "booked_amount": "100000"}
            | {"currency": "USD", "channel": "rep"}
            for user in teams
        ],
    )
    year = {"period_start_on": "2024-01-01", "period_end_on": "2025-01-01", "currency": "USD"}
    items = [("1", "base", year), ("1", "taxes", year), ("1", "benefits", year), ("1", "commission", year), ("1", "bonus", year)]
    items += [("3", "base", year), ("3", "benefits", year), ("3", "taxes", year | {"period_end_on": "2024-02-01"})]
    deliver(
        home,
        "pay_item",
        "2025-03-01",
        [{"employee_number": number, "item_code": component, "component": component, "pay_amount": "1200", **period} for number, component, period in items],
    )
    deliver(home, "allocation_rule", "2025-03-01", [{"pool_kind": "overhead", "allocation_key": "headcount", "effective_on": "2024-01-01"}])
    pool = {"pool_id": "rent", "pool_kind": "overhead", "month_on": "2024-05-01", "pool_amount": "900", "currency": "USD"}
    deliver(home, "cost_pool", "2025-03-01", [pool])
    nightly(home)
    return home


@pytest.mark.parametrize(
    ("rep", "missing"),
    [
        ("ann", OTHERS),
        ("bea", f"base, taxes, benefits, {OTHERS}"),
        ("cid", f"taxes, {OTHERS}"),
        ("dan", "base, commission, bonus, taxes, benefits, expenses, tools, overhead, management"),
    ],
)
def test_a_rep_lacks_what_was_not_paid_in_the_months_employed(home: Path, rep: str, missing: str) -> None:
    rows = "(fiscal_year = 2024 and reading = 'year' or reading = 'career')"
    sql = f"select distinct fiscal_year, cost_components_missing from rep_value where crm_user_id = '{rep}' and {rows} order by 1"
    assert published(home, sql) == [(2024, missing), (None, missing)]


@pytest.mark.parametrize(
    ("kind", "group", "missing"),
    [
        ("team", "north", f"taxes, {OTHERS}"),
        ("team", "south", f"base, taxes, benefits, {OTHERS}"),
        ("team", "west", "base, commission, bonus, taxes, benefits, expenses, tools, overhead, management"),
        ("company", "company", f"base, commission, bonus, taxes, benefits, {OTHERS}"),
    ],
)
def test_a_group_lacks_what_its_people_lack(home: Path, kind: str, group: str, missing: str) -> None:
    sql = f"select distinct cost_components_missing from group_value where group_type = '{kind}' and group_id = '{group}' and fiscal_year = 2024"
    assert published(home, sql) == [(missing,)]


def test_the_gate_notes_who_was_employed_without_base_pay(home: Path) -> None:
    notes = (home / "notes" / "notes.txt").read_text(encoding="utf-8").splitlines()
    assert [note.split(" (")[0] for note in notes if note.startswith("core_pay_gap")] == [
        "core_pay_gap.employed_days_have_base_pay: 1 row, first crm_user_id=bea, fiscal_year=2024"
    ]
