"""What holds of every delivered entity, read from its contract: shape, types, volume, freshness.

Belongs here: checks that follow from the declaration alone. Doesn't: what is known of one entity, which stands in its area's file.
"""

from collections.abc import Iterable, Mapping

from expectations.vocabulary import BLOCK, NOTE, Check, Suite, castable, fresh, not_null, rule, suite, unique_key, volume_like_before, volume_no_jump
from orchestration.landing.declarations import Column, Entity, connector_entities
from orchestration.landing.predicates import is_currency_column, unknown_currency_sql

_REQUIRED = "the contract requires it: a row without it can't be placed"
_TYPED = "a cell that can't be cast would become null without a word"
_CURRENCY = "what is no ISO 4217 code has no rate, and money without a rate is lost"
_HALVED = "halves from one snapshot to the next are truncated files: what is missing would count as ended; if it is true, set drift_accepted_on"
_SHRUNK = "people keep this list and may empty it, so nothing blocks; what is missing has ended"
_JUMPED = "five times the largest extract before is a file delivered twice over, or a migration that someone should know of"
_STALE = "extracts are monthly at the least; 45 days is a month and two weeks of grace"
_SELDOM_STALE = "delivered when it changes, and looked through once a year at the least; 400 days is a year and five weeks of grace"
_TWICE = "within one snapshot one row of a version wins by updated_at, the others are listed in conflict"

# What changes by the year. Everything else is in every extract.
_SELDOM = {
    "allocation_rule",
    "campaign",
    "territory",
    "absence",
    "coaching",
    "reward",
    "market_potential",
    "feedback",
    "decision",
    "fiscal_calendar",
    "code_map",
    "correction",
    "credit_adjustment",
}

# Lists that people keep, short and shrinking by their nature: a correction ends by being left out.
_KEPT_BY_HAND = {"correction", "crosswalk"}


def raw_suites(connector: str, area: str, specific: Mapping[str, Iterable[Check]]) -> tuple[Suite, ...]:
    """A suite for each entity of the area: what follows from the contract, then what `specific` knows of it."""
    entities = [entity for entity in connector_entities(connector).values() if entity.area == area]
    for name in specific.keys() - {entity.name for entity in entities}:
        raise ValueError(f"{connector} has no entity {name} in {area}")
    return tuple(_raw_suite(entity, specific.get(entity.name, ())) for entity in entities)


def _raw_suite(entity: Entity, specific: Iterable[Check]) -> Suite:
    name = f"raw_{entity.area}__{entity.name}"
    table = f'raw."{entity.connector}__{entity.name}"'
    return suite(name, table, "raw", entity.key, *_contract_checks(entity), *specific, entity=entity)


def _contract_checks(entity: Entity) -> Iterable[Check]:
    for column in entity.columns:
        yield from _column_checks(column, column.name in entity.key)
    if entity.mode == "snapshot":
        # A snapshot may hold several versions of a key, each with the day since when it holds.
        version = [f'"{name}"' for name in entity.key] + ["effective_on"] * any(column.name == "effective_on" for column in entity.columns)
        yield unique_key("_source", "_extract_date", *version, severity=NOTE, why=_TWICE)
        severity, why = (NOTE, _SHRUNK) if entity.name in _KEPT_BY_HAND else (BLOCK, _HALVED)
        yield volume_like_before(tolerance=0.5, at_least=10, severity=severity, why=why)
    yield volume_no_jump(times=5, at_least=1000, severity=NOTE, why=_JUMPED)
    if entity.name in _SELDOM:
        yield fresh(days=400, severity=NOTE, why=_SELDOM_STALE)
    else:
        yield fresh(days=45, severity=NOTE, why=_STALE)


def _column_checks(column: Column, is_key: bool) -> Iterable[Check]:
    if column.is_required or is_key:
        yield not_null(column.name, severity=BLOCK, why=_REQUIRED)
    if column.type != "varchar":
        yield castable(column.name, column.type, severity=BLOCK, why=_TYPED)
    if is_currency_column(column.name):
        yield rule(f"{column.name}_is_code", unknown_currency_sql(f'"{column.name}"'), severity=BLOCK, why=_CURRENCY)
