"""Attainment of goals: by fiscal year, by rep in the last full year, and the goals of teams, seats and the company.

Belongs here: which goals are over, spreads, the tables. Doesn't: colours or orders that judge a person.
"""

from collections.abc import Sequence

from orchestration.book import wording
from orchestration.book.figures import Company, CompanyYear, Row, judged
from orchestration.book.goal_charts import FAR, RepGoals, Spread, rep_goals_chart, spread_chart
from orchestration.book.view import Block, Cell, Column, Key, Section, Table

_SHOWN = 12
_IN_ONE_CHART = 14


def goals_section(company: Company, goals: Sequence[Row]) -> Section:
    """Goals of reps, then of groups."""
    year = company.focus
    if not goals:
        return Section("goals", "Goals", "No goals delivered")
    over = judged(list(goals))
    groups = [row for row in goals if row["owner_type"] != "rep"]
    reps = _by_rep(judged(list(goals), year.year)) if year else []
    is_half = bool(groups) or 0 < len(reps) <= _IN_ONE_CHART
    blocks = []
    if over:
        spreads = _spreads(company, over)
        keys = [Key("box", "the middle half of the goals"), Key("whisker", "the middle four fifths"), Key("tick", "the middle one"), Key("dashed", "100 %")]
        blocks.append(
            Block(
                "Attainment by fiscal year, goals of reps",
                spread_chart(spreads, "Boxes by fiscal year: attainment of goals", is_half),
                keys,
                _spread_table(spreads, over),
                is_half,
            )
        )
    if groups:
        blocks.append(Block(table=_group_table(company, groups), is_half=bool(over)))
    blocks += _rep_blocks(reps, year) if year else []
    notes = _notes(goals, over, bool(groups))
    return Section(
        "goals",
        "Goals",
        _title(goals, over, company),
        lead="A goal missed may have been a goal set too high: read attainment with how goals are set.",
        blocks=blocks,
        notes=notes,
    )


def _rep_blocks(reps: Sequence[RepGoals], year: CompanyYear) -> list[Block]:
    """One chart for all reps, or two side by side for many."""
    if not reps:
        return []
    middle = len(reps) if len(reps) <= _IN_ONE_CHART else (len(reps) + 1) // 2
    far = [Key("far", f"beyond {FAR:.0f} %")] if any(abs(value) > FAR for rep in reps for value in rep.attained) else []
    blocks = []
    for part, other in ((reps[:middle], reps[middle:]), (reps[middle:], reps[:middle])):
        if part:
            heading = f"{year.label}: attainment of each goal, by rep" + (f", {part[0].name} to {part[-1].name}" if other else "")
            blocks.append(Block(heading, rep_goals_chart(part, other, f"Dots: {heading}"), [Key("dot", "a goal"), *far, Key("dashed", "100 %")], is_half=True))
    return [*blocks, Block(table=_rep_table(reps, year))]


def _share(rows: Sequence[Row]) -> float:
    return 100 * sum(row["attainment_pct"] >= 100 for row in rows) / len(rows)


def _title(goals: Sequence[Row], over: Sequence[Row], company: Company) -> str:
    if not any(row["owner_type"] == "rep" for row in goals):
        return "Goals were set for teams, seats or the company, none for a rep"
    year = company.focus
    now = [row for row in over if year and row["fiscal_year"] == year.year]
    if year is None or not now:
        return "No rep's goal has ended in the last full year" if over else "No rep's goal has ended yet"
    title = f"Reps attained {wording.percent(_share(now))} of their goals in {year.label}"
    full = {of.year for of in company.full_years}
    before = [row for row in over if row["fiscal_year"] == year.year - 1]
    return f"{title}, after {wording.percent(_share(before))} in {year.year - 1}" if before and year.is_full and year.year - 1 in full else title


def _quantile(values: Sequence[float], share: float) -> float:
    at = share * (len(values) - 1)
    low = int(at)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (at - low)


def _spreads(company: Company, over: Sequence[Row]) -> list[Spread]:
    full = {of.year for of in company.full_years}
    spreads = []
    for year in sorted({row["fiscal_year"] for row in over}):
        values = sorted(float(row["attainment_pct"]) for row in over if row["fiscal_year"] == year)
        low, lower, median, upper, high = (_quantile(values, share) for share in (0.1, 0.25, 0.5, 0.75, 0.9))
        spreads.append(Spread(year, len(values), low, lower, median, upper, high, year in full))
    return spreads


def _spread_table(spreads: Sequence[Spread], over: Sequence[Row]) -> Table:
    columns = [Column("Fiscal year", is_number=False), *(Column(label) for label in ("Goals", "Attained", "Lower quarter", "Middle", "Upper quarter"))]
    rows = [
        [
            Cell(str(of.year), "" if of.is_full else "in part", not of.is_full), Cell(f"{of.count:,}"),
            Cell(wording.percent(_share([row for row in over if row["fiscal_year"] == of.year]))),
            *(Cell(wording.percent(value)) for value in (of.lower, of.median, of.upper)),
        ]
        for of in spreads
    ]  # fmt: skip
    return Table("Attainment of reps' goals by fiscal year", columns, rows, is_folded=True)


def _by_rep(rows: Sequence[Row]) -> list[RepGoals]:
    names = {row["crm_user_id"]: row["owner_name"] for row in rows}
    shared = {name for name in names.values() if list(names.values()).count(name) > 1}
    reps = [
        RepGoals(
            wording.shown_name(f"{name} ({key})") if name in shared else name, tuple(float(row["attainment_pct"]) for row in rows if row["crm_user_id"] == key)
        )
        for key, name in names.items()
    ]
    return sorted(reps, key=lambda rep: rep.name.casefold())


def _rep_table(reps: Sequence[RepGoals], year: CompanyYear) -> Table:
    columns = [Column("Rep", is_number=False), Column("Goals"), Column("Attained"), Column("Each", "in order of period")]
    rows = [
        [
            Cell(rep.name), Cell(f"{len(rep.attained)}"), Cell(f"{sum(value >= 100 for value in rep.attained)}"),
            Cell(", ".join(wording.percent(value) for value in rep.attained)),
        ]
        for rep in reps
    ]  # fmt: skip
    return Table(f"Goals of {year.label} by rep, by name", columns, rows, is_folded=True)


def _group_table(company: Company, goals: Sequence[Row]) -> Table:
    columns = [Column("Goal of", is_number=False), Column("Period", is_number=False), Column("Target"), Column("Actual"), Column("Attained")]
    latest = sorted(goals, key=lambda row: (row["is_open"], -row["period_end_on"].toordinal(), row["owner_type"], row["owner_name"], row["metric"]))
    rows = []
    for row in latest[:_SHOWN]:
        metric = str(row["metric"]).replace("_", " ")
        period = wording.period(row["period_start_on"], row["period_end_on"])
        rows.append(
            [
                Cell(row["owner_name"], f"company, {metric}" if row["owner_type"] == "company" else metric, row["is_open"]),
                Cell(period, "to date" if row["is_open"] else ""), Cell(wording.short(row["target_amount"])), Cell(wording.short(row["actual_amount"])),
                Cell(wording.percent(row["attainment_pct"]), is_muted=row["is_open"]),
            ]
        )  # fmt: skip
    notes = [f"{_SHOWN} of {len(goals)}: periods that are over first, the latest of them on top."] if len(goals) > _SHOWN else []
    return Table(f"Goals of teams, seats and the company, money in {company.facts.reporting_currency}", columns, rows, notes)


def _notes(goals: Sequence[Row], over: Sequence[Row], has_groups: bool) -> list[str]:
    of_reps = [row for row in goals if row["owner_type"] == "rep"]
    left_out = sum(row["is_open"] for row in of_reps)
    no_target = len(of_reps) - left_out - len(over)
    notes = [] if has_groups else ["No goals of teams, seats or the company were delivered."]
    if left_out:
        notes.append(f"Left out, for their period is not over: {wording.plural(left_out, 'goal')}.")
    if no_target:
        notes.append(f"Left out, for their target is 0: {wording.plural(no_target, 'goal')}.")
    return notes
