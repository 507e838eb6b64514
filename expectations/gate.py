"""Runs the suites of a night against the warehouse in one session, and tells a failed check from one that broke.

The only room that knows Great Expectations' context. Belongs here: the session, GX's verdicts, the rows that break a check.
Doesn't: what is checked. Great Expectations is imported when a gate is run: it costs seconds.
"""

import csv
import gc
import logging
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from expectations.catalogue import SuiteSpec, suite_names, suites_for
from expectations.night_sql import BREAKS, SuiteSql, key_columns, shown_columns
from expectations.report import CheckResult, GateReport, Night
from expectations.vocabulary import BLOCK, NOTE, Check, QueryCheck, RowCheck, Severity, Suite
from orchestration.memory import memory_limit

__all__ = ["CheckResult", "GateReport", "Night", "SuiteSpec", "run_gate", "suite_names"]

SHOWN_KEYS = 20
NOTES = "notes.txt"
_BATCH = "\0"
# Kinds of DuckDB exception that speak of the query and never of a value.
_TELLING = {"Binder Error", "Catalog Error", "Parser Error", "IO Error"}


def run_gate(warehouse: Path, night: Night, suites: Sequence[Suite] | None = None) -> GateReport:
    """Run every suite that is due. suites: others than those, for a test of the gate itself."""
    for folder in (night.failed_dir / "gate", night.notes_dir):
        shutil.rmtree(folder, ignore_errors=True)
    with _Session(warehouse, night) as session:
        report = GateReport(tuple(result for suite in (suites_for(night) if suites is None else suites) for result in session.run(suite)), night.as_of)
    if report.notes:
        night.notes_dir.mkdir(parents=True, exist_ok=True)
        (night.notes_dir / NOTES).write_text("".join(f"{result.line}\n" for result in report.notes), encoding="utf-8")
    return report


class _Session:
    """One ephemeral context and one read-only engine, closed afterwards so that the file can be opened for writing again."""

    def __init__(self, warehouse: Path, night: Night) -> None:
        self.night = night
        self.gx = _import_gx()
        context = self.gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        self.source = context.data_sources.add_sql(
            "warehouse",
            connection_string=f"duckdb+gx:///{warehouse}",
            kwargs={"connect_args": {"read_only": True}},
        )
        # One asset for all suites, whose query is set anew: GX writes its whole configuration as YAML at each asset that is added.
        self.asset = self.source.add_query_asset("suite", query="select 1 as one")
        self.batches = self.asset.add_batch_definition_whole_table("all")
        self.engines = [self.source.get_engine()]
        self.columns: dict[str, tuple[str, ...]] = {}
        with self.engines[0].connect() as connection:
            connection.exec_driver_sql(f"set memory_limit = '{memory_limit()}'")
        self.previous_tables = self._attach_previous()

    def __enter__(self) -> "_Session":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        for engine in self.engines:
            engine.dispose()
        self.engines.clear()
        del self.source, self.asset, self.batches
        gc.collect()

    def run(self, suite: Suite) -> Iterator[CheckResult]:
        """The results of a suite's checks, in their order."""
        sql = SuiteSql(suite, self.night)
        checks = [check for check in suite.checks if self._is_due(suite, check)]
        verdicts = self._verdicts(suite, sql, checks)
        for check in checks:
            yield self._result(suite, sql, check, *verdicts[check.name])

    def _is_due(self, suite: Suite, check: Check) -> bool:
        if isinstance(check, QueryCheck) and not self.previous_tables.issuperset(check.previous):
            return False
        if suite.entity is None or self.night.new_deliveries is None or (isinstance(check, QueryCheck) and check.is_due_without_rows):
            return True
        folders = {f"{each.source}/{each.entity.name}" for each in self.night.entities if each.entity == suite.entity}
        return any(file.startswith(tuple(f"{folder}/" for folder in folders)) for file in self.night.new_deliveries)

    def _verdicts(self, suite: Suite, sql: SuiteSql, checks: list[Check]) -> dict[str, tuple[bool, str | None]]:
        """Success, or why the check broke, by check. Those that broke together are asked once more alone: one may have taken the others along.

        GX takes milliseconds for a check, whatever it checks. So of what holds of each row it is first asked whether a row breaks any of it.
        """
        rows = [check for check in checks if isinstance(check, RowCheck)]
        if len(rows) > 1:
            of_any = RowCheck("any", " or ".join(f"({check.breaks})" for check in rows), NOTE, "no row breaks any of the suite's checks of rows")
            verdicts = self._ask(suite.name, sql, [of_any, *(check for check in checks if check not in rows)])
            verdicts |= dict.fromkeys((check.name for check in rows), verdicts.pop(of_any.name))
            if all(verdicts[check.name] == (True, None) for check in rows):
                rows = []
            verdicts |= self._ask(f"{suite.name}.rows", sql, list[Check](rows))
        else:
            verdicts = self._ask(suite.name, sql, checks)
        for check in checks:
            if verdicts[check.name][1] is not None and len(checks) > 1:
                verdicts |= self._ask(f"{suite.name}.{check.name}", sql, [check])
        return verdicts

    def _ask(self, name: str, sql: SuiteSql, checks: list[Check]) -> dict[str, tuple[bool, str | None]]:
        if not checks:
            return {}
        rows = [check for check in checks if isinstance(check, RowCheck)]
        try:
            self.asset.query = sql.batch(rows)
            batch = self.batches.get_batch()
            self.engines.append(batch.data.execution_engine.engine)
            suite = self.gx.ExpectationSuite(name, expectations=[self._expectation(sql, check) for check in checks])
            outcome = batch.validate(suite, result_format="BOOLEAN_ONLY")
        # Whatever GX raises, the checks broke; the data may be good.
        except Exception as error:
            return {check.name: (False, _without_cells(str(error))) for check in checks}
        return {result.expectation_config.meta["check"]: (bool(result.success), _broke(result.exception_info)) for result in outcome.results}

    def _expectation(self, sql: SuiteSql, check: Check) -> Any:
        kind = self.gx.expectations
        common = {"meta": {"check": check.name, "why": check.why}, "severity": "critical" if check.severity == BLOCK else "warning"}
        if isinstance(check, QueryCheck):
            return kind.UnexpectedRowsExpectation(unexpected_rows_query=_as_format(sql.query(check, batch=_BATCH)), **common)
        if check.expectation:
            return getattr(kind, check.expectation)(**check.arguments, **common)
        return kind.ExpectColumnValuesToBeNull(column=f"{BREAKS}{check.name}", **common)

    def _result(self, suite: Suite, sql: SuiteSql, check: Check, success: bool, broke: str | None) -> CheckResult:
        count, keys, rows_file = 0, (), None  # type: int, tuple[str, ...], Path | None
        if not success and broke is None:
            try:
                count, keys, rows_file = self._write_failing(suite, sql, check)
                broke = None if count else "Great Expectations says that it fails, but no row breaks it"
            except Exception as error:
                broke = _without_cells(str(error))
        is_drift = isinstance(check, QueryCheck) and check.is_drift
        return CheckResult(
            suite=suite.name,
            table=suite.table.replace('"', ""),
            layer=suite.layer,
            check=check.name,
            why=check.why,
            severity=self._severity(check),
            success=success,
            broke=broke,
            failing_count=count,
            keys=keys,
            rows_file=rows_file,
            is_drift=is_drift,
            is_accepted=is_drift and self.night.is_drift_accepted,
        )

    def _severity(self, check: Check) -> Severity:
        is_accepted = isinstance(check, QueryCheck) and check.is_drift and self.night.is_drift_accepted
        return NOTE if is_accepted else check.severity

    def _write_failing(self, suite: Suite, sql: SuiteSql, check: Check) -> tuple[int, tuple[str, ...], Path]:
        folder = self.night.failed_dir / "gate" if self._severity(check) == BLOCK else self.night.notes_dir
        path = folder / suite.name / f"{check.name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.engines[0].connect() as connection, path.open("w", newline="", encoding="utf-8") as file:
            if suite.name not in self.columns:
                self.columns[suite.name] = tuple(connection.exec_driver_sql(sql.describe()).keys())
            columns = shown_columns(suite, check, self.columns[suite.name])
            rows = connection.exec_driver_sql(sql.failing(check, columns))
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            count, keys = 0, []
            for row in rows:
                writer.writerow(row)
                count += 1
                if count <= SHOWN_KEYS:
                    keys.append(_named(row, columns, key_columns(suite, check)))
        return count, tuple(keys), path

    def _attach_previous(self) -> frozenset[str]:
        """Open the last publication beside the warehouse; the tables that it has."""
        if self.night.previous is None:
            return frozenset()
        with self.engines[0].connect() as connection:
            path = str(self.night.previous).replace("'", "''")
            connection.exec_driver_sql(f"attach '{path}' as previous (read_only)")
            tables = connection.exec_driver_sql("select table_name from duckdb_tables() where database_name = 'previous' and schema_name = 'main'")
            return frozenset(row[0] for row in tables)


def _named(row: Sequence[Any], columns: Sequence[str], keys: Iterable[str]) -> str:
    return ", ".join(f"{key}={row[columns.index(key)]}" for key in keys)


def _as_format(query: str) -> str:
    """The text that str.format turns into the query. GX warns on stdout when `{batch}` isn't in it: then a comment holds it, which costs nothing."""
    if _BATCH not in query:
        query = f"/* not read: {_BATCH} */ {query}"
    return query.replace("{", "{{").replace("}", "}}").replace(_BATCH, "{batch}")


def _broke(exception_info: Any) -> str | None:
    """Why a check could not be run, None if it could. GX tells of one exception, or of one a metric."""
    if not exception_info:
        return None
    details = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    messages = [str(detail.get("exception_message")) for detail in details if detail.get("raised_exception")]
    return _without_cells(messages[0]) if messages else None


def _without_cells(message: str) -> str:
    """What an exception says of the SQL. Any other text of a database's exception may quote a cell, so only its kind is told."""
    first = message.strip().split("\n")[0]
    kind = re.search(r"(\w+ )*Error", first)
    if kind is None or kind.group() in _TELLING or first.startswith("Error: The column"):
        return first[:300] or "no message"
    return f"{kind.group()} (its text may quote a cell, so it is left out)"


def _import_gx() -> Any:
    """Great Expectations, without its telemetry; its million objects stay as long as the process, so they are never looked through again."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    is_first, was_on = "great_expectations" not in sys.modules, gc.isenabled()
    gc.disable()
    try:
        import great_expectations

        from expectations import dialect
    finally:
        if is_first:
            gc.freeze()
        if was_on:
            gc.enable()
    dialect.register()
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations
