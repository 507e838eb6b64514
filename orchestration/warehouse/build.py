"""Running dbt in this process: parse the project, build the warehouse, say in one line what broke.

Belongs here: dbt's arguments and results. Doesn't: which models there are (`models`), what Dagster makes of them.
A process of its own for dbt would cost eight seconds a night.
"""

import contextlib
import datetime as dt
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from orchestration.errors import BuildError, without_cells
from orchestration.memory import memory_limit
from orchestration.settings import DBT_DIR, Company, Home
from orchestration.warehouse.failing_rows import forget_failing_rows, write_failing_rows
from orchestration.warehouse.news import News, whole_night

STAND_INS: dict[str, Any] = {
    "as_of_on": "1000-01-01",
    "as_known_on": None,
    "company_name": "",
    "reporting_currency": "USD",
    "fiscal_year_start_month": 1,
    "time_zone": "UTC",
    "roles_without_credit": [],
    "leave_types": [],
    "constant_currency_on": "1000-01-01",
    "budget_rates": {},
    "real_index": None,
    "real_base_month_on": "1000-01-01",
    "full_time_hours_month": 160,
}
"""What dbt parses with in place of variables that shape no model: they are written into its SQL, and change neither which models there are
nor what they read or how they are kept. dbt would parse everything again when one changes, as the as-of date does every night. Should a
model come to read another one because of them, dbt refuses to build it.
"""
KEPT = "kept"
"""The status of a model that a night leaves as it is, since nothing came for it."""
_FAILED = ("error", "fail", "runtime error", "partial success")
Step = Callable[[str, int, int], None]


@dataclass(frozen=True)
class BuildResult:
    """What became of one model or test. failures: rows that a test found, keys: the first of them; look: the file that says more.

    model: the one that a test looks at, empty for a test by hand.
    """

    unique_id: str
    name: str
    kind: str
    status: str
    message: str
    failures: int
    keys: tuple[str, ...] = ()
    look: Path | None = None
    model: str = ""

    @property
    def is_failed(self) -> bool:
        return self.status in _FAILED

    @property
    def is_broken(self) -> bool:
        """True if it could not be run, which is not the verdict of a test."""
        return self.is_failed and self.status != "fail"


def variables(company: Company, as_of: str, as_known_on: dt.date | None = None, news: News | None = None) -> dict[str, Any]:
    """What dbt is told: all that a model may not look up for itself."""
    return {
        "company_name": company.name,
        "as_of_on": as_of,
        "as_known_on": str(as_known_on) if as_known_on else None,
        "connectors": list(company.connectors),
        "reporting_currency": company.reporting_currency,
        "fiscal_year_start_month": company.fiscal_year_start_month,
        "fiscal_calendar": company.fiscal_calendar,
        "time_zone": company.time_zone,
        "credit_policy": company.credit_policy,
        "contract_measure": company.contract_measure,
        "roles_without_credit": [role.lower() for role in company.roles_without_credit],
        "constant_currency_on": str(company.constant_currency_on),
        "bases": list(company.bases),
        "budget_rates": {currency: format(rate, "f") for currency, rate in company.budget_rates.items()},
        "real_index": company.real_index,
        "real_base_month_on": str(company.real_base_month_on or company.constant_currency_on.replace(day=1)),
        "full_time_hours_month": company.full_time_hours_month,
        "metric_versions": dict(company.metric_versions),
        "leave_types": [kind.lower() for kind in company.leave_types],
        "cost_bases": list(company.cost_bases),
        **(news.variables() if news else whole_night()),
        "takeovers": takeovers(company),
    }


def parsed_variables(company: Company) -> dict[str, Any]:
    """What dbt is told when it parses: only what shapes a model."""
    return variables(company, "") | STAND_INS


def takeovers(company: Company) -> list[dict[str, Any]]:
    """Every two sources of which one takes over from the other, at once or through a third, with the entities that both deliver."""
    pairs = []
    for source in company.sources.values():
        older, takeover = source, source.takeover
        while older.takeover is not None and takeover is not None:
            older = company.sources[older.takeover.source]
            both = [entity for entity in source.entities if entity in older.entities]
            pairs.append({"taken": older.name, "taking": source.name, "takes_over_on": str(takeover.on), "entities": both})
    return pairs


def manifest_file(home: Home) -> Path:
    """Where the parsed project lies: for a look back too, which is of the same models."""
    return Home(home.root).work / "dbt" / "target" / "manifest.json"


def parse_if_stale(home: Home, company: Company) -> Path:
    """The manifest of the project as it is now; dbt is imported only when a file or a setting changed since it was written."""
    if not is_parsed(home, company):
        _parse(home, company)
    return manifest_file(home)


def parse(home: Home, company: Company) -> Any:
    """dbt's own manifest of the project as it is now, which `build` takes. Reading the last one back spares two to five seconds."""
    if is_parsed(home, company):
        # What can't be read back, half-written or of another dbt, is parsed again.
        with contextlib.suppress(Exception):
            from dbt.contracts.graph.manifest import Manifest

            manifest = Manifest.from_msgpack(_manifest_object(home).read_bytes())
            manifest.build_flat_graph()
            return manifest
    return _parse(home, company)


def _parse(home: Home, company: Company) -> Any:
    _key_file(home).unlink(missing_ok=True)
    result = _invoke(Home(home.root), "parse", parsed_variables(company))
    if not result.success:
        raise BuildError(f"the dbt project can't be parsed: {_first_lines(str(result.exception))}", where="dbt_project", do="mend what is named")
    _key_file(home).write_text(parse_key(company))
    return result.result


def is_parsed(home: Home, company: Company) -> bool:
    """True if a home holds what dbt made of the project as it is now."""
    files = (manifest_file(home), _manifest_object(home), _key_file(home))
    return all(path.is_file() for path in files) and _key_file(home).read_text() == parse_key(company)


def _manifest_object(home: Home) -> Path:
    """What dbt keeps of a parse for itself. Not a pickle: its fields would come back in each other's place."""
    return manifest_file(home).with_name("partial_parse.msgpack")


def _key_file(home: Home) -> Path:
    return manifest_file(home).with_name("parsed.key")


def build(
    home: Home, company: Company, as_of: str, *, manifest: Any, models: Sequence[str] = (), news: News | None = None, step: Step | None = None
) -> list[BuildResult]:
    """Build the models (all, or those named) and run their tests. Never raises for a model: see `raise_for`.

    news: what is added to the warehouse as it is; None makes every model anew.
    """
    forget_failing_rows(home)
    untouched = _untouched(manifest, news) if news else set()
    standing = [node.name for node in manifest.nodes.values() if node.resource_type == "model" and node.config.materialized != "ephemeral"]
    counted = sum(1 for name in standing if name not in untouched and (not models or name in models))
    chosen = [*(["--select", *models] if models else []), *(["--exclude", *sorted(untouched)] if untouched else [])]
    options = [*chosen, "--exclude-resource-type", "unit_test", "--no-write-json", *([] if news else ["--full-refresh"])]
    try:
        result = _invoke(
            home, "build", variables(company, as_of, home.as_known_on, news), *options, manifest=manifest, callbacks=[_counting(step, counted)] if step else []
        )
    finally:
        _close_connections()
    if result.exception and not result.result:
        raise BuildError(f"dbt could not run: {_first_lines(str(result.exception))}", where="dbt_project", do="mend what is named")
    kept = [BuildResult(node.unique_id, node.name, "model", KEPT, "", 0) for node in manifest.nodes.values() if node.name in untouched]
    return [*kept, *(_result(one, home) for one in result.result)]


def _untouched(manifest: Any, news: News) -> set[str]:
    """Models that a night of these deliveries leaves as they are: views of staging, and what is kept of an entity of which nothing came."""
    names = set()
    for node in manifest.nodes.values():
        folder = node.fqn[1:-1]
        entity = node.name.removeprefix("input_").removeprefix("core_").removesuffix("_history")
        is_kept = folder in (["input"], ["core", "history"]) and node.config.materialized == "incremental" and entity not in news.entities
        if is_kept or (folder[:1] == ["staging"] and node.config.materialized == "view"):
            names.add(node.name)
    return names


def raise_for(results: Iterable[BuildResult], home: Home) -> None:
    """Raise one line that names what failed first, and how much more did."""
    failed = [result for result in results if result.is_failed]
    if not failed:
        return
    first = failed[0]
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    if first.kind == "test" and first.status == "fail":
        keys = f": {'; '.join(first.keys)}" if first.keys else ""
        what, look = f"found {first.failures} rows that break its rule{keys}", f"; all of them: {first.look}"
    else:
        what, look = first.message, f"; its SQL: {first.look}"
    raise BuildError(f"{what}{more}", where=f"{first.kind} {first.name}", do=f"nothing was published{look if first.look else ''}")


def remove_warehouse(home: Home) -> None:
    """Forget the warehouse; raw rebuilds it."""
    for path in (home.warehouse, home.warehouse.with_name(f"{home.warehouse.name}.wal")):
        path.unlink(missing_ok=True)


def _invoke(home: Home, command: str, dbt_vars: dict[str, Any], *options: str, manifest: Any = None, callbacks: Sequence[Any] = ()) -> Any:
    os.environ.update(
        REPLEDGER_WAREHOUSE=str(home.warehouse.resolve()),
        REPLEDGER_MEMORY_LIMIT=memory_limit(),
        DO_NOT_TRACK="1",
    )
    from dbt.cli.main import dbtRunner

    # dbt's own log would quote cells of what can't be cast, pay among them; what failed and where its SQL lies is told instead.
    folder = home.work / "dbt"
    arguments = [command, "--project-dir", DBT_DIR, "--profiles-dir", DBT_DIR, "--target-path", folder / "target", "--log-path", folder / "logs"]
    arguments += ["--vars", json.dumps(dbt_vars), "--log-level", "none", "--log-level-file", "none", "--no-version-check", *options]
    return dbtRunner(manifest=manifest, callbacks=list(callbacks)).invoke([str(argument) for argument in arguments])


def _close_connections() -> None:
    """dbt keeps its connection open; neither the gate nor the publication could open the file then."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _counting(step: Step, total: int) -> Callable[[Any], None]:
    done = 0

    def count(event: Any) -> None:
        nonlocal done
        if event.info.name == "LogModelResult":
            done += 1
            step(event.data.node_info.node_name, done, total)

    return count


def _result(one: Any, home: Home) -> BuildResult:
    node, status = one.node, str(one.status)
    model = str(getattr(node, "attached_node", None) or "").rpartition(".")[2]
    result = BuildResult(node.unique_id, node.name, str(node.resource_type), status, without_cells(one.message or ""), one.failures or 0, model=model)
    if result.kind == "test" and status == "fail":
        keys, look = write_failing_rows(home, node.name, model, node.compiled_code)
        return replace(result, keys=keys, look=look)
    if result.is_failed and getattr(node, "compiled_path", None):
        path = Path(DBT_DIR, node.compiled_path)
        return replace(result, look=path if path.is_file() else None)
    return result


def _first_lines(message: str) -> str:
    """What went wrong, from a message that begins with what dbt did and where."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return " ".join(lines[:2])


def parse_key(company: Company) -> str:
    """Another when dbt would make something else of the project: other files, settings or versions."""
    made_by = [sys.version, version("dbt-core"), version("dbt-duckdb")]
    digest = hashlib.sha256(json.dumps([made_by, parsed_variables(company)]).encode())
    for path in sorted(DBT_DIR.rglob("*")):
        if path.is_file() and path.suffix in (".sql", ".yml", ".csv", ".md"):
            digest.update(f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()
