"""What a command costs: wall, CPU, peak memory and bytes, in a process of its own, phase by phase.

A phase begins with a line that the command writes on its error stream; what it used until then is read from the kernel.
Belongs here: running and measuring. Doesn't: which commands (`run`), what is made of the numbers (`report`).
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

_HERTZ = os.sysconf("SC_CLK_TCK")
_PEAK_FROM_NOW = "5"


@dataclass(frozen=True)
class Cost:
    """What a run, or a phase of one, took. peak_bytes: of its largest process; bytes: those that it asked the system to read and write."""

    name: str
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    read_bytes: int
    written_bytes: int


@dataclass(frozen=True)
class Measured:
    """A run: the whole, and its phases if there is more than one."""

    whole: Cost
    phases: tuple[Cost, ...]

    def phase(self, name: str) -> Cost:
        return next(one for one in self.phases if one.name == name)

    def as_json(self) -> dict[str, Any]:
        return asdict(self.whole) | {"phases": [asdict(one) for one in self.phases]}


def measured(
    name: str, command: Sequence[str | Path], *, begins: Mapping[str, str] | None = None, first: str = "", environment: Mapping[str, str] | None = None
) -> Measured:
    """Run it, and exit with what it said if it fails. begins: the phase that each text on the error stream begins, after that named `first`."""
    start, phase, told, marks = time.monotonic(), first, [], []
    with subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment) as process:
        assert process.stderr is not None
        for line in process.stderr:
            told.append(line)
            begun = next((shown for words, shown in (begins or {}).items() if words in line), phase)
            if begun != phase:
                marks.append(_so_far(phase, process.pid, start))
                Path(f"/proc/{process.pid}/clear_refs").write_text(_PEAK_FROM_NOW)
                phase = begun
        # Ended, and not yet forgotten: the kernel still tells its bytes.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        read, written = _bytes(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name}: ended with {process.returncode}\n{''.join(told)}")
    last = Cost(phase, time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, read, written)
    marks.append(last)
    whole = replace(last, name=name, peak_bytes=max(one.peak_bytes for one in marks))
    return Measured(whole, _differences(marks) if len(marks) > 1 else ())


def _differences(marks: Sequence[Cost]) -> tuple[Cost, ...]:
    before = Cost("", 0.0, 0.0, 0, 0, 0)
    found = []
    for mark in marks:
        wall, cpu = mark.wall_seconds - before.wall_seconds, mark.cpu_seconds - before.cpu_seconds
        found.append(Cost(mark.name, wall, cpu, mark.peak_bytes, mark.read_bytes - before.read_bytes, mark.written_bytes - before.written_bytes))
        before = mark
    return tuple(found)


def _so_far(name: str, pid: int, start: float) -> Cost:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return Cost(name, time.monotonic() - start, (int(fields[11]) + int(fields[12])) / _HERTZ, int(peak.split()[1]) * 1024, *_bytes(pid))


def _bytes(pid: int) -> tuple[int, int]:
    """Read and written, whether the system had them in memory or not."""
    table = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(table["rchar"]), int(table["wchar"])
