"""How long `explain` takes: random cells of each answer, each as a command of its own would ask it.

    python -m tests.bench.explain HOME [--cells N] [--seed N]

Prints a row a table: cells, lines behind the largest, median and slowest seconds. To be: at most 3 s at 10 million order lines.
Belongs here: choosing cells and taking time. Doesn't: a large company (`company`, `run`).
"""

import argparse
import statistics
import time
from pathlib import Path

import duckdb

from orchestration.explain.explanation import explain
from orchestration.explain.ways import EXPLAINED
from orchestration.publication import manifest
from orchestration.settings import Home, read_company

SHOWN_LINES = 20
MOST_SECONDS = 3.0


def main() -> int:
    """Ask, print; exit code 1 if a cell took longer than it may."""
    parser = argparse.ArgumentParser(description="Explain random cells and take the time.")
    parser.add_argument("home", type=Path, metavar="HOME", help="a company whose night is over")
    parser.add_argument("--cells", type=int, default=10, metavar="N", help="of each answer (default: 10)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of which cells (default: 1)")
    options = parser.parse_args()
    home = Home(options.home.resolve())
    slowest = 0.0
    print("| table | cells | lines, at most | median s | slowest s |\n|---|--:|--:|--:|--:|")
    for table in EXPLAINED:
        cells = _cells(home, table, options.cells, options.seed)
        if not cells:
            print(f"| {table} | 0 | | | |", flush=True)
            continue
        seconds, lines = zip(*(_explained(home, table, *cell) for cell in cells), strict=True)
        slowest = max(slowest, *seconds)
        print(f"| {table} | {len(seconds)} | {max(lines):,} | {statistics.median(seconds):.2f} | {max(seconds):.2f} |", flush=True)
    print(f"\nslowest {slowest:.2f} s, to be ≤ {MOST_SECONDS:.0f}")
    return int(slowest > MOST_SECONDS)


def _cells(home: Home, table: str, number: int, seed: int) -> list[tuple[str, dict[str, str]]]:
    """A column and a key each; drawn by a hash, so that the same publication gives the same cells."""
    published = manifest.current(home)
    assert published is not None, "run a night first"
    key = next(one.key for one in published[0].tables if one.name == table)
    with duckdb.connect(str(home.published / "repledger.duckdb"), read_only=True) as connection:
        drawn = connection.execute(f"from {table} order by hash({', '.join(key)}, {seed}) limit {number}")
        names = [name for name, *_ in drawn.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in drawn.fetchall()]
    columns = [name for name in names if name not in key and name.endswith(("_amount", "_ratio"))]
    return [(columns[place % len(columns)], {name: "" if row[name] is None else str(row[name]) for name in key}) for place, row in enumerate(rows)]


def _explained(home: Home, table: str, column: str, given: dict[str, str]) -> tuple[float, int]:
    start = time.perf_counter()
    found = explain(home, read_company(home), table, column, given, most_lines=SHOWN_LINES)
    return time.perf_counter() - start, found.line_count


if __name__ == "__main__":
    raise SystemExit(main())
