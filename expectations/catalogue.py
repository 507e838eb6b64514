"""Every suite there is, and those that are due on a night.

Belongs here: the lists. Doesn't: what a suite holds, running one. Needs no Great Expectations, so that Dagster can name its checks.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.marts import answers, bridge, costs, credit, dimensions, facts, history, identity, structure, values, years
from expectations.raw import adventureworks, crm, delivery, ecb, expenses, finance, payroll, plans, reference
from expectations.report import Night
from expectations.vocabulary import Layer, Suite

_RAW = (crm, payroll, expenses, plans, finance, reference, adventureworks, ecb)


@dataclass(frozen=True)
class SuiteSpec:
    """A suite by name. connector, entity: what was delivered, for a suite on one raw entity; else empty."""

    name: str
    table: str
    layer: Layer
    connector: str = ""
    entity: str = ""


def suite_names() -> list[SuiteSpec]:
    """Every suite that may run, of every connector, in the order in which they run."""
    return [_spec(suite) for suite in _all_suites()]


def suites_for(night: Night) -> list[Suite]:
    """The suites of what this company delivers, and of everything that is published."""
    declared = {(each.entity.connector, each.entity.name) for each in night.entities}
    raw = [suite for suite in _raw_suites() if suite.entity and (suite.entity.connector, suite.entity.name) in declared]
    return [delivery.suite_for(night.entities), *raw, *_built_suites()]


def _spec(suite: Suite) -> SuiteSpec:
    table = suite.table.replace('"', "")
    if suite.entity is None:
        return SuiteSpec(suite.name, table, suite.layer)
    return SuiteSpec(suite.name, table, suite.layer, suite.entity.connector, suite.entity.name)


def _all_suites() -> Iterator[Suite]:
    yield delivery.suite_for(())
    yield from _raw_suites()
    yield from _built_suites()


def _raw_suites() -> Iterator[Suite]:
    for area in _RAW:
        yield from area.SUITES


def _built_suites() -> Iterator[Suite]:
    for part in (history, structure, dimensions, facts, costs, credit, identity, values, years, bridge, answers):
        yield from part.SUITES
