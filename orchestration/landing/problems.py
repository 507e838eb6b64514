"""What is wrong with a delivery, told so that its sender can mend it.

Belongs here: lines that are rejected, cells that forbid a delivery, the refusal of a whole file, words to count and list them.
Doesn't: finding them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.errors import DeliveryError


@dataclass(frozen=True)
class Reject:
    """A physical line that is no row. content: its UTF-8 bytes, without the line end; they stay beside the raw rows and go nowhere else."""

    line: int
    reason: str
    content: bytes

    def as_json(self, file: str) -> dict[str, Any]:
        """The line as it is kept."""
        return {"file": file, "line": self.line, "reason": self.reason, "text": self.content.decode()}


class RefusalError(DeliveryError):
    """A delivery that is refused as a whole. concerns: each line concerned, with column and reason, never a guarded cell."""

    def __init__(self, what: str, *, where: str, do: str, concerns: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(what, where=where, do=do)
        self.concerns = concerns


def counted(number: int, noun: str) -> str:
    """`1 line`, `20 lines`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def first_few(names: Sequence[str], shown: int = 5) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
