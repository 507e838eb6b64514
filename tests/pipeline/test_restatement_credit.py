"""Why credit under each policy changed where no line of that year did: what was handed over, what is taken back of a sale.

The company has another name at the second night, and other roles without a ratio: no amount stands on either, so that neither is a cause.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.small_company import deliver, new_company, nightly, published

FIRST, SECOND = "2025-01-15", "2025-03-01"
Row = dict[str, Any]


def line(order_line_id: str, seller: str, ordered_on: str, amount: str, account_id: str, **more: str) -> Row:
    told = {"order_id": order_line_id, "crm_user_id": seller, "ordered_on": ordered_on, "booked_amount": amount, "account_id": account_id}
    return {"order_line_id": order_line_id, "currency": "USD", **told, **more}


def owners(account_id: str, acquirer: str, heir: str, since: str) -> list[tuple[str, Row]]:
    """The extracts that tell who owned an account: first the one who won it, then another."""
    return [
        (FIRST, {"account_id": account_id, "owner_crm_user_id": acquirer, "acquiring_crm_user_id": acquirer, "effective_on": "2023-01-01"}),
        (FIRST, {"account_id": account_id, "owner_crm_user_id": heir, "acquiring_crm_user_id": acquirer, "effective_on": since}),
    ]


# Of each account another pair, so that a year of theirs has one cause.
PASSED = {
    "never_sold_again": ("ann", "bea", "2024-02-01"),
    "sold_late_before": ("cid", "dot", "2024-02-01"),
    "refunded": ("eve", "fay", "2024-06-01"),
}
SOLD = [
    line("a", "ann", "2023-03-10", "1200", "never_sold_again"),
    line("c", "cid", "2023-01-10", "600", "sold_late_before"),
    line("e", "eve", "2024-03-10", "500", "refunded"),
    line("g", "gus", "2023-05-10", "300", "sold_by_another"),
    line("g_back", "gus", "2024-07-10", "-100", "sold_by_another", refunds_order_line_id="g"),
    line("other", "pat", "2023-01-10", "100000", "other"),
    line("other_too", "pat", "2024-01-10", "100000", "other"),
    line("and_again", "pat", "2025-01-10", "100000", "other"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = new_company(tmp_path_factory.mktemp("restatement_credit"))
    names = {name for pair in PASSED.values() for name in pair[:2]} | {"gus", "hal", "pat"}
    deliver(home, "crm_user", FIRST, [{"crm_user_id": name, "user_name": name.title(), "rep_role": "hunter"} for name in sorted(names)])
    accounts = [row for account_id, (acquirer, heir, since) in PASSED.items() for _, row in owners(account_id, acquirer, heir, since)]
    deliver(home, "account", FIRST, [*accounts, *({"account_id": name, "owner_crm_user_id": "pat"} for name in ("sold_by_another", "other"))])
    deliver(home, "order_line", FIRST, SOLD)
    nightly(home)
    settings = home / "company.toml"
    told = settings.read_text(encoding="utf-8").replace('name = "Example & Daughters"', 'name = "Daughters"\nroles_without_credit = ["SE"]')
    assert 'name = "Daughters"' in told
    settings.write_text(told, encoding="utf-8")
    late = line("c_late", "cid", "2023-09-10", "240", "sold_late_before")
    back = line("e_back", "fay", "2025-02-10", "-200", "refunded", refunds_order_line_id="e")
    deliver(home, "order_line", SECOND, [late, back, line("g", "hal", "2023-05-10", "300", "sold_by_another")])
    nightly(home)
    return home


def causes(home: Path, policy: str, crm_user_id: str, year: int) -> dict[str, Decimal]:
    key = f"crm_user_id={crm_user_id}, fiscal_year={year}, policy={policy}, basis=nominal"
    sql = f"select cause, change_amount from restatement where table_name = 'credit_policy_comparison' and row_key = '{key}'"
    return dict(published(home, sql))


def test_every_change_of_credit_has_a_cause(home: Path) -> None:
    assert published(home, "select count(*) > 10 from restatement where table_name = 'credit_policy_comparison'") == [(True,)]
    assert published(home, "select table_name, column_name, row_key, change_amount from restatement where cause = 'unexplained'") == []


def test_what_was_due_and_never_sold_is_taken_off_on_its_day(home: Path) -> None:
    """A year after the handover, with no line of that year: the day has come."""
    assert causes(home, "handover", "ann", 2025).keys() == causes(home, "handover", "bea", 2025).keys() == {"new"}
    assert causes(home, "handover", "ann", 2025)["new"] == -causes(home, "handover", "bea", 2025)["new"] > 0


def test_what_comes_late_before_a_handover_is_due_after_it(home: Path) -> None:
    assert "late" in causes(home, "handover", "dot", 2025)
    assert causes(home, "acquirer", "dot", 2025) == {}


def test_a_refund_is_of_whoever_the_sale_is(home: Path) -> None:
    """Fay owns the account, and typed the refund; Eve sold and owned it then."""
    for policy in ("acquirer", "owner", "split"):
        assert causes(home, policy, "eve", 2025) == {"new": -200}, policy
        assert causes(home, policy, "fay", 2025) == {}, policy


def test_a_sale_that_is_anothers_takes_its_refund_along(home: Path) -> None:
    assert causes(home, "split", "gus", 2023) == {"corrected": -300}
    assert causes(home, "split", "gus", 2024) == {"corrected": 100}
    assert causes(home, "split", "hal", 2024) == {"corrected": -100}
