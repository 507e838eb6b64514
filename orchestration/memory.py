"""How much memory DuckDB may take before it writes to the disk: the same for building, checking and publishing.

Belongs here: the number. Doesn't: who is told. Nothing heavy is imported.
"""

import os

# Most of a small machine; of a large one, what ten years of 100 million activities need to stay below 8 GB in all.
_SHARE, _MOST_MB = 0.6, 6_000


def memory_limit() -> str:
    """As DuckDB's setting `memory_limit` takes it."""
    machine_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    return f"{min(int(machine_mb * _SHARE), _MOST_MB)}MB"
