"""How long a night takes on a large company, and of what: `make bench SIZE=S`.

Everything is measured on the real command in a process of its own. A phase's CPU time and peak memory are read from the kernel at
the line with which the command begins the next phase. Belongs here: running, measuring, the table. Doesn't: the company (`company`).
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.settings import Home
from tests.bench.company import ACTIVITIES, Size, write_company, write_night

REPLEDGER = Path(sys.executable).with_name("repledger")
CHANGES, ROUNDS = 50_000, 5
_LEAST_FREE_BYTES = 40_000_000_000
_PHASES = (("building: reading", "build"), ("checking", "gate"), ("publishing", "publishing"))
_HERTZ = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What a phase took. peak_bytes: of the process until its end."""

    name: str
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def main() -> None:
    """Make the company if it is not there, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=ACTIVITIES, default="S")
    parser.add_argument("--home", type=Path, required=True, help="an empty folder, or one that this command made before")
    options = parser.parse_args()
    home, size = Home(options.home.absolute()), Size(ACTIVITIES[options.size])
    if not home.company_file.exists():
        _refuse_small_disk(options.home.absolute().parent)
        write_company(home, size)
    for folder in ("raw", "published", ".work", "failed", "notes"):
        shutil.rmtree(home.root / folder, ignore_errors=True)
    for path in [*home.root.glob("warehouse.duckdb*"), *home.landing.glob("*/*/2025-01-0[2-9]")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    print(f"## {options.size}: {size.activities:,} activities, on {os.cpu_count()} cores\n")
    print("| what | wall s | CPU s | peak MB |\n|---|---|---|---|")
    for cost in _measure(home, size):
        print(f"| {cost.name} | {cost.wall_seconds:.1f} | {cost.cpu_seconds:.1f} | {cost.peak_bytes / 1e6:,.0f} |", flush=True)
    print(f"\nlanding {_bytes(home.landing):,} bytes, raw {_bytes(home.raw):,}, warehouse {home.warehouse.stat().st_size:,}", end="")
    print(f", publication {_bytes(home.published / 'current'):,}\n")
    _print_questions(home)


def _measure(home: Home, size: Size) -> Iterator[Cost]:
    landing = sum(path.stat().st_size for path in home.landing.rglob("*.csv"))
    yield _copied(home)
    yield from _night(home, f"first night ({landing / 1e6:,.0f} MB)")
    yield from _night(home, "a night with nothing new")
    write_night(home, size, 1, CHANGES, scattered=False)
    yield from _night(home, f"a night of {CHANGES:,} recent changes")
    write_night(home, size, 2, CHANGES, scattered=True)
    yield from _night(home, f"a night of {CHANGES:,} scattered changes")
    yield from _night(home, "as known on 2020-01-01", "--as-known-on", "2020-01-01")


def _night(home: Home, name: str, *arguments: str) -> Iterator[Cost]:
    """One run of the command: the whole, then its phases."""
    start, marks = time.monotonic(), []
    with subprocess.Popen([REPLEDGER, "nightly", *arguments, "--home", home.root], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        told, phase = [], "loading"
        for line in process.stderr:
            told.append(line)
            begun = next((shown for words, shown in _PHASES if words in line), phase)
            if begun != phase:
                marks.append((phase, time.monotonic(), *_used(process.pid)))
                phase = begun
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("".join(told))
    end, cpu, peak = time.monotonic(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    yield Cost(f"**{name}**", end - start, cpu, peak)
    marks.append((phase, end, cpu, peak))
    before, used = start, 0.0
    for shown, at, cpu_at, peak_at in marks if len(marks) > 1 else []:
        yield Cost(f"· {shown}", at - before, cpu_at - used, peak_at)
        before, used = at, cpu_at


def _used(pid: int) -> tuple[float, int]:
    """CPU seconds and peak bytes so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return (int(fields[11]) + int(fields[12])) / _HERTZ, int(peak.split()[1]) * 1024


def _copied(home: Home) -> Cost:
    """The limit of loading: DuckDB's own copy of every file, all of it text."""
    target = home.root / ".work" / "bench.parquet"
    target.parent.mkdir(exist_ok=True)
    start, cpu = time.monotonic(), time.process_time()
    with duckdb.connect() as connection:
        for path in sorted(home.landing.rglob("*.csv")):
            with path.open() as lines:
                columns = dict.fromkeys(lines.readline().strip().split(","), "VARCHAR")
            rows = f"from read_csv('{path}', columns = {columns}, header = true, auto_detect = false, quote = '\"')"
            connection.execute(f"copy ({rows}) to '{target}' (format parquet, compression zstd)")
    target.unlink()
    return Cost("DuckDB copies every file to Parquet", time.monotonic() - start, time.process_time() - cpu, 0)


def _print_questions(home: Home) -> None:
    seconds = []
    with duckdb.connect(str(home.published / "repledger.duckdb"), read_only=True) as connection:
        for question in QUESTIONS:
            rounds = []
            for _ in range(ROUNDS):
                start = time.monotonic()
                connection.execute(question).fetchall()
                rounds.append(time.monotonic() - start)
            seconds.append(statistics.median(rounds))
    worst = sorted(seconds)[int(len(seconds) * 0.95) - 1]
    median, p95, most = (round(number * 1e3) for number in (statistics.median(seconds), worst, max(seconds)))
    print(f"{len(QUESTIONS)} BI questions: median {median} ms, 95th percentile {p95} ms, {most} ms at most")


def _refuse_small_disk(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE_BYTES:
        sys.exit(f"{folder}: {free:,} bytes are free, {_LEAST_FREE_BYTES:,} are needed → name a folder on another disk")


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.resolve().rglob("*") if path.is_file())


QUESTIONS = (
    "from rep_year where fiscal_year = 2024 order by year_value_ratio desc limit 20",
    "select fiscal_year, sum(revenue_amount), sum(cost_amount) from rep_year group by 1 order by 1",
    "from group_year where group_type = 'team' and fiscal_year = 2024 order by group_id",
    "from group_year where group_type = 'manager' order by fiscal_year, group_id limit 50",
    "select segment, sum(revenue_amount), sum(cost_amount) from segment_year where segment_type = 'industry' group by 1 order by 1",
    "from segment_year where segment_type = 'region' and fiscal_year >= 2022",
    "from rep_value where crm_user_id = 'U0042' and lens = 'as_sold' and value_measure = 'revenue' order by reading, fiscal_year, age_months",
    "select fiscal_year, channel, revenue_amount, order_count from company_revenue order by 1, 2",
    "select owner_type, count(*), count(*) filter (attainment_pct >= 100) from goal_attainment "
    "where lens = 'as_sold' and period_end_on <= date '2024-12-31' group by 1",
    "from customer_lifetime_value order by realised_ltv_amount desc limit 20",
    "select industry, count(*), sum(realised_ltv_amount) from customer_lifetime_value group by 1 order by 1",
    "select month_on, component, sum(cost_amount) from fct_rep_cost where month_on >= date '2024-01-01' group by 1, 2 order by 1, 2",
    "select crm_user_id, sum(cost_amount) from fct_rep_cost group by 1 order by 2 desc limit 20",
    "select date_trunc('month', ordered_on), sum(revenue_amount) from fct_order_line where ordered_on >= date '2024-01-01' group by 1 order by 1",
    "from fct_order_line where account_id = 'A0000007' order by ordered_on",
    "select territory_id, sum(revenue_amount) from fct_order_line where fiscal_year = 2024 group by 1 order by 2 desc",
    "select stage, is_won, count(*), sum(reporting_amount) from fct_opportunity where created_on >= date '2024-01-01' group by 1, 2",
    "select owner_crm_user_id, count(*) from fct_opportunity where not is_closed group by 1 order by 2 desc limit 20",
    "select activity_type, sum(activity_count) from fct_activity_daily where activity_on >= date '2024-10-01' group by 1",
    "select rep.rep_name, sum(credit.credited_amount) from fct_credit as credit join dim_rep as rep using (crm_user_id) "
    "where credited_on >= date '2024-10-01' group by 1 order by 2 desc limit 20",
)
"""Twenty questions as a BI tool asks them."""


if __name__ == "__main__":
    main()
