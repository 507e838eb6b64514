"""A second night that can be interrupted anywhere, what must hold right after, and what the next night must end in.

The first night is published. The second is of one of two kinds. One takes something back: a snapshot with a change, a new extract of
everything, and a name that comes again with other bytes while its first bytes still count under another name, so that every way through
the landing is walked, and everything is made anew. The other only adds, so the warehouse and the publication are told on.
Belongs here: the deliveries, what is compared. Doesn't: how a night is interrupted (`interrupted`).
"""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from orchestration.landing.ledger import read_ledger
from orchestration.publication import manifest
from orchestration.settings import Home
from orchestration.warehouse import state
from tests.pipeline.published_files import sha256_on_disk
from tests.pipeline.small_company import deliver, new_company, nightly

_JANUARY = {"account_id": "a", "crm_user_id": "ann", "currency": "USD", "ordered_on": "2025-01-10"}
_BOTH = [{"order_line_id": "1", "order_id": "1", "booked_amount": "100", **_JANUARY}, {"order_line_id": "2", "order_id": "2", "booked_amount": "5", **_JANUARY}]


def two_nights(shared: Path, kind: str) -> tuple[Path, Path]:
    """A home whose first night is published and whose second is delivered, and the same after a second night that nothing interrupted.

    Made once below `shared`, whichever of several processes comes first; not to be changed.
    """
    first, delivered, undisturbed = shared / "first", shared / f"{kind}_delivered", shared / f"{kind}_undisturbed"
    with (shared / "two_nights.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not first.exists():
            deliver_first(new_company(shared / "making_first"))
            nightly(shared / "making_first")
            (shared / "making_first").rename(first)
        if not undisturbed.exists():
            SECOND[kind](copy_of(first, delivered))
            nightly(copy_of(delivered, shared / "making"))
            (shared / "making").rename(undisturbed)
    return delivered, undisturbed


def copy_of(home: Path, to: Path) -> Path:
    """A home that may be interrupted."""
    shutil.copytree(home, to, symlinks=True, dirs_exist_ok=True)
    return to


def what_is_broken(root: Path) -> list[str]:
    """What readers of the publication could stumble over; nothing when it is whole."""
    home = Home(root)
    shown = manifest.current(home)
    if shown is None:
        return ["there is no publication"]
    folder = (home.published / "current").resolve()
    broken = [one.name for one in shown[0].tables if sha256_on_disk(one, folder) != one.sha256]
    with duckdb.connect(str(home.published / "repledger.duckdb"), read_only=True) as connection:
        for one in shown[0].tables:
            if connection.execute(f"select count(*) from {one.name}").fetchone() != (one.rows,):
                broken.append(f"{one.name} in DuckDB")
    return broken + [name for name in manifest.FILES if (home.published / name).resolve().parent != folder]


def is_told_on(root: Path) -> bool:
    """True if the last night of a home only added to the warehouse of the night before."""
    built = state.read_state(Home(root))
    assert built is not None
    return bool(built.told_on_from)


def outcome(root: Path) -> dict[str, Any]:
    """What has to be the same however a night came about: the published tables by hash, and what raw says of every delivery."""
    home = Home(root)
    shown = manifest.current(home)
    deliveries = read_ledger(home)
    rows = {one.file: duckdb.sql(f"select _file, count(*) from '{one.parquet(home)}' group by 1").fetchall() for one in deliveries if one.state == "loaded"}
    return {
        "tables": {one.name: one.sha256 for one in shown[0].tables} if shown else {},
        "deliveries": [(one.file, one.sha256, one.state, one.lines, one.loaded, one.rejected) for one in deliveries],
        "rows": rows,
        "left over": sorted(path.name for path in [*home.published.rglob(".*"), *home.raw.rglob(".*")]),
    }


def deliver_first(home: Path) -> None:
    """What the first night finds: a company of two reps, with a few months that nothing is said of later."""
    people = [{"crm_user_id": name, "user_name": name.title(), "employee_number": name, "rep_role": "hunter", "team_id": "north"} for name in ("ann", "bea")]
    deliver(home, "crm_user", "2025-02-01", people)
    deliver(home, "account", "2025-02-01", [{"account_id": "a", "owner_crm_user_id": "ann", "region": "North"}])
    deliver(home, "employee", "2025-02-01", [{"employee_number": "ann", "hired_on": "2024-01-01"}])
    deliver(home, "order_line", "2025-02-01", _BOTH, file="corrected_later.csv")
    deliver(home, "order_line", "2025-02-01", _BOTH, file="the_same.csv")
    older = [_JANUARY | {"order_line_id": f"{day}", "order_id": day, "booked_amount": "7", "ordered_on": day} for day in ("2024-05-02", "2024-11-04")]
    deliver(home, "order_line", "2025-02-01", older, file="older.csv")
    deal = {"account_id": "a", "owner_crm_user_id": "ann", "stage": "open", "opportunity_amount": "50", "currency": "USD"}
    deliver(home, "opportunity", "2025-02-01", [{"opportunity_id": day, "created_on": day, **deal} for day in ("2024-05-02", "2024-11-04")])
    deliver(home, "activity", "2025-02-01", [_call("1", "2024-05-02"), _call("2", "2024-11-04")])
    pay = {"item_code": "b", "component": "base", "pay_amount": "10", "currency": "USD"}
    deliver(home, "pay_item", "2025-02-01", [{"employee_number": "ann", "period_start_on": "2025-01-01", **pay}])


def take_something_back(home: Path) -> None:
    """What a second night finds after which everything is made anew."""
    deliver(home, "account", "2025-03-01", [{"account_id": "a", "owner_crm_user_id": "bea", "region": "North"}])
    deliver(home, "employee", "2025-03-01", [{"employee_number": name, "hired_on": "2024-01-01"} for name in ("ann", "bea")])
    deliver(home, "order_line", "2025-02-01", [_BOTH[0] | {"order_line_id": "3", "order_id": "3", "booked_amount": "40"}], file="corrected_later.csv")
    deliver(home, "order_line", "2025-03-01", [_BOTH[0] | {"booked_amount": "90"}])


def only_add(home: Path) -> None:
    """What a second night finds that is told on: order lines of which one is three years late, one corrected and one deleted, a new version of an
    opportunity, an activity, and a snapshot in which an account has another owner.
    """
    late, new = ({"order_line_id": day, "order_id": day, "booked_amount": "11", **_JANUARY, "ordered_on": day} for day in ("2022-03-15", "2025-02-20"))
    deliver(home, "order_line", "2025-03-01", [late, new, _BOTH[0] | {"booked_amount": "93.17"}, _BOTH[1] | {"is_deleted": "true"}])
    deal = {"opportunity_id": "2024-11-04", "created_on": "2024-11-04", "account_id": "a", "opportunity_amount": "60", "currency": "USD"}
    won = {"owner_crm_user_id": "bea", "stage": "won", "is_closed": "true", "is_won": "true", "closed_on": "2025-02-20"}
    deliver(home, "opportunity", "2025-03-01", [deal | won])
    deliver(home, "activity", "2025-03-01", [_call("3", "2024-11-05")])
    deliver(home, "account", "2025-03-01", [{"account_id": "a", "owner_crm_user_id": "bea", "region": "North"}])


def _call(number: str, day: str) -> dict[str, str]:
    return {"activity_id": number, "crm_user_id": "ann", "account_id": "a", "activity_type": "call", "occurred_at": f"{day}T10:00:00Z"}


SECOND: dict[str, Callable[[Path], None]] = {"takes_back": take_something_back, "adds": only_add}
"""The second night's deliveries by its kind."""
