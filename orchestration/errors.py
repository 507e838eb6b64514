"""What can go wrong in a way that a user can mend.

Belongs here: the exceptions that end a command with one line and an exit code. Doesn't: bugs, which keep their traceback.
"""

DONE, FAILED, MISUSED = 0, 1, 2


class RepledgerError(Exception):
    """Something a user can mend.

    what: what is wrong, in one sentence, without any personal or pay cell.
    where: file, line, column or key; empty when there is no place.
    do: what to do next.
    """

    exit_code = FAILED

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(self.line)

    @property
    def line(self) -> str:
        """The one line that a user reads."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f" → {self.do}" if self.do else "")


class ConfigurationError(RepledgerError):
    """Wrong use of a command, or a wrong company.toml."""

    exit_code = MISUSED


class DeliveryError(RepledgerError):
    """A delivered file that can't be taken as it is."""


class BuildError(RepledgerError):
    """The warehouse could not be built, or one of its own tests failed."""


class GateError(RepledgerError):
    """A quality gate failed: nothing was published."""
