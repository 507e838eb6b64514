"""History on both clocks, through the whole job: what held when, and since when we know.

Each account of one small company is a case; dates are half-open, `-` is without end.
"""

import datetime as dt
from pathlib import Path

import pytest

from tests.pipeline.small_company import deliver, new_company, nightly, published, repledger, warehouse

BEGINNING, END = dt.date(1, 1, 1), dt.date(9999, 12, 31)
JAN, FEB, MAR, APR = (dt.date(2025, month, 1) for month in (1, 2, 3, 4))


def account(account_id: str, owner: str, **more: str) -> dict[str, str]:
    return {"account_id": account_id, "owner_crm_user_id": owner, **more}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = new_company(tmp_path_factory.mktemp("history"))
    steady = account("steady", "ann")
    deliver(
        home,
        "account",
        "2025-01-01",
        [
            steady,
            account("moved", "ann"),
            account("left", "ann"),
            account("back", "ann"),
            account("late", "ann"),
            account("again", "ann", effective_on="2024-06-01"),
        ],
    )
    deliver(
        home,
        "account",
        "2025-02-01",
        [
            steady,
            account("moved", "bea"),
            account("late", "ann"),
            account("dated", "ann", effective_on="2025-01-01"),
            account("dated", "bea", effective_on="2025-01-20"),
        ],
    )
    deliver(
        home,
        "account",
        "2025-03-01",
        [
            steady,
            account("moved", "bea"),
            account("back", "bea"),
            account("late", "ann"),
            account("late", "cem", effective_on="2025-01-15"),
            account("dated", "ann", effective_on="2025-01-01"),
            account("again", "ann", effective_on="2024-06-01"),
            account("twice", "old", updated_at="2025-02-01T00:00:00Z"),
            account("twice", "new", updated_at="2025-02-02T00:00:00Z"),
            account("hidden", "ann"),
        ],
    )
    shown = [steady, account("moved", "bea"), account("back", "bea"), account("late", "ann"), account("late", "cem", effective_on="2025-01-15")]
    shown += [account("again", "ann", effective_on="2024-06-01"), account("dated", "ann", effective_on="2025-01-01"), account("twice", "new")]
    with deliver(home, "account", "2025-04-01", shown).open("a") as broken:
        broken.write("hidden,a broken line\n")
    line = {"order_line_id": "1", "order_id": "1", "account_id": "steady", "currency": "USD", "ordered_on": "2025-01-05"}
    deliver(home, "order_line", "2025-02-01", [{**line, "booked_amount": "100"}, {**line, "order_line_id": "2", "booked_amount": "5"}])
    deliver(home, "order_line", "2025-03-01", [{**line, "booked_amount": "90"}, {**line, "order_line_id": "2", "booked_amount": "5", "is_deleted": "true"}])
    deliver(home, "order_line", "2025-02-01", [{**line, "order_id": "another", "booked_amount": "70"}], file="beside.csv")
    nightly(home)
    return home


CASES = {
    "steady": [("ann", BEGINNING, END, JAN, END)],
    "moved": [("ann", BEGINNING, END, JAN, FEB), ("ann", BEGINNING, FEB, FEB, END), ("bea", FEB, END, FEB, END)],
    "left": [("ann", BEGINNING, END, JAN, FEB), ("ann", BEGINNING, FEB, FEB, END)],
    "back": [("ann", BEGINNING, END, JAN, FEB), ("ann", BEGINNING, FEB, FEB, END), ("bea", MAR, END, MAR, END)],
    "dated": [
        ("ann", BEGINNING, dt.date(2025, 1, 20), FEB, MAR),
        ("bea", dt.date(2025, 1, 20), END, FEB, MAR),
        ("ann", BEGINNING, END, MAR, END),
    ],
    "late": [("ann", BEGINNING, END, JAN, MAR), ("ann", BEGINNING, dt.date(2025, 1, 15), MAR, END), ("cem", dt.date(2025, 1, 15), END, MAR, END)],
    # Gone in one snapshot, and back in the next as if it had never gone: the end is taken back.
    "again": [("ann", BEGINNING, END, JAN, FEB), ("ann", BEGINNING, FEB, FEB, MAR), ("ann", BEGINNING, END, MAR, END)],
    "twice": [("new", BEGINNING, END, MAR, END)],
    # A line of April's snapshot is broken: it can't say that this account has ended.
    "hidden": [("ann", BEGINNING, END, MAR, END)],
}


@pytest.mark.parametrize("case", CASES)
def test_spans_on_both_clocks(home: Path, case: str) -> None:
    rows = warehouse(
        home,
        f"""
        select owner_crm_user_id, valid_from_on, valid_to_on, coalesce(known_open_to_on, known_from_on), known_to_on from core.core_account_history
        where account_id = '{case}'
        union all
        select owner_crm_user_id, valid_from_on, date '9999-12-31', known_from_on, known_open_to_on from core.core_account_history
        where account_id = '{case}' and known_open_to_on is not null
        order by 4, 2
        """,
    )
    assert rows == CASES[case]


def test_a_corrected_line_counts_once_and_a_deleted_one_not_at_all(home: Path) -> None:
    assert warehouse(home, "select order_line_id, booked_amount from fct_order_line") == [("1", 90)]


def test_the_loser_of_a_conflict_is_published_noted_and_told(home: Path) -> None:
    """Of a delta too: two order lines of one id would be one sale the less, and nobody would know."""
    conflicts = published(home, "select entity, source, extract_date, lost_file, lost_line, kept_file, kept_line, is_identical from conflict order by 1")
    file, lost = "crm/account/2025-03-01/account.csv", "crm/order_line/2025-02-01/beside.csv"
    kept = "crm/order_line/2025-02-01/order_line.csv"
    assert conflicts == [("account", "crm", MAR, file, 9, file, 10, False), ("order_line", "crm", FEB, lost, 2, kept, 2, False)]
    notes = (home / "notes/notes.txt").read_text()
    assert f"conflict.no_row_of_a_delta_lost: 1 row, first entity=order_line, lost_rows=1, lost_file={lost}, lost_line=2 (" in notes
    assert "conflicts: 2 rows lost" in repledger("status", home=home).stdout
