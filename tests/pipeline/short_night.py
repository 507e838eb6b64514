"""A night without what most tests don't look at: Dagster's run, and the tests that dbt runs on its models. A third of a small one.

Belongs here: what such a night leaves out. Doesn't: which tests need a whole night; those are of Dagster, of dbt's tests, or of the command itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from orchestration import nightly
from orchestration.phases import Run, raise_for_gate
from orchestration.publication.manifest import Publication
from orchestration.warehouse import build
from orchestration.warehouse.models import read_models


@contextmanager
def short_nights() -> Iterator[None]:
    """Nights of this process are short meanwhile."""
    with mock.patch.object(nightly, "_make", _make), untested_models():
        yield


@contextmanager
def untested_models() -> Iterator[None]:
    """dbt builds models of this process meanwhile without running its tests on them."""
    invoke = build._invoke

    def untested(home: Any, command: str, *more: Any, **named: Any) -> Any:
        without_tests = ("--exclude-resource-type", "test") if command == "build" else ()
        return invoke(home, command, *more, *without_tests, **named)

    with mock.patch.object(build, "_invoke", untested):
        yield


def _make(run: Run) -> Publication:
    """The phases alone, in the order in which Dagster's job has them."""
    run.home.work.mkdir(parents=True, exist_ok=True)  # as Dagster's history does
    run.parse()
    models = read_models(build.parse_if_stale(run.home, run.company))
    run.raise_for_build(run.build(models))
    raise_for_gate(run.check())
    return run.publish(models)
