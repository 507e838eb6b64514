"""What `explain` prints is enough: with it and the delivered files alone a reader makes the published figures anew, allocations among them.

Belongs here: which cells are tried. Doesn't: the reader's arithmetic (`recomputed`). Every comparison is exact: shares are in whole
ten-thousandths, by the largest remainder, as the README says.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import duckdb
import pytest

from orchestration.explain.cell import Cell
from orchestration.settings import Home
from tests.pipeline.recomputed import Reader, largest_remainder
from tests.pipeline.test_explain import cells, told

pytestmark = pytest.mark.usefixtures("warehouse_kept_open")

UNITS = 10_000


@cache
def ten_cells(home: Home) -> Sequence[Cell]:
    """Random rows of rep_value that have all figures: by turns of each lens, measure and cost basis, so that none is left out by chance."""
    rows = [one for one in cells(home, "rep_value", 100_000, seed=2026) if all(one.row[name] for name in ("value_amount", "cost_amount", "value_ratio"))]
    kinds = [(lens, measure, basis) for lens in ("as_sold", "as_was", "as_is") for measure in ("revenue", "gross_margin") for basis in ("actual", "standard")]
    firsts = [next(one for one in rows if (one.row["lens"], one.row["value_measure"], one.row["cost_basis"]) == kind) for kind in kinds]
    return firsts[:10]


def reader(home: Home, table: str, column: str, cell: Cell) -> Reader:
    return Reader(home.landing, told(home, table, column, dict(cell.key)))


def units(amount: Decimal) -> int:
    return int(amount * UNITS)


def checked(one: Reader) -> Reader:
    """The same, if each weight that it was told is what its delivered lines make."""
    for what, printed, made in one.weights_made_anew():
        assert printed == made, what
    return one


@pytest.mark.parametrize("place", range(10))
def test_ten_cells_of_rep_value_are_recomputed_from_the_delivered_files(first_night: Home, place: int) -> None:
    """Whoever has the files and the print-out gets every figure of a random row: value, cost, net value, ratio and revenue, and each weight."""
    cell = ten_cells(first_night)[place]
    row, holder = cell.row, cell.row["crm_user_id"]
    is_margin, is_standard = row["value_measure"] == "gross_margin", row["cost_basis"] == "standard"
    both = checked(reader(first_night, "rep_value", "value_ratio", cell))
    value, cost = both.value(holder, row["reading"], is_margin=is_margin), both.cost(holder, is_standard=is_standard)
    assert value == units(row["value_amount"])
    assert cost == units(row["cost_amount"])
    assert round(value / cost, 6) == pytest.approx(row["value_ratio"], abs=1e-9)
    net = reader(first_night, "rep_value", "net_value_amount", cell)
    assert net.value(holder, row["reading"], is_margin=is_margin) - net.cost(holder, is_standard=is_standard) == units(row["net_value_amount"])
    if row["revenue_amount"] is not None:
        sold = reader(first_night, "rep_value", "revenue_amount", cell)
        assert sold.value(holder, row["reading"]) == units(row["revenue_amount"])


def test_the_ten_cells_are_of_every_kind(first_night: Home) -> None:
    rows = [cell.row for cell in ten_cells(first_night)]
    assert {row["cost_basis"] for row in rows} == {"actual", "standard"}
    assert {row["value_measure"] for row in rows} == {"revenue", "gross_margin"}
    assert len({row["reading"] for row in rows}) >= 3
    assert {row["lens"] for row in rows} == {"as_sold", "as_was", "as_is"}
    assert {row["basis"] for row in rows} == {"nominal", "constant", "real"}


def monthly(home: Home, component: str) -> list[Cell]:
    """The months of a component, those first in which leave or coaching came before."""
    found = [one for one in cells(home, "fct_rep_cost", 100_000, seed=3) if one.row["component"] == component and one.row["cost_amount"]]
    others = [one.row for one in cells(home, "fct_rep_cost", 100_000, seed=3)]
    coached = {row["month_on"] for row in others if row["component"] == "coaching"}
    away = {(row["employee_number"], row["month_on"]) for row in others if row["component"] == "paid_leave"}
    before = [
        one for one in found if (one.row["month_on"] in coached if component == "management" else (one.row["employee_number"], one.row["month_on"]) in away)
    ]
    return [*before[:6], *found[:6]]


@pytest.mark.parametrize("component", ["tools", "overhead", "management", "coaching", "paid_leave", "base", "taxes", "bonus"])
def test_every_share_of_a_month_is_recomputed(first_night: Home, component: str) -> None:
    """Pools by days and by revenue, hours of coaches, what is left of a manager after them, and the part of pay that is for leave; in both moneys."""
    tried = monthly(first_night, component)
    assert tried
    for cell in tried:
        for column, is_local in (("cost_amount", False), ("cost_local_amount", True)):
            found = checked(reader(first_night, "fct_rep_cost", column, cell)).month_cost(is_local=is_local)
            assert found == units(cell.row[column]), (column, cell.key)


def test_coaching_and_leave_are_told_where_they_come_before(first_night: Home) -> None:
    """The hours that left a manager first, and the days of leave, each with the delivered line."""
    after_coaching = [reader(first_night, "fct_rep_cost", "cost_amount", cell) for cell in monthly(first_night, "management")]
    with_hours = [one for one in after_coaching if one.steps["hours"]]
    assert with_hours
    for one in with_hours:
        sessions = [line for line in one.steps["weight_line"] if line["entity"] == "coaching"]
        assert sum(one.number(line, "hours") for line in sessions) == sum(Fraction(step["hours"]) for step in one.steps["hours"])
        withheld = [step for step in one.found["steps"] if step.get("carried_key") != "hours"]
        assert Reader(first_night.landing, one.found | {"steps": withheld}).month_cost() != one.month_cost(), "without the hours it is another figure"
    for cell in monthly(first_night, "paid_leave"):
        one = reader(first_night, "fct_rep_cost", "cost_amount", cell)
        if any(line["entity"] == "pay_item" and one.cell(line, "component") != "paid_leave" for line in one.found["lines"]):
            assert one.steps["leave"]
            assert any(line["entity"] == "absence" for line in one.steps["weight_line"])


def changed(found: dict[str, Any], step: str, name: str, change: Decimal) -> dict[str, Any]:
    """The print-out with the first weight of a kind of step another one."""
    place = next(place for place, one in enumerate(found["steps"]) if one["step"] == step)
    one = found["steps"][place]
    of = "people" if "people" in one else "weights"
    one = one | {of: [one[of][0] | {name: one[of][0][name] + change}, *one[of][1:]]}
    return found | {"steps": [*found["steps"][:place], one, *found["steps"][place + 1 :]]}


@pytest.mark.parametrize(("step", "name"), [("weights", "weight"), ("standard", "full_time_pct_days")])
def test_a_wrong_weight_gives_another_figure(first_night: Home, step: str, name: str) -> None:
    """The reader stands on the weights that are told: with one changed neither the weight nor the figure is the same."""
    cell = next(one for one in ten_cells(first_night) if one.row["cost_basis"] == ("standard" if step == "standard" else "actual"))
    found = told(first_night, "rep_value", "cost_amount", dict(cell.key))
    assert any(one["step"] == step for one in found["steps"]), cell.key
    wrong = Reader(first_night.landing, changed(found, step, name, Decimal(100)))
    assert wrong.cost(cell.row["crm_user_id"], is_standard=step == "standard") != units(cell.row["cost_amount"])
    with pytest.raises(AssertionError):
        checked(wrong)


def test_a_weight_that_a_model_has_wrong_is_found_out(home: Home) -> None:
    """The warehouse is changed, as a wrong model would: the lines no longer make the weight."""
    cell = next(one for one in monthly(home, "tools"))
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update core.core_pool_share set carried_weight = carried_weight + 100 where crm_user_id = ?", [cell.row["crm_user_id"]])
    with pytest.raises(AssertionError, match="headcount of "):
        checked(reader(home, "fct_rep_cost", "cost_amount", cell))


@pytest.mark.parametrize(
    ("whole", "weights", "shares"),
    [(100, (1, 1, 1), (34, 33, 33)), (-100, (1, 1, 1), (-34, -33, -33)), (7, (5, 3, 2), (4, 2, 1)), (0, (1, 2), (0, 0)), (1, (1, 2), (0, 1))],
)
def test_the_largest_remainder_as_a_reader_does_it(whole: int, weights: tuple[int, ...], shares: tuple[int, ...]) -> None:
    """The lines' own rule, by hand."""
    assert tuple(largest_remainder(whole, [(place, Fraction(weight)) for place, weight in enumerate(weights)]).values()) == shares
