"""What a person sees while long work goes on: one line a phase, with the seconds since the start.

Belongs here: how progress is shown. Doesn't: what is worth showing. On a terminal a counted phase is rewritten in place;
elsewhere a line is added every few seconds, so that a log stays short.
"""

import time
from typing import TextIO

_QUIET_SECONDS = 10.0


class Progress:
    """Shows phases and steps. A silent one (`stream=None`) shows nothing."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._start = self._last = time.monotonic()
        self._is_open_line = False

    def phase(self, text: str) -> None:
        """A new phase begins."""
        self._show(text, ends=True)

    def step(self, text: str, number: int, total: int) -> None:
        """One of many parts of the phase is done."""
        is_terminal = self._stream is not None and self._stream.isatty()
        if is_terminal or number == total or time.monotonic() - self._last > _QUIET_SECONDS:
            self._show(f"{text} {number} of {total}", ends=not is_terminal or number == total)

    def end_line(self) -> None:
        """Whatever is printed next begins on a line of its own."""
        if self._stream is not None and self._is_open_line:
            self._stream.write("\n")
            self._is_open_line = False

    def _show(self, text: str, *, ends: bool) -> None:
        if self._stream is None:
            return
        self._last = time.monotonic()
        line = f"[{self._last - self._start:6.1f} s] {text}"
        self._stream.write(f"\r\033[K{line}" if self._is_open_line else line)
        self._stream.write("\n" if ends else "")
        self._stream.flush()
        self._is_open_line = not ends


SILENT = Progress()
