"""Why published figures changed from one publication to another, by cause, to the last decimal.

Belongs here: running the steps, the causes in words. Doesn't: finding a publication (`compare`), which figures and what each stands on
(`restated_figures`), what is read (`restated_inputs`), the steps from line to cell (`restating/`), writing the published table (`publish`).

What adds up lines, of orders or of cost, walks: each line goes from what it was to what it is, one cause after another in a fixed order, in the money
of each basis for itself. So do books, in which a line counts once for each end of a month, and territories with all below them. Net value is moved by
what moved value or cost.

What is no sum of lines is looked at by cell: only a cause that moved what this cell stands on is named, and where it is one alone, it takes all. Of
several each has what it moved below, if that adds up to the change; else they share it in the proportion of what they moved, or of its size where
that is not known in money. In the cost of segments what moved the cost itself comes first, by the shares of now, and what moved the shares takes the
rest. Where a definition, a setting or the fiscal calendar is another, all of such a cell is its own.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import ConfigurationError, RepledgerError
from orchestration.landing.readers import literal
from orchestration.memory import memory_limit
from orchestration.publication import restated_inputs as inputs
from orchestration.publication.compare import find
from orchestration.publication.manifest import Publication
from orchestration.publication.restated_inputs import Side
from orchestration.settings import Home

if TYPE_CHECKING:
    import duckdb

TABLE = "restatement"
_SQL = Path(__file__).with_name("restating")
_STEPS = ("side", "line", "beside", "share", "credit", "cost", "holder", "book", "touch", "policy", "segment", "deal", "cell", "restated")
"""Where things stand on either side, how lines moved, what moved with them, and in which published cells: each reads what those before it made."""
PAID_APART = ("severance", "sign_on", "recruiting", "paid_leave")
"""What is in no person's year, as the models have it (`components_apart`; a law compares them)."""
PARTS_OF_COST: Mapping[str, tuple[str, ...]] = {"shared": ("tools", "overhead"), "management": ("management",)}
"""Which components are no direct cost, likewise (`cost_part`)."""


_NO_AMOUNT = frozenset({"name", "roles_without_credit"})
"""Settings that move no amount: what the company is called, and whose ratio is shown."""
_OWN_ROWS = frozenset({"bases", "cost_bases", "contract_measure", "credit_policy"})
"""Settings that give or take rows or tables of their own, whose key or place says so, and count no other row anew."""

_HOLDERS = 3
"""Of how many holders a cause is told in each table, before more of them or other cells of one."""
_BACKWARDS = """
    update restated
    set from_publication = to_publication, to_publication = from_publication,
        change_amount = -change_amount, closed_change_amount = -closed_change_amount
"""

_PLAIN = {"lens": "as_sold", "basis": "nominal", "value_measure": "revenue", "cost_basis": "actual"}


@dataclass(frozen=True)
class Restated:
    """By how much a published figure changed for one cause. closed_change_amount: what of it is of months that were closed before."""

    table_name: str
    row_key: str
    column_name: str
    cause: str
    change_amount: Decimal
    closed_change_amount: Decimal

    @property
    def is_plain(self) -> bool:
        """As sold, nominal, of revenue and actual cost, as far as the row's key says any of it: the other readings of a figure move with it."""
        told = dict(part.partition("=")[::2] for part in self.row_key.split(", "))
        return all(told.get(key, value) == value for key, value in _PLAIN.items())

    @property
    def holder(self) -> str:
        """Whose figure it is, as far as the row's key names anybody: a territory is one by itself and with all below it."""
        named = re.search(r"(?:\w+_id|segment)=(.*?)(?:, \w+=|$)", self.row_key)
        return named[1] if named else ""


@contextmanager
def restated(home: Home, left: Side, right: Side, scratch: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """A connection in which the table `restated` says why each figure of `right` is not that of `left`. Nothing spills beside `scratch`.

    Only the warehouse knows when a line of cost was first told: without it, one that came late to a row that was there reads as corrected.
    Only what was told later explains what was told before: from a later day to an earlier one it says the same with the other sign.

    Raises ConfigurationError if one of them was made before lines could be followed, RepledgerError while a night is at work.
    """
    import duckdb

    is_backwards = left.publication.as_of > right.publication.as_of
    left, right = (right, left) if is_backwards else (left, right)
    for side in (left, right):
        if not side.tables.keys() >= inputs.NEEDED:
            raise _too_old(side)

    with duckdb.connect(config={"temp_directory": str(scratch), "memory_limit": memory_limit(), "preserve_insertion_order": False}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, value in _variables(left, right).items():
            connection.execute(f"set variable {name} = {value}")
        for schema, side, other in (("old", left, right), ("new", right, left)):
            connection.execute(f"create schema {schema}")
            try:
                for view, sql in inputs.views(side, other).items():
                    connection.execute(f"create view {schema}.{view} as {sql}")
            except duckdb.BinderException as error:
                raise _too_old(side) from error
        for name, value in _causes_of_all(connection, left, right).items():
            connection.execute(f"set variable {name} = {literal(value)}")
        connection.execute("create schema warehouse_line")
        try:
            for view, sql in inputs.warehouse_views(connection, home.warehouse).items():
                connection.execute(f"create view warehouse_line.{view} as {sql}")
        except (duckdb.IOException, duckdb.CatalogException) as error:
            what = "the warehouse can't be read: a night is at work or failed"
            raise RepledgerError(what, where=str(home.warehouse), do="ask again when a night has ended well") from error
        connection.execute(
            f"""
            create temp table cell as
            select * exclude (amounts), coalesce(amounts[2], 0) - coalesce(amounts[1], 0) as change_amount
            from ({inputs.cells(left, right)}) as cells
            where (has_come or amounts[1] is not null) and (has_gone or amounts[2] is not null) and amounts[1] is distinct from amounts[2]
            """
        )
        for step in _STEPS:
            connection.execute((_SQL / f"{step}.sql").read_text(encoding="utf-8"))
        if is_backwards:
            connection.execute(_BACKWARDS)
        yield connection


def restate(home: Home, left: str, right: str) -> list[Restated]:
    """Why the figures of `right` are not those of `left`, the largest changes first. left, right: an id, `current`, or the date of an as-known-on.

    Raises ConfigurationError for one that is not there, or that was made before lines could be followed, RepledgerError while a night is at work.
    """
    sides = Side(*find(home, left)), Side(*find(home, right))
    home.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="restatement_", dir=home.work) as scratch, restated(home, *sides, Path(scratch)) as connection:
        columns = "table_name, row_key, column_name, cause, change_amount, closed_change_amount"
        found = connection.execute(f"select {columns} from restated order by abs(change_amount) desc, table_name, row_key, column_name, cause").fetchall()
    return [Restated(*row) for row in found]


def as_text(found: Sequence[Restated], most: int | None = None) -> str:
    """The same for a person. most: rows that are told, below how many figures each cause moved; None for all rows and no more.

    Of many those are told that are as sold, nominal, of revenue and actual cost; what is new, since days passed, comes last. One move shows in many
    cells, which are all as large: of each table and cause the largest cells of a few holders come before all others.
    """
    if not found:
        return "no figure changed"
    if most is None:
        return "\n".join(map(_line, found))
    moved = Counter(one.cause for one in found)
    lines = [f"{count:>20,}  {cause:<12}{'figure' if count == 1 else 'figures'}" for cause, count in sorted(moved.items())]
    shown = _telling([one for one in found if one.is_plain], most)
    left_out = len(found) - len(shown)
    more = [f"and {left_out:,} more, other lenses, bases and measures among them; --all tells them"] if left_out else []
    return "\n".join([*lines, "", *map(_line, shown), *more])


def _telling(found: Sequence[Restated], most: int) -> list[Restated]:
    """So many rows, the largest first, of as many tables, causes and holders as there is room for."""
    holders: dict[tuple[str, str], set[str]] = {}
    ranked = []
    for number, one in enumerate(found):
        seen = holders.setdefault((one.table_name, one.cause), set())
        is_again = one.holder in seen
        seen.add(one.holder)
        ranked.append((one.cause == "new", is_again, len(seen) > _HOLDERS, number))
    chosen = sorted(ranked)[:most]
    return [found[number] for _, number in sorted((is_new, number) for is_new, _, _, number in chosen)]


def _line(one: Restated) -> str:
    return f"{one.change_amount:>20,.4f}  {one.cause:<12}{one.table_name}.{one.column_name}  {one.row_key}"


def _variables(left: Side, right: Side) -> Mapping[str, str]:
    days = {name: f"date '{side.publication.as_of}'" for name, side in (("from_as_of", left), ("to_as_of", right))}
    apart = f"[{', '.join(map(literal, PAID_APART))}]"
    parts = {f"{part}_parts": f"[{', '.join(map(literal, components))}]" for part, components in PARTS_OF_COST.items()}
    return (
        days
        | parts
        | {
            "apart": apart,
            "from_id": literal(left.publication.id),
            "to_id": literal(right.publication.id),
        }
    )


def _causes_of_all(connection: "duckdb.DuckDBPyConnection", left: Side, right: Side) -> Mapping[str, str]:
    """What moved any figure: `other` those that are no sums of lines, whole, `rest` what no line explains. A new metric, or other words, move none."""
    is_defined_otherwise = connection.execute(
        "select count(*) > 0 from old.metric_in_use as a inner join new.metric_in_use as b on a.metric = b.metric and a.version <> b.version"
    ).fetchall() == [(True,)]
    set_otherwise = _set_otherwise(left.publication, right.publication) - _NO_AMOUNT
    is_ruled_otherwise = bool(set_otherwise) or left.publication.code != right.publication.code
    return {
        "other": "definition" if is_defined_otherwise else "rule" if set_otherwise - _OWN_ROWS else "",
        "rest": "definition" if is_defined_otherwise else "rule" if is_ruled_otherwise else "unexplained",
    }


def _set_otherwise(left: Publication, right: Publication) -> set[str]:
    """Which settings of company.toml are others; of a release that did not tell them apart, nobody knows which."""
    if left.settings == right.settings:
        return set()
    a, b = left.settings_by_name, right.settings_by_name
    return {name for name in a.keys() | b.keys() if a.get(name) != b.get(name)} if a and b else {"any"}


def _too_old(side: Side) -> ConfigurationError:
    what = "it was published by a release whose lines can't be followed"
    return ConfigurationError(what, where=side.publication.id, do="choose later publications; `repledger compare` says which rows differ")


def fill(home: Home, left: Side, right: Side, database: Path, scratch: Path) -> None:
    """Write the rows into the published table; none where the former publication was made before lines could be followed."""
    try:
        with restated(home, left, right, scratch) as connection:
            connection.execute(f"attach {literal(str(database))} as published")
            connection.execute(f"insert into published.main.{TABLE} by name from restated")
    except ConfigurationError:
        return
