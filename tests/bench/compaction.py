"""What compacted snapshots take, against what changed in them: `python -m tests.bench.compaction --nights 365 --accounts 200000`.

Of each night's accounts one in a thousand changes; of a hundred changes five are new accounts and five are gone ones, in the middle of the
file, so that lines shift. Belongs here: making raw as the loader leaves it, without the CSV between; the bytes. Doesn't: the night (`run`),
what is promised of them (`tests/pipeline/test_compact.py`).
"""

import argparse
import datetime as dt
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.company_file import render_company_toml
from orchestration.landing import ledger
from orchestration.landing.compaction import KEPT_WHOLE, compact
from orchestration.landing.declarations import standard_entities
from orchestration.landing.ledger import Content, Naming
from orchestration.settings import Home, Source, read_company

# Times the bytes of the changes: what a chain may take at most.
MOST = 3
FIRST = dt.date(2015, 1, 1)
COLUMNS = tuple(column.name for column in standard_entities()["account"].columns)
_ACCOUNT = """
    'A' || lpad(id::varchar, 8, '0') as account_id, 'Account ' || md5(id::varchar)[:14] as account_name,
    ['software', 'retail', 'health', 'steel', 'energy', 'banking'][(hash(id, 1) % 6)::bigint + 1] as industry, null::varchar as business_type,
    ['North', 'South', 'East', 'West'][(hash(id, 2) % 4)::bigint + 1] as region, ['US', 'DE', 'FR', 'GB', 'JP'][(hash(id, 3) % 5)::bigint + 1] as country_code,
    null::varchar as ultimate_parent_account_id, 'U' || (hash(id, night) % 1000)::varchar as owner_crm_user_id, null::varchar as acquiring_crm_user_id,
    ['inbound', 'outbound', 'partner', 'event'][(hash(id, 4) % 4)::bigint + 1] as acquisition_method, null::varchar as campaign_id,
    (date '2005-01-01' + (hash(id, 5) % 3650)::int)::varchar as created_on, null::varchar as merged_into_account_id,
    'U' || (hash(id, 6) % 1000)::varchar as created_by,
    'U' || (hash(id, night, 7) % 1000)::varchar as modified_by, null::varchar as effective_on,
    strftime(timestamp '2015-01-01' + interval 1 second * (night * 86400 - (hash(id, night, 8) % 80000)::bigint), '%Y-%m-%dT%H:%M:%SZ') as updated_at,
    null::varchar as is_deleted
"""


@dataclass(frozen=True)
class Measured:
    """Bytes before and after, and of what changed, the first snapshot with it, as one Parquet file and as CSV. rows: so many changes."""

    rows: int
    first: int
    changes: int
    changes_csv: int
    before: int
    after: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--accounts", type=int, default=200_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        changes, rows = deliver(home, options.nights, options.accounts)
        begun = time.monotonic()
        found = measure(home, changes, rows)
        seconds = time.monotonic() - begun
    print(f"{options.nights:,} nights of {options.accounts:,} accounts, compacted in {seconds:,.0f} s (all but the last {KEPT_WHOLE})\n")
    print("| what | bytes | ÷ the changes |\n|---|---|---|")
    for what, size in (
        (f"the changes, {rows:,} rows with the first snapshot, as one Parquet file", found.changes),
        ("the changes as CSV", found.changes_csv),
        ("raw before: a Parquet file an extract", found.before),
        ("raw after: the chain", found.after),
    ):
        print(f"| {what} | {size:,} | {size / found.changes:.2f} |")
    print(f"\nRaw takes 1/{found.before / found.after:.0f} of the bytes that it took.")
    beyond, only_changes = found.after - found.first, found.changes - found.first
    print(f"To be ≤ {MOST}, of the changes alone (without the first snapshot's {found.first:,} bytes on both sides):")
    print(f"{beyond:,} ÷ {only_changes:,} = {beyond / only_changes:.2f}")


def measure(home: Home, changes: Path, rows: int) -> Measured:
    """Compact what `deliver` delivered."""
    (done,) = compact(home, read_company(home))
    first, csv = changes.with_name("first.parquet"), changes.with_suffix(".csv")
    return Measured(rows, *(path.stat().st_size for path in (first, changes, csv)), done.bytes_before, done.bytes_after)


def _write_company(home: Home) -> None:
    sources = [Source("crm", "standard", {"account": "snapshot"})]
    text = render_company_toml(
        name="Bench", reporting_currency="USD", fiscal_year_start_month=1, time_zone="UTC", credit_policy="owner", constant_currency_on=FIRST, sources=sources
    )
    home.company_file.write_text(text)


def deliver(home: Home, nights: int, accounts: int) -> tuple[Path, int]:
    """A company with raw as the loader leaves it, and beside it what changed: each new or changed row with its date, and the keys of those that are gone."""
    _write_company(home)
    connection = duckdb.connect()
    # New accounts stand between old ones: ids leave room.
    connection.execute(f"create table account as select unnest(range({accounts})) * 16 as id, 0 as night")
    connection.execute("create table change as select id, 0 as night, false as is_gone from account")
    for night in range(nights):
        if night:
            _change(connection, night, max(3, accounts // 1000))
        _write_extract(connection, home, FIRST + dt.timedelta(night))
    path = home.root / "changes.parquet"
    changes = f"select date '{FIRST}' + night::int as extract_date, is_gone, {_ACCOUNT} from change order by extract_date, account_id"
    gone = "case when is_gone then null else columns(* exclude (extract_date, is_gone, account_id)) end"
    told = f"select extract_date, is_gone, account_id, {gone} from ({changes})"
    connection.execute(f"copy ({told}) to '{path}' (format parquet, compression zstd)")
    connection.execute(f"copy ({told}) to '{path.with_suffix('.csv')}' (header)")
    connection.execute(
        f"copy (select * from ({told}) where extract_date = date '{FIRST}') to '{path.with_name('first.parquet')}' (format parquet, compression zstd)"
    )
    rows = connection.execute("select count(*) from change").fetchone()
    return path, rows[0] if rows else 0


def _change(connection: duckdb.DuckDBPyConnection, night: int, changed: int) -> None:
    few = max(1, changed // 20)
    for name, number, salt in (("gone", few, 1), ("new", few, 2), ("other", changed - 2 * few, 3)):
        connection.execute(f"create or replace temp table {name} as select id from account order by hash(id, {night}, {salt}) limit {number}")
    connection.execute("delete from account where id in (from gone)")
    connection.execute(f"insert into account select id + 1 + {night} % 15, {night} from new anti join account on account.id = new.id + 1 + {night} % 15")
    connection.execute(f"update account set night = {night} where id in (from other)")
    connection.execute(f"insert into change select id, night, false from account where night = {night} union all select id, {night}, true from gone")


def _write_extract(connection: duckdb.DuckDBPyConnection, home: Home, date: dt.date) -> None:
    file, sha256 = f"crm/account/{date}/accounts.csv", f"{date:%Y%m%d}".ljust(64, "0")
    path = ledger.content_path(home, "crm", "account", date, sha256, "parquet")
    path.parent.mkdir(parents=True)
    rows = f"select {_ACCOUNT}, '{file}' as _file, 1 + row_number() over (order by id) as _line from account order by id"
    found = connection.execute(f"copy ({rows}) to '{path}' (format parquet, compression zstd)").fetchone()
    lines = found[0] if found else 0
    names = (Naming(file, 0, date.toordinal(), f"{date}T02:00:00+00:00"),)
    ledger.write_content(home, Content("crm", "standard", "account", "snapshot", date, sha256, 0, lines, lines, 0, COLUMNS, (), file, names))


if __name__ == "__main__":
    main()
