"""Taking back a delivery that was loaded and should not have been: `repledger withdraw`.

A file that vanishes from the landing deletes nothing, so a loaded file that blocks the gate needs a word of its own.
Belongs here: what may be withdrawn. Doesn't: how the ledger keeps it (`ledger`, `loader`).
"""

from pathlib import Path

from orchestration.errors import ConfigurationError
from orchestration.landing.ledger import COUNTING, Delivery, read_contents, read_ledger
from orchestration.lock import nightly_lock
from orchestration.settings import Home


def withdraw(home: Home, file: str) -> Delivery:
    """Have the delivery count nowhere from the next night on; raw keeps it, and delivering the same bytes again brings it back.

    file: path below landing/, as the ledger has it, or where it lay. Raises ConfigurationError if there is nothing to withdraw.
    """
    file = _as_in_the_ledger(home, file)
    with nightly_lock(home):
        latest = _latest(home, file)
        if latest.state == "withdrawn":
            raise ConfigurationError(f"was withdrawn already, at {latest.withdrawn_at}", where=file, do="run `repledger nightly`")
        if (home.landing / file).exists():
            raise ConfigurationError(
                "still lies in the landing, so the next night would load it again", where=file, do="remove the file first, then withdraw it"
            )
        from orchestration.landing.loader import Loader

        with Loader(home, read_contents(home)) as loader:
            loader.withdraw(file)
            loader.mend_names()
        return _latest(home, file)


def _as_in_the_ledger(home: Home, file: str) -> str:
    landing = home.landing.resolve()
    path = Path(file).resolve()
    return path.relative_to(landing).as_posix() if path.is_relative_to(landing) else file


def _latest(home: Home, file: str) -> Delivery:
    named = [one for one in read_ledger(home) if one.file == file and one.state in COUNTING | {"withdrawn"}]
    if not named:
        do = "name it as `repledger status --json` does: <source>/<entity>/<extract date>/<file>"
        raise ConfigurationError("no delivery of this name was ever loaded", where=file, do=do)
    return named[0]
