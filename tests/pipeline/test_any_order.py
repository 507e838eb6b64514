"""Any order: the warehouse is the same whatever came first, however nights were cut, and whether it was told on or made anew.

Every table of its schemas `input`, `core` and `main` is compared, cell by cell; the published ones are a part of them.
"""

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings

from orchestration.settings import Home
from tests.pipeline.any_order import CASES, Case, Delivery, Homes, Nights, replayed
from tests.pipeline.interrupted_night import copy_of
from tests.pipeline.small_company import new_company

# Two companies, the same in every run of the suite; ANY_ORDER_SEED=7 draws two others, and `python -m tests.bench.any_order` many.
SEED = int(os.environ.get("ANY_ORDER_SEED", "38"))


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    return Homes(tmp_path_factory.mktemp("any_order"))


@seed(SEED)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate])
@given(CASES)
def test_the_warehouse_is_the_same_in_any_order_and_however_nights_are_cut(homes: Homes, case: Case) -> None:
    """Replayed at once, from scratch; night by night in another order, the last night told on and run twice; and at once under other names.

    Of seed 38 the first has accounts as deltas and 17 files in four nights, 5 of them of a CRM that takes over: accounts of both, a deal and its
    split, employees, pay, activities, expenses, a goal, a correction, a crosswalk. The second has accounts as snapshots and 11 files in three
    nights: rates, users, jobs, a territory, pay, expenses, an activity. Each has four files of order lines, of which one has each key twice and
    comes as two.
    """
    note(f"again: ANY_ORDER_SEED={SEED}")
    at_once, by_night, renamed, told = replayed(case, homes)
    assert len(told) > 2 and told[-1], "deltas alone are told on"
    assert by_night.tables() == at_once.tables()
    assert renamed.figures() == at_once.figures()
    assert not by_night.is_anything_new(case.nights[-1])


@pytest.fixture(scope="module")
def at_once(homes: Homes) -> Nights:
    """A company after one night, which finds one activity twice in one extract, otherwise each time; not to be changed."""
    nights = Nights(homes.new())
    lines = _lines("2025-03-01", ("1", "2022-01-10", "100"), ("2", "2025-02-27", "50"), ("3", "2025-02-27", "-20"))
    nights.run([lines, *_people(), _activity("call", 1), _activity("visit", 2)])
    return nights


def test_a_delivery_split_in_two_a_night_run_twice_and_other_file_names_change_no_figure(homes: Homes, at_once: Nights) -> None:
    parts = [
        _lines("2025-03-01", ("1", "2022-01-10", "100")),
        _lines("2025-03-01", ("2", "2025-02-27", "50"), ("3", "2025-02-27", "-20"), number=9),
        *_people(),
    ]
    two = Nights(homes.new())
    two.run([*parts[:1], *parts[2:], _activity("visit", 1)])
    assert two.run([parts[1], _activity("call", 2)]), "the second part is only added"
    assert not two.is_anything_new([parts[1], _activity("call", 2)]), "the command would build nothing"
    assert two.figures() == at_once.figures()


def test_a_night_makes_only_the_months_anew_that_a_late_line_touches_and_is_as_if_made_anew(homes: Homes) -> None:
    """Three years late, corrected, deleted; a rate, an owner and an activity that come again. The plan names the months."""
    nights = Nights(homes.new())
    first = [
        _lines("2025-03-01", *((str(number), f"{year}-{month:02}-05", "10") for number, (year, month) in enumerate(_MONTHS))),
        Delivery("activity", _on("2025-03-01"), (_row(activity_id="1", crm_user_id="u1", activity_type="call", occurred_at="2024-06-01T10:00:00Z"),)),
        *_people(),
    ]
    assert not nights.run(first)
    assert not nights.kept
    late = [
        _lines("2025-03-02", ("late", "2022-03-15", "7"), ("0", f"{_MONTHS[0][0]}-{_MONTHS[0][1]:02}-05", "11"), number=1),
        Delivery("activity", _on("2025-03-02"), (_row(activity_id="1", crm_user_id="u1", activity_type="visit", occurred_at="2024-07-01T10:00:00Z"),), 1),
    ]
    assert nights.run(late)
    assert {"input_goal", "core_goal_history", "core_account_history"} <= nights.kept, "nothing came for these"
    assert not {"core_order_line_history", "core_order_line", "core_goal"} & nights.kept
    told = nights.tables()
    plan = {month for (month,) in nights.ask("select month_on from core.core_order_line_change")}
    assert plan == {dt.date(2022, 1, 1), dt.date(2022, 3, 1)}
    assert {month for (month,) in nights.ask("select month_on from core.core_activity_daily_change")} == {dt.date(2024, 6, 1), dt.date(2024, 7, 1)}
    assert nights.ask("select count(*) from change.order_line_rows") == [(3,)]
    assert [row[0] for row in told["main.fct_order_line"]].count("late") == 1

    anew = Nights(homes.new())
    anew.run([*first, *late])
    assert told == anew.tables()


def test_a_late_index_and_a_corrected_rate_move_constant_and_real_money_as_if_made_anew(tmp_path: Path) -> None:
    """The index of May 2022 comes late, which has told April's until then; the euro's rate of the constant day is corrected. What was written
    off of May's sale, and what was not sold again after January's, follow it in months of their own."""
    bases = {"bases": ("constant", "real"), "real_index": "CPI", "constant_currency_on": _on("2025-01-01")}
    first = [
        Delivery("fx_rate", _on("2022-02-01"), (_row(from_currency="EUR", to_currency="USD", rate_on="2020-01-01", rate="1.1"),)),
        Delivery("price_index", _on("2025-03-01"), tuple(_index(month, value) for month, value in (("2022-01-01", "100"), ("2025-01-01", "120")))),
        _lines("2025-03-01", *((str(number), f"{year}-{month:02}-05", "10") for number, (year, month) in enumerate(_MONTHS)), currency="EUR"),
        Delivery("account", _on("2023-02-01"), (_row(account_id="a1", owner_crm_user_id="u2"),)),
        Delivery("payment", _on("2025-03-01"), (_row(payment_id="p", order_line_id="1", currency="EUR", written_off_amount="4", written_off_on="2022-07-01"),)),
        *_people(),
    ]
    late = [
        Delivery("price_index", _on("2025-03-01"), (_index("2022-05-01", "110"),), 1),
        Delivery("fx_rate", _on("2025-03-01"), (_row(from_currency="EUR", to_currency="USD", rate_on="2025-01-01", rate="1.2"),), 1),
    ]
    nights, anew = (Nights(Home(new_company(tmp_path / name, **bases))) for name in ("nights", "anew"))
    assert not nights.run(first)
    assert nights.run(late), "deltas alone are told on"
    anew.run([*first, *late])
    assert nights.tables() == anew.tables()
    told = "select revenue_amount, constant_revenue_amount, real_revenue_amount from core.core_order_line where ordered_on = date '2022-05-05'"
    assert nights.ask(told) == [(11, 12, 12)]
    given_up = "select written_off_amount, constant_written_off_amount, real_written_off_amount from core.core_write_off"
    assert nights.ask(given_up) == [(Decimal("4.4"), Decimal("4.8"), Decimal("4.8"))]
    missed = "select declined_on, real_declined_amount / declined_amount from core.core_handover_decline"
    assert [(on, round(part, 3)) for on, part in nights.ask(missed)] == [(dt.date(2024, 1, 31), 1.091)], "120 ÷ 110"


def test_what_takes_something_back_makes_everything_anew(at_once: Nights, tmp_path: Path) -> None:
    nights = Nights(Home(copy_of(at_once.home.root, tmp_path / "home")))
    assert not nights.run([_lines("2025-03-01", ("1", "2022-01-10", "90"))]), "other bytes under the same name"
    assert nights.ask("select revenue_amount from main.fct_order_line") == [(90,)]


_MONTHS = [(year, month) for year in (2022, 2023, 2024) for month in (1, 5, 9)]


def _people() -> list[Delivery]:
    users = tuple(_row(crm_user_id=user, rep_role="hunter", team_id="north") for user in ("u1", "u2"))
    return [Delivery("crm_user", _on("2022-02-01"), users), Delivery("account", _on("2022-02-01"), (_row(account_id="a1", owner_crm_user_id="u1"),))]


def _lines(extract: str, *lines: tuple[str, str, str], number: int = 0, currency: str = "USD") -> Delivery:
    rows = tuple(
        _row(order_line_id=line, order_id=line, account_id="a1", crm_user_id="u1", ordered_on=day, booked_amount=amount, currency=currency)
        for line, day, amount in lines
    )
    return Delivery("order_line", _on(extract), rows, number)


def _index(month: str, value: str) -> tuple[tuple[str, str], ...]:
    return _row(index_code="CPI", month_on=month, index_value=value)


def _activity(activity_type: str, number: int) -> Delivery:
    row = _row(activity_id="1", crm_user_id="u1", activity_type=activity_type, occurred_at="2025-02-01T10:00:00Z")
    return Delivery("activity", _on("2025-03-01"), (row,), number)


def _row(**cells: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(cells.items()))


def _on(day: str) -> dt.date:
    return dt.date.fromisoformat(day)
