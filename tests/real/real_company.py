"""A home on which a test runs the real command, as a person types it.

Belongs here: starting `repledger` as a process of its own. Doesn't: what is in the home, what is expected of it.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RealCompany:
    """A home that holds a company from public files."""

    home: Path

    def repledger(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        executable = Path(sys.executable).parent / "repledger"
        return subprocess.run([str(executable), command, "--home", str(self.home), *arguments], capture_output=True, text=True, check=False, encoding="utf-8")
