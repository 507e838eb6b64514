"""The search behind `tests/pipeline/test_any_order.py`: many companies made up, each replayed at once, by night, and under other names.

    python -m tests.bench.any_order --examples 100 --seed 1

Prints one line a company: its deliveries, which of its nights were told on ("t") and which made anew ("a"), seconds. Stops at the first
whose warehouse is not the same, with the case, the tables and the first rows that only one of both has; exit code 1. An example costs up
to a minute.
Belongs here: how many, the table. Doesn't: what is drawn and compared (`any_order`).
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.pipeline.any_order import CASES, Case, Homes, replayed

_SHOWN_ROWS = 3


def main() -> int:
    """Draw, replay, compare, print."""
    parser = argparse.ArgumentParser(description="Replay made-up companies in any order.")
    parser.add_argument("--examples", type=int, default=20, metavar="N", help="companies (default: 20)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of what is made up (default: 1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = _search(Homes(Path(folder)), options.examples, options.seed)
    return int(found)


def _search(homes: Homes, examples: int, number: int) -> bool:
    """True if a company was found whose warehouse is not the same."""
    differing: list[Case] = []

    @seed(number)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate])
    @given(CASES)
    def replay(case: Case) -> None:
        if not differing and not _is_same(case, homes):
            differing.append(case)

    replay()
    for case in differing:
        print(f"not the same, seed {number}: {case}")
    return bool(differing)


def _is_same(case: Case, homes: Homes) -> bool:
    start = time.perf_counter()
    at_once, by_night, renamed, told = replayed(case, homes)
    pairs = {"by night": (at_once.tables(), by_night.tables()), "renamed": (at_once.figures(), renamed.figures())}
    mode = "deltas" if case.accounts_are_deltas else "snapshots"
    nights = "".join("t" if is_told_on else "a" for is_told_on in told)
    crms = "two CRMs" if case.changes_crm else "one CRM"
    seconds = time.perf_counter() - start
    print(f"{len(case.deliveries):2} deliveries, {case.credit_policy:<8} accounts as {mode:<9} {crms:<8} {nights:<4} {seconds:5.1f} s", flush=True)
    for how, (left, right) in pairs.items():
        for name in sorted(left.keys() | right.keys()):
            _print_difference(name, how, left.get(name, []), right.get(name, []))
    for home in (at_once.home, by_night.home, renamed.home):
        shutil.rmtree(home.root)
    return told[-1] and all(left == right for left, right in pairs.values())


def _print_difference(name: str, how: str, at_once: list[Any], other: list[Any]) -> None:
    if at_once != other:
        print(f"{name}\n  only at once:  {[row for row in at_once if row not in other][:_SHOWN_ROWS]}")
        print(f"  only {how}: {[row for row in other if row not in at_once][:_SHOWN_ROWS]}")


if __name__ == "__main__":
    sys.exit(main())
