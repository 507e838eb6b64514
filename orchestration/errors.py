"""What can go wrong in a way that a user can mend.

Belongs here: the exceptions that end a command with one line and an exit code. Doesn't: bugs, which keep their traceback.
"""

import re
from collections.abc import Sequence

DONE, FAILED, MISUSED = 0, 1, 2


class RepledgerError(Exception):
    """Something a user can mend.

    what: what is wrong, in one sentence, without any personal or pay cell.
    where: file, line, column or key; empty when there is no place.
    do: what to do next.
    details: lines that a person reads before that one line, where there is more to see.
    """

    exit_code = FAILED

    def __init__(self, what: str, *, where: str = "", do: str = "", details: Sequence[str] = ()) -> None:
        self.what, self.where, self.do, self.details = what, where, do, details
        super().__init__(self.line)

    @property
    def line(self) -> str:
        """The one line that a user reads."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f" → {self.do}" if self.do else "")


def without_cells(message: str) -> str:
    """A database's message without what it quotes of a cell: that could be somebody's pay.

    Of dbt's messages, which begin with where it stood, the line that says what went wrong.
    """
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    wanted = lines[1] if len(lines) > 1 and lines[0].endswith(")") else " ".join(lines[:1])
    # DuckDB puts names and cells alike between double quotes; these kinds of error speak of names alone.
    quoted = "" if wanted.startswith(("Binder Error", "Catalog Error", "Parser Error")) else '|"[^"]*"'
    return re.sub(rf"([A-Z]+\(\d+(?:, ?\d+)?\))|'[^']*'{quoted}|(?<!\w)-?\d[\d.,]*", lambda found: found[1] or "…", wanted)


class ConfigurationError(RepledgerError):
    """Wrong use of a command, or a wrong company.toml."""

    exit_code = MISUSED


class DeliveryError(RepledgerError):
    """A delivered file that can't be taken as it is."""


class LockedError(RepledgerError):
    """Another process is at work on the home. Its own outcome is told; this one had none."""


class BuildError(RepledgerError):
    """The warehouse could not be built, or one of its own tests failed."""


class GateError(RepledgerError):
    """A quality gate failed: nothing was published."""
