"""`repledger compact`: closed snapshots become a chain that keeps each row once, with the extracts that showed it.

Written beside and read back before it is named; only then do the extracts' own files go. A kill at any moment leaves an extract in its
own file or in the chain, or in both, which say the same; the next run tidies up. The ledger stays as it is, so nothing is news.
Belongs here: which extracts, finding what changed, the order of writing. Doesn't: reading a chain (`chains`).
"""

import datetime as dt
import hashlib
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from orchestration.errors import RepledgerError
from orchestration.files import flush
from orchestration.landing import chains, ledger
from orchestration.landing.chains import Chain, Member, entity_folder, lines_at, read_chain
from orchestration.landing.declarations import Declared, declared_entities
from orchestration.landing.ledger import Delivery, content_path, declared_deliveries
from orchestration.landing.loader import move_beside
from orchestration.landing.readers import glob_literal, literal, quoted
from orchestration.lock import nightly_lock
from orchestration.settings import Company, Home
from orchestration.warehouse import state

# The latest extracts stay as they came: what is closed is no longer sent again.
KEPT_WHOLE = 2
_COPY = "(format parquet, parquet_version v2, compression zstd, compression_level 9)"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Compaction:
    """What became of one entity's snapshots. extracts: those of the chain; taken: those that it took in now."""

    source: str
    entity: str
    extracts: int
    taken: int
    bytes_before: int
    bytes_after: int

    @property
    def is_worth(self) -> bool:
        """False where the chain would be no smaller than the files that it replaces: then they stay."""
        return self.bytes_after < self.bytes_before


def compact(home: Home, company: Company, *, dry_run: bool = False, progress: Progress = lambda *_: None) -> list[Compaction]:
    """Compact every entity that is delivered as snapshots, where that saves bytes. dry_run: measure what it would be, and change nothing.

    What a connector makes of several files needs each extract whole, so only rows of the standard connector are compacted.
    """
    with nightly_lock(home):
        if not dry_run:
            clear_leftovers(home)
        deliveries: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
        for one in declared_deliveries(replace(home, as_known_on=None), company):
            if one.state == "loaded":
                deliveries[one.source, one.entity].append(one)
        declared = [one for one in declared_entities(company) if _is_compacted(one)]
        found = (_compact(home, one, deliveries[one.source, one.entity.name], dry_run=dry_run, progress=progress) for one in declared)
        return [one for one in found if one]


def clear_leftovers(home: Home) -> None:
    """Remove what a run that was killed left: files that no chain names, and own files of extracts that a chain holds as they are."""
    contents = {(one.source, one.entity, one.extract_date, one.sha256[: chains.SHORT]): one for one in ledger.read_contents(home)}
    for folder in sorted(path for path in home.raw.glob("*/*") if path.is_dir()):
        chain = read_chain(folder)
        named = {chain.rows, chain.moves} if chain else set()
        for path in [*folder.glob(f".{chains.PREFIX}*"), *folder.glob(f".{chains.CHAIN}"), *(set(folder.glob(f"{chains.PREFIX}*")) - named)]:
            path.unlink()
        for member in chain.members if chain else ():
            content = contents.get((folder.parent.name, folder.name, member.extract_date, member.name))
            own = _own_file(home, folder.parent.name, folder.name, member)
            if content and content.columns == member.columns and own.exists():
                state.forget(home)
                own.unlink()


def _is_compacted(declared: Declared) -> bool:
    names = {column.name for column in declared.entity.columns}
    return declared.entity.connector == "standard" and declared.mode == "snapshot" and {"effective_on", "is_deleted"} <= names


def _own_file(home: Home, source: str, entity: str, member: Member) -> Path:
    return content_path(home, source, entity, member.extract_date, member.name, "parquet")


def _compact(home: Home, declared: Declared, deliveries: Sequence[Delivery], *, dry_run: bool, progress: Progress) -> Compaction | None:
    source, entity = declared.source, declared.entity.name
    folder = entity_folder(home, source, entity)
    chain = read_chain(folder)
    taken = _closed(home, deliveries, chain)
    if not taken or (chain is None and len(taken) < 2):
        return None
    scratch = home.work / "compact"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        with duckdb.connect(config={"temp_directory": str(scratch)}) as connection:
            made = _Walk(connection, home, declared, chain, taken, progress).write(scratch)
        own = [_own_file(home, source, entity, one) for one in taken]
        old = [chain.rows, chain.moves, folder / chains.CHAIN] if chain else []
        result = Compaction(source, entity, len(made.members), len(taken), _size([*own, *old]), _size([made.rows, made.moves]) + len(made.as_json()))
        if result.is_worth and not dry_run:
            # The warehouse reads the files that go now, and its rows are told otherwise from then on: the next build is a whole one.
            state.forget(home)
            _put(made, folder, [*own, *(path for path in old if path.name != chains.CHAIN)])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return result


def _closed(home: Home, deliveries: Sequence[Delivery], chain: Chain | None) -> list[Member]:
    """The extracts that a chain can take in: all but the latest, of dates with one file, that it does not hold as they were read."""
    by_date: dict[dt.date, list[Delivery]] = defaultdict(list)
    for one in deliveries:
        by_date[one.extract_date].append(one)
    held = {one.extract_date: one.name for one in chain.members} if chain else {}
    found = []
    for date in sorted(by_date)[:-KEPT_WHOLE]:
        first, *others = by_date[date]
        name = first.sha256[: chains.SHORT]
        if not others and held.get(date, name) == name and first.parquet(home).is_file():
            found.append(Member(date, name, first.columns))
    return found


def _put(made: Chain, folder: Path, replaced: Sequence[Path]) -> None:
    """Rows, then the file that names them, on the disk; then what they replace goes."""
    placed = replace(made, folder=folder)
    for path, place in ((made.rows, placed.rows), (made.moves, placed.moves)):
        move_beside(path, place)
    flush([placed.rows, placed.moves])
    ledger.write_beside(folder / chains.CHAIN, placed.as_json())
    flush([folder / chains.CHAIN, folder])
    for path in replaced:
        path.unlink(missing_ok=True)


def _size(paths: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.exists())


class _Walk:
    """From extract to extract, from the first one that the chain takes in: which rows begin, which end, which stand on other lines."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, home: Home, declared: Declared, chain: Chain | None, taken: Sequence[Member], progress: Progress
    ) -> None:
        self._connection, self._home, self._declared, self._chain = connection, home, declared, chain
        self._taken = {one.extract_date: one for one in taken}
        kept = {one.extract_date: one for one in chain.members} if chain else {}
        self._members = tuple(one for _, one in sorted((kept | self._taken).items()))
        self._columns = tuple(dict.fromkeys([*(chain.columns if chain else ()), *(name for one in taken for name in one.columns)]))
        self._progress = progress
        self._checksums: dict[dt.date, tuple[int, int | None]] = {}

    def write(self, folder: Path) -> Chain:
        """Walk, write the chain into a folder, and read it back. Raises RepledgerError if it would not tell each extract as it is."""
        first = min(self._taken)
        walked = [one for one in self._members if one.extract_date >= first]
        self._begin(max((one.extract_date for one in self._members if one.extract_date < first), default=None))
        chained = [one.extract_date for one in walked if one.extract_date not in self._taken]
        lines = lines_at(self._connection, self._chain, chained) if self._chain else iter(())
        for number, member in enumerate(walked, start=1):
            if member.extract_date in self._taken:
                self._show_file(member)
            else:
                self._show_chained(*next(lines))
            self._step(member.extract_date)
            self._progress(f"compacting {self._declared.source}.{self._declared.entity.name}: extract", number, len(walked))
        made = Chain(folder, self._name(), self._columns, self._members)
        self._copy(made)
        self._read_back(made)
        return made

    def _name(self) -> str:
        told = Chain(Path(), "", self._columns, self._members).as_json()
        return hashlib.sha256(told.encode()).hexdigest()[: chains.SHORT]

    def _begin(self, kept_until: dt.date | None) -> None:
        """The chain up to an extract, as the tables that the walk adds to."""
        cells = "".join(f"{quoted(name)} varchar, " for name in self._columns)
        self._connection.execute(f"create table rows ({cells} _row bigint, _first_on date, _line bigint)")
        self._connection.execute("create table ends (_row bigint, until_on date)")
        self._connection.execute("create table moves (extract_date date, from_line bigint, shift bigint)")
        self._connection.execute("create table held (_row bigint, _content uhugeint, _line bigint)")
        self._previous = kept_until
        if self._chain is None or kept_until is None:
            return
        kept = f"{_parquet(self._chain.rows)} where _first_on <= {_date(kept_until)}"
        self._connection.execute(f"insert into rows by name select * exclude (_until_on) from {kept}")
        self._connection.execute(f"insert into ends select _row, _until_on from {kept} and _until_on < {_date(kept_until)}")
        self._connection.execute(f"insert into moves select * from {_parquet(self._chain.moves)} where extract_date <= {_date(kept_until)}")
        self._show_chained(*next(lines_at(self._connection, self._chain, [kept_until])))
        self._connection.execute("insert into held select _row, _content, _line from shown where not is_twin")
        self._connection.execute(f"insert into ends select _row, {_date(kept_until)} from shown where is_twin")

    def _show_file(self, member: Member) -> None:
        path = _own_file(self._home, self._declared.source, self._declared.entity.name, member)
        there = frozenset(member.columns)
        cells = ", ".join(quoted(name) if name in there else f"cast(null as varchar) as {quoted(name)}" for name in self._columns)
        self._show(f"select {cells}, cast(null as bigint) as _row, _line from {_parquet(path)}", member.extract_date)

    def _show_chained(self, date: dt.date, numbers: object, lines: object) -> None:
        """An extract of the chain as it is: its rows, on their lines there."""
        chain = self._chain
        if chain is None:
            return
        cells = ", ".join(f"chained.{quoted(name)}" if name in chain.columns else f"cast(null as varchar) as {quoted(name)}" for name in self._columns)
        self._connection.execute("create or replace temp table later (_row bigint, _line bigint)")
        self._connection.execute("insert into later select unnest($1::bigint[]), unnest($2::bigint[])", [numbers, lines])
        self._show(
            f"""
            select {cells}, chained._row, coalesce(later._line, chained._line) as _line
            from {_parquet(chain.rows)} as chained
            left join later on chained._row = later._row
            where chained._first_on <= {_date(date)} and chained._until_on >= {_date(date)}
            """,
            date,
        )

    def _show(self, rows: str, date: dt.date) -> None:
        """An extract's rows. Twins, rows of one version in one extract, are never told as going on: which of them counts is settled a day."""
        version = self._version()
        names = ", ".join(map(quoted, self._columns))
        self._connection.execute(f"""
            create or replace temp table shown as
            with rows_of as ({rows}),
            versions as (select {", ".join(f"{sql} as v{number}" for number, sql in enumerate(version))}, * from rows_of),
            twins as (
                select {", ".join(f"v{number}" for number in range(len(version)))}, count(*) as times
                from versions
                group by all
                having count(*) > 1
            )
            select {names}, _row, _line, {self._content()} as _content, twins.times is not null as is_twin
            from versions
            left join twins on {" and ".join(f"versions.v{number} = twins.v{number}" for number in range(len(version)))}
        """)
        found = self._connection.execute(f"select count(*), bit_xor(hash({names})) from shown").fetchone()
        self._checksums[date] = found or (0, None)

    def _version(self) -> list[str]:
        """What the history takes for one version of a key, as text; compared as staging types it."""
        types = {column.name: column.type for column in self._declared.entity.columns}
        names = [*self._declared.entity.key, *(["effective_on"] if "effective_on" in self._columns else [])]
        typed = (f"nullif({quoted(name)}, '')" if types[name] == "varchar" else f"try_cast(nullif({quoted(name)}, '') as {types[name]})" for name in names)
        return [f"coalesce(cast({sql} as varchar), chr(30))" for sql in typed]

    def _content(self) -> str:
        """A row's cells as one number, which no other cells have: each stands behind its length."""
        cells = ", ".join(f"coalesce(cast(length({quoted(name)}) as varchar), '-'), ':', coalesce({quoted(name)}, '')" for name in self._columns)
        return f"md5_number(concat({cells}))"

    def _step(self, date: dt.date) -> None:
        execute = self._connection.execute
        names = ", ".join(map(quoted, self._columns))
        execute("""
            create or replace temp table matched as
            select held._row, held._line as from_line, shown._line, held._content
            from held
            inner join shown on held._content = shown._content and not shown.is_twin
        """)
        if self._previous is not None:
            execute(f"insert into ends select _row, {_date(self._previous)} from held anti join matched using (_row)")
        execute(f"""
            create or replace temp table begun as
            select {names}, row_number() over (order by _line) + (select coalesce(max(_row), 0) from rows) as _row, _line, _content, is_twin
            from shown
            anti join matched using (_line)
        """)
        execute(f"insert into rows select {names}, _row, {_date(date)}, _line from begun")
        execute(f"insert into ends select _row, {_date(date)} from begun where is_twin")
        execute(f"""
            insert into moves
            select {_date(date)}, from_line, shift
            from (
                select from_line, _line - from_line as shift, lag(_line - from_line, 1, 0) over (order by from_line) as shift_before
                from matched
            )
            where shift <> shift_before
        """)
        execute("""
            create or replace table held as
            select _row, _content, _line from matched
            union all
            select _row, _content, _line from begun where not is_twin
        """)
        self._previous = date

    def _copy(self, made: Chain) -> None:
        names = ", ".join(f"rows.{quoted(name)}" for name in self._columns)
        last = _date(self._members[-1].extract_date)
        rows = f"""
            select {names}, rows._row, rows._first_on, coalesce(ends.until_on, {last}) as _until_on, rows._line
            from rows
            left join ends on rows._row = ends._row
            order by rows._row
        """
        self._connection.execute(f"copy ({rows}) to {literal(str(made.rows))} {_COPY}")
        self._connection.execute(f"copy (select * from moves order by extract_date, from_line) to {literal(str(made.moves))} {_COPY}")

    def _read_back(self, made: Chain) -> None:
        """Each extract that was walked has as many rows, of the same cells, and the last one has them on the same lines."""
        told = _checksums(self._connection, made)
        wrong = [date for date, found in self._checksums.items() if told.get(date, (0, None)) != (found[0], found[1] or 0) and any(found)]
        last = self._members[-1].extract_date
        for _, numbers, lines in lines_at(self._connection, made, [last]):
            moved = "select unnest($1::bigint[]) as _row, unnest($2::bigint[]) as _line"
            lost = self._connection.execute(f"select count(*) from ({moved}) as told anti join held using (_row, _line)", [numbers, lines]).fetchone()
            wrong += [last] if lost and lost[0] else []
        if wrong:
            what = f"the chain does not tell the extract of {wrong[0]} as it is, a bug; nothing was changed"
            raise RepledgerError(what, where=f"{self._declared.source}.{self._declared.entity.name}", do="tell it to those who look after Repledger")


def _checksums(connection: duckdb.DuckDBPyConnection, chain: Chain) -> Mapping[dt.date, tuple[int, int]]:
    """Rows and a hash of their cells, of each extract of a chain as it stands on the disk. A row that begins or ends changes both."""
    names = ", ".join(map(quoted, chain.columns))
    dates = [one.extract_date for one in chain.members]
    found = connection.execute(
        f"""
        with members as (select unnest($1::date[]) as extract_date),
        followed as (select extract_date, lead(extract_date) over (order by extract_date) as next_on from members),
        rows_of as (select _first_on, _until_on, hash({names}) as cells from {_parquet(chain.rows)}),
        changes as (
            select _first_on as extract_date, 1 as step, cells from rows_of
            union all
            select followed.next_on, -1, rows_of.cells from rows_of inner join followed on rows_of._until_on = followed.extract_date
        ),
        by_day as (
            select members.extract_date, coalesce(sum(step), 0) as steps, coalesce(bit_xor(cells), 0) as cells
            from members
            left join changes on members.extract_date = changes.extract_date
            group by members.extract_date
        )
        select extract_date, sum(steps) over until_then, bit_xor(cells) over until_then
        from by_day
        window until_then as (order by extract_date)
        """,
        [dates],
    ).fetchall()
    return {date: (int(count), int(cells)) for date, count, cells in found}


def _parquet(path: Path) -> str:
    return f"read_parquet({literal(glob_literal(path))}, hive_partitioning = false)"


def _date(date: dt.date) -> str:
    return f"date '{date.isoformat()}'"


def saved(results: Sequence[Compaction]) -> Iterator[str]:
    """What a person is told, a line an entity."""
    for one in results:
        what = f"{one.extracts:,} extracts, {one.bytes_before:,} bytes → {one.bytes_after:,}" if one.is_worth else "stays as it is: nothing would be saved"
        yield f"{one.source}.{one.entity}: {what}"
