"""What every op of a run holds: the home's lock, from the first op to the last.

Belongs here: Dagster resources. Doesn't: the lock itself (`orchestration.lock`).
"""

from collections.abc import Iterator

import dagster as dg

from orchestration.lock import nightly_lock
from orchestration.settings import Home

LOCK = "home_lock"


def lock_resource(home: Home) -> dg.ResourceDefinition:
    """Held for the whole run, which is one process; the command that already holds it takes it again."""

    @dg.resource
    def held(_: dg.InitResourceContext) -> Iterator[None]:
        with nightly_lock(home):
            yield

    return held
