"""The idea behind it all, as an article put it: a rep who costs 100,000 a year with customers worth 500,000 has a ratio of 5.

One of the two customers is handed over in the middle of the year. A company of two reps is delivered through the templates
and goes through the whole job.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.pipeline.small_company import deliver, new_company, nightly, published


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = new_company(tmp_path_factory.mktemp("article"))
    deliver(
        home,
        "crm_user",
        "2025-01-01",
        [
            {"crm_user_id": "ann", "user_name": "Ann", "employee_number": "1", "rep_role": "farmer", "team_id": "north", "manager_crm_user_id": "bea"},
            {"crm_user_id": "bea", "user_name": "Bea", "employee_number": "2", "rep_role": "manager", "team_id": "north"},
        ],
    )
    deliver(home, "employee", "2025-01-01", [{"employee_number": "1"}, {"employee_number": "2"}])
    deliver(
        home,
        "account",
        "2026-01-01",
        [
            {"account_id": "large", "account_name": "Large", "owner_crm_user_id": "ann", "effective_on": "2024-01-01"},
            {"account_id": "small", "account_name": "Small", "owner_crm_user_id": "ann", "effective_on": "2024-01-01"},
            {"account_id": "small", "account_name": "Small", "owner_crm_user_id": "bea", "effective_on": "2025-07-01"},
        ],
    )
    line = {"currency": "USD", "crm_user_id": "ann", "ordered_on": "2024-12-01", "channel": "rep"}
    deliver(
        home,
        "order_line",
        "2025-01-01",
        [
            {"order_line_id": "1", "order_id": "1", "account_id": "large", "booked_amount": "420000", **line},
            {"order_line_id": "2", "order_id": "2", "account_id": "small", "booked_amount": "170000", **line},
            {"order_line_id": "3", "order_id": "2", "account_id": "small", "booked_amount": "-10000", "refunds_order_line_id": "2", **line},
        ],
    )
    pay = {"currency": "USD", "item_code": "salary", "component": "base", "period_end_on": "2026-01-01"}
    deliver(
        home,
        "pay_item",
        "2026-01-01",
        [
            {"employee_number": "1", "period_start_on": "2025-01-01", "pay_amount": "60000", **pay},
            {"employee_number": "1", "period_start_on": "2025-12-01", "pay_amount": "40000", **pay},
            {"employee_number": "2", "period_start_on": "2025-01-01", "pay_amount": "40000", **pay},
        ],
    )
    nightly(home)
    return home


@pytest.mark.parametrize(("rep", "cost", "book", "ratio"), [("ann", 100_000, 500_000, 5.0), ("bea", 40_000, 80_000, 2.0)])
def test_the_ratio_is_the_book_against_the_cost_and_a_handover_splits_it_by_months(home: Path, rep: str, cost: int, book: int, ratio: float) -> None:
    rows = published(
        home,
        "select cost_amount, value_amount, value_ratio from rep_value"
        f" where crm_user_id = '{rep}' and reading = 'book' and fiscal_year = 2025 and lens = 'as_sold'",
    )
    assert rows == [(Decimal(cost), Decimal(book), ratio)]


@pytest.mark.parametrize("lens", ["as_was", "as_is"])
def test_through_the_other_lenses_the_year_is_all_of_the_one_who_has_the_customer(home: Path, lens: str) -> None:
    """Both have the book that they end with; what it costs stays where it was paid."""
    rows = published(
        home, f"select crm_user_id, cost_amount, value_amount from rep_value where reading = 'book' and fiscal_year = 2025 and lens = '{lens}' order by 1"
    )
    assert rows == [("ann", Decimal(100_000), Decimal(420_000)), ("bea", Decimal(40_000), Decimal(160_000))]


def test_the_acquirer_keeps_the_career_after_the_handover(home: Path) -> None:
    rows = published(home, "select crm_user_id, value_amount from rep_value where reading = 'career' and lens = 'as_sold' order by 1")
    assert rows == [("ann", Decimal(580_000)), ("bea", Decimal(0))]


def test_a_group_is_the_sum_of_its_people(home: Path) -> None:
    rows = published(
        home,
        "select group_type, group_id, value_amount, cost_amount from group_value"
        " where reading = 'book' and fiscal_year = 2025 and lens = 'as_sold' order by 1, 2",
    )
    assert rows == [
        ("company", "company", Decimal(580_000), Decimal(140_000)),
        ("manager", "bea", Decimal(500_000), Decimal(100_000)),
        ("manager", "unknown", Decimal(80_000), Decimal(40_000)),
        ("team", "north", Decimal(580_000), Decimal(140_000)),
        ("territory", "unknown", Decimal(580_000), Decimal(140_000)),
        ("territory_tree", "unknown", Decimal(580_000), Decimal(140_000)),
    ]


def test_what_was_not_delivered_is_named(home: Path) -> None:
    assert published(home, "select distinct cost_components_missing from rep_value where fiscal_year = 2025") == [
        ("commission, bonus, taxes, benefits, expenses, tools, overhead, management",)
    ]


def test_no_margin_is_shown_where_no_unit_cost_is_known(home: Path) -> None:
    assert published(home, "select distinct value_measure from rep_value") == [("revenue",)]
