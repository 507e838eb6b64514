"""Small companies whose deliveries collide, and their warehouse after some nights: for the tests of any order.

Belongs here: making deliveries up, running nights as far as the build, what stands in the warehouse then. Doesn't: what is claimed
of it (`test_any_order`), how many are tried (`tests.bench.any_order`). Few users, accounts, deals and days, so that keys come again
late, corrected, deleted, and twice in one extract.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from hypothesis import assume
from hypothesis import strategies as st

from orchestration.company_file import standard_sources
from orchestration.phases import Run
from orchestration.settings import CREDIT_POLICIES, Company, Home, Source, Takeover, read_company
from orchestration.warehouse import state
from orchestration.warehouse.build import KEPT
from tests.pipeline import parsed_once
from tests.pipeline.short_night import untested_models
from tests.pipeline.small_company import deliver, new_company

EXTRACTS = [dt.date(2022, 2, 1), dt.date(2023, 7, 15), dt.date(2024, 12, 31), dt.date(2025, 3, 1), dt.date(2025, 3, 2)]
DAYS = [dt.date(2022, 1, 10), dt.date(2022, 1, 30), dt.date(2023, 6, 5), dt.date(2024, 12, 30), dt.date(2025, 2, 27), dt.date(2025, 3, 5)]
USERS, ACCOUNTS, DEALS = ("u1", "u2", "u3"), ("a1", "a2", "a3"), ("d1", "d2")
DELTAS = frozenset(
    {"account", "order_line", "opportunity", "opportunity_split", "activity", "pay_item", "fx_rate", "payment", "expense_line", "credit_adjustment"}
)


Row = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Delivery:
    """One file. number tells files of one entity and date apart; source: the area's own, unless named."""

    entity: str
    extract: dt.date
    rows: tuple[Row, ...]
    number: int = 0
    source: str | None = None

    def write(self, home: Home) -> None:
        deliver(home.root, self.entity, str(self.extract), [dict(row) for row in self.rows], file=f"{self.number:03}.csv", source=self.source)


def _row(entity: str, /, **cells: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    versioned = {} if entity == "activity" else {"updated_at": st.sampled_from(["", "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"])}
    deleted = {"is_deleted": st.sampled_from(["", "", "", "true"])} if entity in DELTAS - {"activity"} else {}
    return st.fixed_dictionaries(cells | versioned | deleted).map(lambda row: tuple(sorted((name, str(value)) for name, value in row.items())))


_DAY, _USER, _ACCOUNT, _DEAL = st.sampled_from(DAYS), st.sampled_from(USERS), st.sampled_from(ACCOUNTS), st.sampled_from(DEALS)
_SINCE = st.sampled_from(["", "", *DAYS[:4]])
_AMOUNT, _CURRENCY = st.sampled_from(["100", "33.3333", "-20"]), st.sampled_from(["USD", "EUR"])

LINKS = [("crm_user", "u2", "u1"), ("crm_user", "u3", "u1"), ("account", "a3", "a2"), ("account", "na1", "a1"), ("opportunity", "d2", "d1")]

ROWS = {
    "order_line": _row(
        "order_line",
        order_line_id=st.sampled_from(["1", "2", "3", "4"]),
        order_id=st.sampled_from(["x", "y"]),
        account_id=_ACCOUNT,
        crm_user_id=st.sampled_from([*USERS, "", "nobody"]),
        opportunity_id=st.sampled_from(["", *DEALS]),
        territory_id=st.sampled_from(["", "t1"]),
        ordered_on=_DAY,
        booked_amount=_AMOUNT,
        currency=_CURRENCY,
        unit_cost_amount=st.sampled_from(["", "10"]),
    ),
    "account": _row(
        "account",
        account_id=_ACCOUNT,
        owner_crm_user_id=_USER,
        acquiring_crm_user_id=st.sampled_from(["", "", *USERS]),
        industry=st.sampled_from(["retail", "energy"]),
        merged_into_account_id=st.sampled_from(["", "", "", "a1"]),
        effective_on=_SINCE,
    ),
    "crm_user": _row(
        "crm_user", crm_user_id=_USER, rep_role=st.sampled_from(["", "hunter"]), team_id=st.sampled_from(["north", "south"]), employee_number=_USER
    ),
    "opportunity": _row(
        "opportunity",
        opportunity_id=_DEAL,
        account_id=_ACCOUNT,
        owner_crm_user_id=_USER,
        stage=st.just("open"),
        opportunity_amount=_AMOUNT,
        currency=_CURRENCY,
        created_on=st.sampled_from(["", *DAYS]),
        closed_on=st.sampled_from(["", *DAYS]),
    ),
    "opportunity_split": _row(
        "opportunity_split",
        opportunity_id=_DEAL,
        crm_user_id=_USER,
        split_role=st.just("revenue"),
        split_pct=st.sampled_from(["0", "50", "100"]),
        effective_on=_SINCE,
    ),
    "activity": _row(
        "activity",
        activity_id=st.sampled_from(["1", "2", "3"]),
        crm_user_id=st.sampled_from([*USERS, "nobody"]),
        activity_type=st.sampled_from(["call", "visit"]),
        occurred_at=_DAY.map(lambda day: f"{day}T23:30:00Z"),
        duration_minutes=st.sampled_from(["", "10"]),
    ),
    "pay_item": _row(
        "pay_item",
        employee_number=_USER,
        period_start_on=st.sampled_from([dt.date(2024, 12, 1), dt.date(2025, 2, 1)]),
        period_end_on=st.just(dt.date(2025, 3, 1)),
        item_code=st.just("base"),
        component=st.just("base"),
        pay_amount=_AMOUNT,
        currency=_CURRENCY,
    ),
    "expense_line": _row(
        "expense_line",
        report_id=st.sampled_from(["r1", "r2"]),
        line_number=st.just("1"),
        claimant_employee_number=_USER,
        spent_on=_DAY,
        category=st.sampled_from(["travel", "meals"]),
        expense_amount=_AMOUNT,
        currency=_CURRENCY,
    ),
    "employee": _row("employee", employee_number=_USER, hired_on=st.just(DAYS[0])),
    "job": _row(
        "job",
        employee_number=_USER,
        rep_role=st.sampled_from(["", "hunter", "manager"]),
        full_time_pct=st.sampled_from(["", "50"]),
        team_id=st.sampled_from(["north", "south"]),
        effective_on=_SINCE,
    ),
    "fx_rate": _row(
        "fx_rate", from_currency=st.just("EUR"), to_currency=st.just("USD"), rate_on=st.sampled_from(DAYS[:5]), rate=st.sampled_from(["1.1", "1.2"])
    ),
    "goal": _row(
        "goal",
        goal_id=st.sampled_from(["g1", "g2"]),
        goal_version=st.just("1"),
        owner_type=st.just("rep"),
        owner_id=_USER,
        metric=st.just("revenue"),
        period_start_on=st.sampled_from(DAYS[:3]),
        period_end_on=st.sampled_from(DAYS[3:5]),
        target_amount=st.just("100"),
        set_on=st.just(DAYS[0]),
    ),
    "credit_adjustment": _row(
        "credit_adjustment",
        adjustment_id=st.sampled_from(["k1", "k2"]),
        order_line_id=st.sampled_from(["1", "2", "3", "4"]),
        from_crm_user_id=_USER,
        to_crm_user_id=st.sampled_from([*USERS, "unknown"]),
        adjusted_amount=st.sampled_from(["10", "33.3333"]),
        currency=_CURRENCY,
        reason=st.just("agreed"),
        created_by=st.just("ann"),
        approved_by=st.sampled_from(["bea", "bea", "ann"]),
    ),
    "crosswalk": st.sampled_from(LINKS).map(lambda link: tuple(zip(("from_id", "id_kind", "to_id"), (link[1], link[0], link[2]), strict=True))),
    "territory": _row("territory", territory_id=st.just("t1"), territory_name=st.just("One"), region=st.sampled_from(["North", "South"]), effective_on=_SINCE),
    "correction": _row(
        "correction",
        correction_id=st.just("c1"),
        entity=st.just("order_line"),
        entity_key=st.sampled_from(["1", "2"]),
        column_name=st.just("booked_amount"),
        from_value=st.just("100"),
        to_value=st.sampled_from(["50", "60"]),
        reason=st.just("typed wrongly"),
        written_by=st.just("ann"),
        approved_by=st.just("bea"),
    ),
    "territory_assignment": _row(
        "territory_assignment", territory_id=st.just("t1"), crm_user_id=_USER, assigned_from_on=st.sampled_from(DAYS[:3]), assigned_to_on=st.just("")
    ),
}
"""One row of an entity, made up."""

# A new CRM has ids of its own for what the old one had too.
OF_NEW_CRM = frozenset({"crm_user", "account", "order_line", "opportunity", "opportunity_split", "activity"})
_NEW_IDS = frozenset({"order_line_id", "order_id", "activity_id", "crm_user_id", "owner_crm_user_id", "acquiring_crm_user_id"})
_NEW_IDS |= {"account_id", "merged_into_account_id", "opportunity_id"}
TAKES_OVER_ON = dt.date(2024, 12, 1)

File = tuple[str, dt.date, list[Row], bool]


def _file(entities: st.SearchStrategy[str]) -> st.SearchStrategy[File]:
    """An entity, its extract date, its rows, and whether the new CRM delivers it, if there is one."""
    return entities.flatmap(lambda entity: st.tuples(st.just(entity), st.sampled_from(EXTRACTS), st.lists(ROWS[entity], min_size=1, max_size=4), st.booleans()))


# Hypothesis begins with the simplest, which has one entity alone: nothing would meet.
EARLY = st.lists(_file(st.sampled_from([*ROWS, "order_line", "order_line", "account", "opportunity"])), min_size=8, max_size=14).filter(
    lambda files: len({entity for entity, *_ in files}) > 5
)
# Each key twice in one extract, with another amount: which counts, the content decides, in one file and in two.
TWINS = st.lists(ROWS["order_line"], min_size=2, max_size=4, unique_by=lambda row: dict(row)["order_line_id"]).map(
    lambda rows: [*rows, *(tuple((name, "70" if name == "booked_amount" else cell) for name, cell in row) for row in rows)]
)
# Deltas alone, of whatever date: a night that finds them is told on.
LAST = st.tuples(_file(st.just("order_line")), _file(st.sampled_from(["activity", "pay_item"])))


@dataclass(frozen=True)
class Case:
    """A company and its deliveries, and the nights that find them: two or three in another order, then one of deltas alone.

    split: a delivery that comes as two files too, half of its rows in each; they are of the same keys. accounts_are_deltas: or snapshots.
    changes_crm: a second CRM takes over.
    """

    deliveries: Sequence[Delivery]
    nights: Sequence[Sequence[Delivery]]
    split: Delivery
    accounts_are_deltas: bool
    changes_crm: bool
    credit_policy: str

    def renamed(self) -> list[Delivery]:
        """The same under names that sort the other way round, one of them split in two."""
        whole, half = self.split, len(self.split.rows) // 2
        parts = [replace(whole, rows=whole.rows[:half]), replace(whole, rows=whole.rows[half:], number=-1)]
        renamed = [one for one in self.deliveries if one != whole] + parts
        return [replace(one, number=len(self.deliveries) - one.number) for one in renamed]


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    changes_crm = draw(st.booleans())
    twins = ("order_line", draw(st.sampled_from(EXTRACTS)), draw(TWINS), draw(st.booleans()))
    early, last = [*draw(EARLY), twins], draw(LAST)
    deliveries = [_delivery(number, file, changes_crm) for number, file in enumerate([*early, *last])]
    found, told_on = deliveries[: len(early)], deliveries[len(early) :]
    # The same bytes under two names are one delivery, and what takes the other's place is made anew.
    assume(not {replace(one, number=0) for one in found} & {replace(one, number=0) for one in told_on})
    shuffled = draw(st.permutations(found))
    a_night = -(-len(shuffled) // draw(st.integers(2, 3)))
    return Case(
        deliveries,
        [*(shuffled[start : start + a_night] for start in range(0, len(shuffled), a_night)), told_on],
        found[-1],
        draw(st.booleans()),
        changes_crm,
        draw(st.sampled_from(CREDIT_POLICIES)),
    )


def _delivery(number: int, file: File, changes_crm: bool) -> Delivery:
    entity, extract, rows, is_of_new_crm = file
    if not (changes_crm and is_of_new_crm and entity in OF_NEW_CRM):
        return Delivery(entity, extract, tuple(rows), number)
    own = tuple(tuple((name, f"n{cell}" if cell and name in _NEW_IDS else cell) for name, cell in row) for row in rows)
    return Delivery(entity, extract, own, number, "new_crm")


CASES = _cases()


class Homes:
    """Empty companies, each in a folder of its own below one."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, 0

    def new(self, *, accounts_are_deltas: bool = True, changes_crm: bool = False, credit_policy: str = "split") -> Home:
        """One whose project is parsed already."""
        self._made += 1
        home = company_home(self._folder / str(self._made), accounts_are_deltas, changes_crm, credit_policy)
        parsed_once.lend(home)
        Run(home, read_company(home)).parse()
        parsed_once.keep(home)
        return home


def company_home(root: Path, accounts_are_deltas: bool, changes_crm: bool, credit_policy: str) -> Home:
    """An empty company."""
    changed = {"account": "delta" if accounts_are_deltas else "snapshot"}
    sources = [Source(one.name, one.connector, {**one.entities, **{n: m for n, m in changed.items() if n in one.entities}}) for one in standard_sources()]
    if changes_crm:
        crm = next(one for one in sources if one.name == "crm")
        taken = {entity: mode for entity, mode in crm.entities.items() if entity in OF_NEW_CRM}
        sources.append(Source("new_crm", "standard", taken, takeover=Takeover("crm", TAKES_OVER_ON)))
    return Home(new_company(root, sources=tuple(sources), credit_policy=credit_policy))


class Nights:
    """Nights of one home up to the build, each followed by a gate that passes and readers that see it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.company: Company = read_company(home)
        self.kept: set[str] = set()
        """Models that the last night left as they were."""

    def run(self, deliveries: Iterable[Delivery], *, is_tested: bool = False) -> bool:
        """Deliver, take in, build. True if the warehouse was told on; False if it was made anew.

        is_tested: dbt runs its tests on the models too; of figures that are compared with others, those of one of both are enough.
        """
        for delivery in deliveries:
            delivery.write(self.home)
        run = Run(self.home, self.company)
        intake = run.take_in()
        assert not intake.failed, intake.failed
        built = state.read_state(self.home)
        seen = (mock.Mock(fingerprint=built.fingerprint), "") if built else None
        with mock.patch("orchestration.phases.published.current", return_value=seen), nullcontext() if is_tested else untested_models():
            results = run.build(mock.Mock())
        broken = [result for result in results if result.is_failed]
        assert not broken, broken
        self.kept = {result.name for result in results if result.status == KEPT}
        now = state.read_state(self.home)
        assert now is not None
        return bool(state.remember_passed(self.home, now).told_on_from)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a question to the warehouse."""
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def is_anything_new(self, deliveries: Iterable[Delivery]) -> bool:
        """Deliver and take in; what the command asks then before it builds."""
        before = state.read_state(self.home)
        for delivery in deliveries:
            delivery.write(self.home)
        run = Run(self.home, self.company)
        run.take_in()
        return before is None or run.next_state().fingerprint != before.fingerprint

    def figures(self) -> dict[str, list[tuple[Any, ...]]]:
        """What is published, but for names of files and lines in them. Inputs and histories say where a version stands; figures do not."""
        told = {name: rows for name, rows in self.tables().items() if name.startswith("main.") and name != "main.delivery_ledger"}
        return told | {"main.conflict": self.ask("select * exclude (lost_file, lost_line, kept_file, kept_line) from main.conflict order by all")}

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that stands in the warehouse, of every schema but what raw says and what tonight changed."""
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            names = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables()"
                " where schema_name in ('input', 'core', 'main') and not ends_with(table_name, '_change') order by 1"
            ).fetchall()
            return {name: connection.execute(f"select * from {name} order by all").fetchall() for (name,) in names}


def replayed(case: Case, homes: Homes) -> tuple[Nights, Nights, Nights, list[bool]]:
    """The case at once, from scratch; night by night in its own order; and renamed, at once. Which of the nights were told on."""
    at_once, by_night, renamed = (
        Nights(homes.new(accounts_are_deltas=case.accounts_are_deltas, changes_crm=case.changes_crm, credit_policy=case.credit_policy)) for _ in range(3)
    )
    at_once.run(case.deliveries, is_tested=True)
    told = [by_night.run(night) for night in case.nights]
    renamed.run(case.renamed())
    return at_once, by_night, renamed, told
