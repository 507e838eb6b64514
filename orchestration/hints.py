"""Hints that can be pasted: a command that a message names, as it has to be typed here.

Belongs here: how the command is called, and of which home. Doesn't: the messages, which name it `repledger` and know no home.
"""

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

DEFAULT_HOME = "home"
_HOMELESS = {"template"}
_HINT = re.compile(r"`repledger (\w+)([^`\n]*)`")


def pasteable(text: str, home: str) -> str:
    """A message whose `repledger COMMAND` does the same when it is pasted. home: as the person gave it; the default one needs no naming."""
    is_named = Path(home).resolve() != Path(DEFAULT_HOME).resolve()

    def typed(hint: re.Match[str]) -> str:
        asks = is_named and hint[1] not in _HOMELESS and "--home" not in hint[2]
        return f"`{_called()} {hint[1]}{hint[2]}{f' --home {shlex.quote(home)}' if asks else ''}`"

    return _HINT.sub(typed, text)


def _called() -> str:
    """How a person calls the command here: by its path where the shell would not find it by its name."""
    typed = Path(sys.argv[0])
    if typed.name != "repledger" or shutil.which("repledger") == str(typed):
        return "repledger"
    return shlex.quote(os.path.relpath(typed) if typed.absolute().is_relative_to(Path.cwd()) else str(typed))
