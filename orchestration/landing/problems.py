"""What is wrong with a delivery, told so that its sender can mend it.

Belongs here: lines that are rejected, cells that forbid a delivery, the refusal of a whole file. Doesn't: finding them.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.errors import DeliveryError


@dataclass(frozen=True)
class Reject:
    """A physical line that is no row. content: its bytes, without the line end; they stay beside the raw rows and go nowhere else."""

    line: int
    reason: str
    content: bytes

    def as_json(self, file: str) -> dict[str, Any]:
        """The line as it is kept: as text where it is text, else as base64."""
        try:
            content = {"text": self.content.decode()}
        except UnicodeDecodeError:
            content = {"base64": base64.b64encode(self.content).decode()}
        return {"file": file, "line": self.line, "reason": self.reason, **content}


class RefusalError(DeliveryError):
    """A delivery that is refused as a whole. concerns: each line concerned, with column and reason, never a guarded cell."""

    def __init__(self, what: str, *, where: str, do: str, concerns: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(what, where=where, do=do)
        self.concerns = concerns
