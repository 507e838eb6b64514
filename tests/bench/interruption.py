"""The sweep behind `tests/pipeline/test_interruption.py`: a night killed at each boundary and at random moments, one home a kill.

    python -m tests.bench.interruption [--night adds] [--files N] [--kinds N] [--commits N] [--random N] [--seed N]

takes a night that takes something back and one that only adds (or the one that is named), and of each every N-th rename, link or removal
(1: each, 0: none), the first commit of every N-th kind (a kind is a model that DuckDB commits, or SQLite), of the thousands that repeat a
kind N of each database, spread over the night, and N random moments; a kill costs up to two nights.
Prints one line a kill: the boundary, which publication readers saw then and whether it was whole, whether the next night ended in the
rows of a night that nothing interrupted. Exit code 1 if one did not hold.
Belongs here: which kills, the table. Doesn't: what must hold (`interrupted_night`).
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from orchestration.publication import manifest
from orchestration.settings import Home
from tests.pipeline.interrupted import interrupted
from tests.pipeline.interrupted_night import SECOND, copy_of, outcome, two_nights, what_is_broken
from tests.pipeline.small_company import REPLEDGER, repledger


def main() -> int:
    """Make the two nights, kill, print."""
    parser = argparse.ArgumentParser(description="Kill a night at its boundaries and at random moments.")
    for name, number, what in (
        ("files", 1, "every N-th rename, link or removal"),
        ("kinds", 1, "the first commit of every N-th kind"),
        ("commits", 10, "commits of each database that repeat a kind"),
        ("random", 50, "random moments"),
    ):
        parser.add_argument(f"--{name}", type=int, default=number, metavar="N", help=f"{what} (default: {number})")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the random moments (default: 1)")
    parser.add_argument("--night", choices=SECOND, action="append", help="the kind of night that is killed (default: one of each)")
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.night or SECOND:
            delivered, undisturbed = two_nights(Path(folder), kind)
            expected = outcome(undisturbed)
            kills = _boundary_kills(delivered, options.files, options.kinds, options.commits) + _random_kills(delivered, options.random, options.seed)
            print(f"\nA night that {kind.replace('_', ' ')}:\n")
            print(f"| {'boundary':<75} | {'readers saw':<11} | whole | next night is the same |\n|{'-' * 77}|{'-' * 13}|{'-' * 7}|{'-' * 24}|")
            for name, how in kills:
                results.append(_kill(delivered, name, how, expected))
    held, killed = results.count((True, True)), sum(is_killed for is_killed, _ in results)
    print(f"\n{held} of {killed} kills: the last publication whole, the next night in the same rows; {len(results) - killed} came after the night had ended")
    return int(not all(is_held for _, is_held in results))


def _boundary_kills(delivered: Path, files: int, kinds: int, commits: int) -> list[tuple[str, int | float]]:
    """By their number in a night that is only watched."""
    with tempfile.TemporaryDirectory(dir=delivered.parent) as folder:
        log = Path(folder, "boundaries.txt")
        watched = interrupted(copy_of(delivered, Path(folder, "home")), "nightly", log=log)
        assert watched.returncode == 0, watched.stderr
        return list(chosen(log.read_text().splitlines(), files, kinds, commits))


def chosen(names: Sequence[str], files: int, kinds: int, commits: int) -> Iterator[tuple[str, int | float]]:
    """Which of the boundaries, named in their order, are killed at: every `files`-th that is no commit, the first commit of every `kinds`-th name,
    and of each database `commits` of those that repeat a name.
    """
    first: dict[str, int] = {}
    repeats: dict[str, list[tuple[str, int]]] = {"commit duckdb": [], "commit sqlite": []}
    touched = []
    for number, name in enumerate(names, start=1):
        if not name.startswith("commit"):
            touched.append((name, number))
        elif name not in first:
            first[name] = number
        else:
            repeats[name[: len("commit duckdb")]].append((f"{name}, the {number}th boundary", number))
    yield from touched[::files] if files else ()
    yield from list(first.items())[::kinds] if kinds else ()
    for found in repeats.values():
        yield from (found[place] for place in sorted({len(found) * one // commits for one in range(commits)}) if found)


def _random_kills(delivered: Path, number: int, seed: int) -> list[tuple[str, int | float]]:
    with tempfile.TemporaryDirectory(dir=delivered.parent) as folder:
        home = copy_of(delivered, Path(folder, "home"))
        start = time.perf_counter()
        done = repledger("nightly", home=home) if number else None
        whole = time.perf_counter() - start
    assert done is None or done.returncode == 0, done.stderr
    moments = random.Random(seed)
    seconds = sorted(moments.uniform(0, whole) for _ in range(number))
    return [(f"after {one:.2f} s", one) for one in seconds]


def _kill(delivered: Path, name: str, how: int | float, expected: dict[str, object]) -> tuple[bool, bool]:
    """One kill and the night after it. True if the night was still there to be killed; true if all held."""
    with tempfile.TemporaryDirectory(dir=delivered.parent) as folder:
        home = copy_of(delivered, Path(folder, "home"))
        before = manifest.current(Home(home))
        is_killed = _after(home, how) if isinstance(how, float) else interrupted(home, "nightly", at="*", number=how).returncode < 0
        seen, broken = manifest.current(Home(home)), what_is_broken(home)
        after = repledger("nightly", home=home)
        is_same = after.returncode == 0 and outcome(home) == expected
    saw = ("the old" if seen == before else "the new") if is_killed else "not killed"
    told = "yes" if is_same else (after.stderr.strip().splitlines() or ["no"])[-1]
    print(f"| {name:<75} | {saw:<11} | {'yes' if not broken else ', '.join(broken):<5} | {told:<22} |", flush=True)
    return is_killed, is_same and not broken


def _after(home: Path, seconds: float) -> bool:
    night = subprocess.Popen([REPLEDGER, "nightly", "--home", home], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        night.wait(seconds)
    except subprocess.TimeoutExpired:
        night.kill()
    return night.wait() < 0


if __name__ == "__main__":
    sys.exit(main())
