"""What people correct by hand, and what becomes of it: a country that the CRM never mends, an industry that it mends later.

Belongs here: the corrections of the simulated company, as they are told and as they must turn out. Doesn't: the rules that apply them.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from orchestration.demo.calendar import AS_OF
from orchestration.demo.events import Account, World

Row = dict[str, Any]
Told = tuple[dt.date, tuple[Any, ...], Row]


def corrections(world: World) -> Iterator[Told]:
    """A row a correction, from the extract on in which its account is first seen. No figure depends on either in the end."""
    for number, (account, column, wrong, right, _) in enumerate(_chosen(world), start=1):
        seen_on = world.calendar.seen(account.entered_on)
        row = {
            "correction_id": f"C-{number}",
            "entity": "account",
            "entity_key": account.account_id,
            "column_name": column,
            "from_value": wrong,
            "to_value": right,
            "reason": "the customer says so",
            "written_by": "sales operations",
            "approved_by": "finance",
            "written_on": account.entered_on,
        }
        yield seen_on, (row["correction_id"],), row


def true_corrections(world: World) -> Iterator[Row]:
    """What became of each by the as-of date."""
    for (_, _, row), (_, _, _, _, state) in zip(corrections(world), _chosen(world), strict=True):
        told = ("correction_id", "entity", "entity_key", "column_name", "reason", "written_by", "approved_by", "written_on")
        yield {name: row[name] for name in told} | {"correction_state": state}


def _chosen(world: World) -> Iterator[tuple[Account, str, str | None, str | None, str]]:
    """Account, column, what the CRM says, what is true, and what becomes of it. A company too small for one goes without it."""
    lasting = next((one for one in world.accounts if one.gone_on is None and one.country == "US"), None)
    if lasting is not None:
        yield lasting, "country_code", "US", "CA", "applied"
    mended = (one for one in world.accounts if one.gone_on is None and one.mended_on is not None and one.mended_on < AS_OF)
    later = next((one for one in mended if one.mended_on is not None and world.calendar.seen(one.entered_on) < one.mended_on), None)
    if later is not None:
        yield later, "industry", later.told_industry, later.industry, "expired"
