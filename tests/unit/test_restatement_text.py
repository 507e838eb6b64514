"""What `repledger restatement` shows of many changes: some of each kind, and all of them where it is asked for."""

from decimal import Decimal

from orchestration.publication.restatement import Restated, as_text

_YEAR = "lens=as_sold, basis=nominal, value_measure=revenue, cost_basis=actual"


def _row(table: str, key: str, cause: str, amount: int, column: str = "value_amount") -> Restated:
    return Restated(table, key, column, cause, Decimal(amount), Decimal(0))


def _moved(territory: str, amount: int) -> list[Restated]:
    """One move in thirty cells: ten years, by itself and with all below it, and as sold in two columns."""
    return [
        _row("group_value", f"group_type={kind}, group_id={territory}, reading=year, fiscal_year={year}, {_YEAR}", "moved", amount, column)
        for year in range(2016, 2026)
        for kind, column in (("territory", "value_amount"), ("territory_tree", "value_amount"), ("territory", "revenue_amount"))
    ]


_FOUND = [
    *_moved("TR08", -9000), *_moved("TR10", 9000), *_moved("TR11", 800), *_moved("TR12", 700),
    _row("rep_value", f"crm_user_id=ann, reading=year, fiscal_year=2025, {_YEAR}", "late", 50),
    _row("segment_value", f"segment_type=region, segment=Iberia, <b>, reading=year, fiscal_year=2025, {_YEAR}", "late", 50),
    _row("company_revenue", "fiscal_year=2025, channel=rep, basis=nominal", "late", 40),
    _row("company_revenue", "fiscal_year=2025, channel=rep, basis=nominal", "new", 39),
    _row("rep_value", f"crm_user_id=bob, reading=year, fiscal_year=2025, {_YEAR.replace('as_sold', 'as_is')}", "late", 30),
]  # fmt: skip


def _shown(most: int) -> list[str]:
    """Table, holder and cause of each row that is told."""
    *rows, _ = as_text(_FOUND, most).partition("\n\n")[2].splitlines()
    by_line = {as_text([one]): one for one in _FOUND}
    return [f"{by_line[row].table_name} {by_line[row].holder} {by_line[row].cause}".replace("  ", " ") for row in rows]


def test_one_move_does_not_hide_what_else_changed() -> None:
    moves = [f"group_value {territory} moved" for territory in ("TR08", "TR10", "TR11")]
    others = ["rep_value ann late", "segment_value Iberia, <b> late", "company_revenue late"]
    assert _shown(6) == [*moves, *others]
    assert _shown(7) == [*moves, "group_value TR12 moved", *others], "a fourth holder once there is room, and the largest first"


def test_where_there_is_room_the_other_cells_follow_and_what_is_new_comes_last() -> None:
    assert _shown(20).count("group_value TR08 moved") == 14
    assert "company_revenue new" not in _shown(20)
    assert _shown(1000)[-1] == "company_revenue new"
    assert as_text(_FOUND, 20).endswith(f"and {len(_FOUND) - 20} more, other lenses, bases and measures among them; --all tells them")


def test_all_are_told_where_all_are_asked_for() -> None:
    assert len(as_text(_FOUND).splitlines()) == len(_FOUND)
