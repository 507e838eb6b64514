"""Two systems that deliver one entity: what may be shared is, and a key that would count twice is named before anybody sees it."""

from pathlib import Path

from orchestration.company_file import standard_sources
from orchestration.settings import Source
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
