"""What a night adds to the warehouse that is there, if adding is all that it does.

Belongs here: when the warehouse may be told on instead of made anew. Doesn't: how (`dbt_project/macros/night.sql`).
Whatever takes something back, or changes a rule, makes everything anew: other bytes, a withdrawn file, settings, code.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.landing.ledger import COUNTING, Delivery
from orchestration.settings import ROW_WISE, Company
from orchestration.warehouse.state import WarehouseState


@dataclass(frozen=True)
class News:
    """Deliveries that a warehouse does not hold yet. built: the warehouse as it is."""

    built: WarehouseState
    deliveries: Sequence[Delivery]

    @property
    def files(self) -> frozenset[str]:
        return frozenset(delivery.file for delivery in self.deliveries)

    @property
    def entities(self) -> frozenset[str]:
        return frozenset(delivery.entity for delivery in self.deliveries)

    def variables(self) -> dict[str, Any]:
        """What dbt is told of them: for each entity, whether all of them are deltas, and of which dates."""
        told: dict[str, dict[str, Any]] = {}
        for one in self.deliveries:
            entity = told.setdefault(one.entity, {"is_delta": True, "extract_dates": set()})
            entity["is_delta"] &= one.mode == "delta"
            entity["extract_dates"].add(str(one.extract_date))
        sorted_dates = {name: {**entity, "extract_dates": sorted(entity["extract_dates"])} for name, entity in told.items()}
        return {"news": sorted_dates, "built_as_of_on": self.built.as_of}


def news_for(built: WarehouseState | None, wanted: WarehouseState, deliveries: Iterable[Delivery], company: Company) -> News | None:
    """The deliveries that `wanted` has and `built` does not; None when everything has to be made anew.

    deliveries: the whole ledger. A warehouse that no gate has passed is not told on.
    """
    if built is None or not built.has_passed or (built.code, built.settings) != (wanted.code, wanted.settings):
        return None
    if not built.files.items() <= wanted.files.items() or dt.date.fromisoformat(built.as_of) > dt.date.fromisoformat(wanted.as_of):
        return None
    if not set(company.connectors) <= set(ROW_WISE):
        return None
    ledger = list(deliveries)
    added = [one for one in ledger if one.state in COUNTING and one.file not in built.files]
    # Rows are known by the name under which their content came first.
    contents = Counter(_content(one) for one in ledger)
    if any(contents[_content(one)] > 1 for one in added):
        return None
    # A correction is of rows of any date; the company's calendar is in every model; a late snapshot cuts the runs of compacted ones.
    whole = {"correction", *(["fiscal_calendar"] if company.fiscal_calendar else [])}
    latest = {(one.source, one.entity): one.extract_date for one in sorted(ledger, key=lambda one: one.extract_date) if one.file in built.files}
    if any(one.entity in whole or (one.mode == "snapshot" and one.extract_date < latest.get(_where(one), dt.date.min)) for one in added):
        return None
    return News(built, added)


def _where(delivery: Delivery) -> tuple[str, str]:
    return delivery.source, delivery.entity


def _content(delivery: Delivery) -> tuple[str, str, dt.date, str]:
    return delivery.source, delivery.entity, delivery.extract_date, delivery.sha256


def whole_night() -> Mapping[str, Any]:
    """What dbt is told when everything is made anew."""
    return {"news": None, "built_as_of_on": None}
