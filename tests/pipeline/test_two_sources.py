"""Two systems that deliver one entity: what may be shared is, and a key that would count twice is named before anybody sees it."""

import datetime as dt
from pathlib import Path

from orchestration.company_file import standard_sources
from orchestration.settings import Source, Takeover
from tests.pipeline.small_company import deliver, new_company, repledger


def test_an_account_of_two_sources_is_named_with_both_and_an_employee_is_not(tmp_path: Path) -> None:
    others = (Source("hr", "standard", {"employee": "snapshot"}), Source("old_crm", "standard", {"account": "snapshot"}))
    home = new_company(tmp_path / "home", sources=(*standard_sources(), *others))
    line = {"order_line_id": "1", "order_id": "1", "ordered_on": "2025-01-15", "booked_amount": "9", "currency": "USD"}
    deliver(home, "account", "2025-02-01", [{"account_id": "mine"}, {"account_id": "shared"}])
    deliver(home, "account", "2025-02-01", [{"account_id": "shared"}], source="old_crm")
    deliver(home, "order_line", "2025-02-01", [line | {"account_id": "shared"}])
    for source in ("payroll", "hr"):
        deliver(home, "employee", "2025-02-01", [{"employee_number": "7"}], source=source)

    done = repledger("nightly", home=home)
    assert done.returncode == 1
    assert "core_account_history.one_source: 1 row, first account_id=shared, one_source=crm, other_source=old_crm" in done.stderr
    assert "employee" not in done.stderr
    assert not (home / "published/current").exists()


def test_an_id_that_is_given_to_another_blocks(tmp_path: Path) -> None:
    """A new CRM counts from 1 too: user 1 was Ann and is Bob, account 1 was Alpha and is Omega. Ann's sales would be Bob's, and Alpha's money Omega's.

    Within the old one, Cid's login went to Dan: one rep would have the pay of both.
    """
    taken = {"crm_user": "snapshot", "account": "snapshot", "order_line": "delta"}
    new = Source("new_crm", "standard", taken, takeover=Takeover("crm", dt.date(2025, 4, 1)))
    home = new_company(tmp_path / "home", sources=(*standard_sources(), new))
    line = {"order_id": "x", "currency": "USD", "crm_user_id": "1", "account_id": "1"}
    ann = {"crm_user_id": "1", "user_name": "Ann", "employee_number": "E1"}
    deliver(home, "crm_user", "2025-01-01", [ann, {"crm_user_id": "5", "user_name": "Cid", "employee_number": "E5"}])
    deliver(home, "crm_user", "2025-03-01", [ann, {"crm_user_id": "5", "user_name": "Dan", "employee_number": "E6"}])
    deliver(home, "account", "2025-01-01", [{"account_id": "1", "account_name": "Alpha"}])
    deliver(home, "order_line", "2025-01-01", [line | {"order_line_id": "a", "ordered_on": "2024-06-01", "booked_amount": "100"}])
    deliver(home, "employee", "2025-05-01", [{"employee_number": number, "hired_on": "2020-01-01"} for number in ("E1", "E2", "E5", "E6")])
    people = [{"crm_user_id": "1", "user_name": "Bob", "employee_number": "E2"}, {"crm_user_id": "2", "user_name": "Ann", "employee_number": "E1"}]
    deliver(home, "crm_user", "2025-05-01", people, source="new_crm")
    deliver(home, "account", "2025-05-01", [{"account_id": "1", "account_name": "Omega"}], source="new_crm")
    deliver(home, "order_line", "2025-05-01", [line | {"order_line_id": "b", "ordered_on": "2025-04-20", "booked_amount": "7"}], source="new_crm")

    done = repledger("nightly", home=home)
    assert done.returncode == 1
    assert "core_crm_user_history.id_not_reused: 1 row, first crm_user_id=1, taken_source=crm, taking_source=new_crm" in done.stderr
    assert "core_account_history.id_not_reused: 1 row, first account_id=1, taken_source=crm, taking_source=new_crm" in done.stderr
    assert "core_user_employee.one_employee_a_user: 1 row, first crm_user_id=5, one_employee_number=E5, other_employee_number=E6" in done.stderr
    assert not [shown for shown in ("Alpha", "Omega", "Ann", "Bob", "Cid", "Dan") if shown in done.stderr]
