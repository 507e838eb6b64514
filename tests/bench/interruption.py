"""The sweep behind `tests/pipeline/test_interruption.py`: a night killed at each boundary and at random moments, one home a kill.

    python tests/bench/interruption.py [--files N] [--commits N] [--random N] [--seed N]

takes every N-th rename, link or removal (1: each), every N-th commit (0: none), and N random moments; a kill costs two nights.
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
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from orchestration.publication import manifest
from orchestration.settings import Home
from tests.pipeline.interrupted import interrupted
from tests.pipeline.interrupted_night import copy_of, outcome, two_nights, what_is_broken
from tests.pipeline.small_company import REPLEDGER, repledger


def main() -> int:
    """Make the two nights, kill, print."""
    parser = argparse.ArgumentParser(description="Kill a night at its boundaries and at random moments.")
    for name, number, what in (("files", 1, "every N-th rename, link or removal"), ("commits", 250, "every N-th commit"), ("random", 50, "random moments")):
        parser.add_argument(f"--{name}", type=int, default=number, metavar="N", help=f"{what} (default: {number})")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the random moments (default: 1)")
    options = parser.parse_args()
    held = 0
    with tempfile.TemporaryDirectory() as folder:
        shared = Path(folder)
        _, undisturbed = two_nights(shared)
        expected = outcome(undisturbed)
        kills = list(_boundary_kills(shared, options.files, options.commits)) + _random_kills(shared, options.random, options.seed)
        print(f"| {'boundary':<75} | {'readers saw':<11} | whole | next night is the same |\n|{'-' * 77}|{'-' * 13}|{'-' * 7}|{'-' * 24}|")
        for name, how in kills:
            held += _kill(shared, name, how, expected)
    print(f"{held} of {len(kills)} kills: the last publication whole, the next night in the same rows")
    return int(held != len(kills))


def _boundary_kills(shared: Path, files: int, commits: int) -> Iterator[tuple[str, int | float]]:
    """By their number in a night that is only watched."""
    log = shared / "boundaries.txt"
    watched = interrupted(copy_of(shared / "delivered", shared / "watched"), "nightly", log=log)
    assert watched.returncode == 0, watched.stderr
    names = log.read_text().splitlines()
    for every, is_asked_for in ((files, False), (commits, True)):
        found = [(name, number) for number, name in enumerate(names, start=1) if name.startswith("commit") == is_asked_for]
        yield from found[::every] if every else ()


def _random_kills(shared: Path, number: int, seed: int) -> list[tuple[str, int | float]]:
    start = time.perf_counter()
    if number:
        done = repledger("nightly", home=copy_of(shared / "delivered", shared / "timed"))
        assert done.returncode == 0, done.stderr
    moments = random.Random(seed)
    seconds = sorted(moments.uniform(0, time.perf_counter() - start) for _ in range(number))
    return [(f"after {one:.2f} s", one) for one in seconds]


def _kill(shared: Path, name: str, how: int | float, expected: dict[str, object]) -> bool:
    """One kill and the night after it."""
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        home = copy_of(shared / "delivered", Path(folder, "home"))
        before = manifest.current(Home(home))
        is_killed = _after(home, how) if isinstance(how, float) else interrupted(home, "nightly", at="*", number=how).returncode < 0
        seen, broken = manifest.current(Home(home)), what_is_broken(home)
        after = repledger("nightly", home=home)
        is_same = after.returncode == 0 and outcome(home) == expected
    saw = ("the old" if seen == before else "the new") if is_killed else "not killed"
    told = "yes" if is_same else (after.stderr.strip().splitlines() or ["no"])[-1]
    print(f"| {name:<75} | {saw:<11} | {'yes' if not broken else ', '.join(broken):<5} | {told:<22} |", flush=True)
    return is_same and not broken


def _after(home: Path, seconds: float) -> bool:
    night = subprocess.Popen([REPLEDGER, "nightly", "--home", home], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        night.wait(seconds)
    except subprocess.TimeoutExpired:
        night.kill()
    return night.wait() < 0


if __name__ == "__main__":
    sys.exit(main())
