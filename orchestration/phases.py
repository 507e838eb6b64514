"""The phases of a night, each a plain call: take in, build, check, publish. The assets and the command share them.

Belongs here: what each phase needs from the others' rooms and what it leaves for the next. Doesn't: Dagster, in which order
they run (`nightly`, `assets`). Heavy libraries are imported by the phase that needs them.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import fingerprint
from orchestration.errors import DeliveryError, GateError, RepledgerError
from orchestration.landing.declarations import declared_entities
from orchestration.landing.ledger import COUNTING, Delivery, declared_deliveries, read_ledger
from orchestration.progress import Progress
from orchestration.publication import manifest as published
from orchestration.settings import Company, Home, Retention, time_zone
from orchestration.warehouse import state

if TYPE_CHECKING:
    from expectations.report import GateReport, Night
    from orchestration.book.publication_facts import PublicationFacts
    from orchestration.fiscal_years import FiscalYears
    from orchestration.landing.intake import FailedDelivery, Intake
    from orchestration.warehouse.build import BuildResult
    from orchestration.warehouse.models import Models
    from orchestration.warehouse.news import News

NIGHTLY = "nightly"
SHOWN_FAILURES = 10


@dataclass
class Run:
    """One run on one home. intake: what was taken in already, when the command did so before Dagster was needed.

    run_id: Dagster's, of a run that the command began. is_anew: everything is made, whether there is news or not.
    waiting: of a look back, files in the landing that it leaves out.
    """

    home: Home
    company: Company
    progress: Progress = field(default_factory=Progress)
    intake: "Intake | None" = None
    dbt_manifest: Any = None
    report: "GateReport | None" = None
    publication: published.Publication | None = None
    run_id: str | None = None
    is_anew: bool = False
    waiting: int = 0

    @property
    def today(self) -> dt.date:
        """Where the company is."""
        return dt.datetime.now(time_zone(self.company)).date()

    def take_in(self, only_assets: Collection[str] | None = None, only_dates: Collection[dt.date] | None = None) -> "Intake":
        """Load what is new in the landing; once a night."""
        if self.intake is not None:
            return self.intake
        from orchestration.landing.intake import take_in

        return take_in(self.home, self.company, self.today, only_assets=only_assets, only_dates=only_dates, progress=self.progress.step)

    def parse(self) -> None:
        """Have dbt read the project; kept for the build."""
        from orchestration.warehouse.build import parse

        self.dbt_manifest = parse(self.home, self.company)

    def build(self, models: "Models", only: Sequence[str] = ()) -> "list[BuildResult]":
        """Build the warehouse from raw, or only some of its models on what is there. Failed models are in the result."""
        from orchestration.warehouse import build

        before, after = state.read_state(self.home), self.next_state()
        news = None if only else self._news(before, after)
        state.forget(self.home)
        if not only and news is None:
            build.remove_warehouse(self.home)
        self._link_raw(news)
        if self.dbt_manifest is None:
            self.parse()
        results = build.build(self.home, self.company, after.as_of, manifest=self.dbt_manifest, models=only, news=news, step=self._count_models)
        if any(result.is_broken for result in results):
            self._raise_for_damage()
        is_as_before = before is not None and before.fingerprint == after.fingerprint
        if not any(result.is_failed for result in results) and (not only or is_as_before):
            state.remember(self.home, replace(after, told_on_from=news.built.fingerprint) if news else after)
        return results

    def raise_for_build(self, results: "Sequence[BuildResult]") -> None:
        """Raise if a model or a test of one failed. In the gate's words where it knows which delivered rows are the cause: dbt only counts them."""
        from orchestration.warehouse.build import raise_for

        tested = {result.model for result in results if result.is_failed and result.kind == "test"}
        if tested:
            raise_for_gate(self._blocking_causes(tested))
        raise_for(results, self.home)

    def _blocking_causes(self, tested: Collection[str]) -> "GateReport":
        """What the gate says of histories that were built, and of what was delivered for the tested models. What can't be asked yet says nothing."""
        from expectations.catalogue import suite_names
        from expectations.report import GateReport

        self.progress.phase("looking for what stopped the build")
        delivered = self._delivered_for(tested)
        due = [each.name for each in suite_names() if each.entity in delivered or (each.layer == "core" and each.name.endswith("_history"))]
        return GateReport(tuple(result for result in self._look(due).results if result.broke is None))

    def _delivered_for(self, tested: Collection[str]) -> set[str]:
        """The entities whose histories or rows the models are made from at first hand."""
        from orchestration.landing.declarations import standard_entities
        from orchestration.warehouse.build import manifest_file
        from orchestration.warehouse.models import read_models

        read = {name for model in read_models(manifest_file(self.home)).models if model.name in tested for name in (model.name, *model.upstream)}
        return {entity for entity in standard_entities() if {f"core_{entity}_history", f"input_{entity}"} & read}

    def check(self, only: Sequence[str] = ()) -> "GateReport":
        """Run every suite on the warehouse, or only some to have a look. Never raises for a failed check: see `raise_for_gate`."""
        from expectations.gate import run_gate

        self.progress.phase("checking")
        if only:
            return self._look(only)
        built = self._built("checked")
        self.report = run_gate(self.home.warehouse, self._night(built, is_look=False))
        if not self.report.blocking:
            state.remember_passed(self.home, built)
        return self.report

    def _look(self, only: Sequence[str]) -> "GateReport":
        """Some suites, on raw as it is now and models as they were built. It lets nothing be published."""
        from expectations.catalogue import suites_for
        from expectations.gate import run_gate

        state.forget(self.home)
        self._link_raw()
        night = self._night(self.next_state(), is_look=True)
        return run_gate(self.home.warehouse, night, [suite for suite in suites_for(night) if suite.name in only])

    def _night(self, built: state.WarehouseState, *, is_look: bool) -> "Night":
        from expectations.report import Night, TakenOver
        from orchestration.warehouse.build import takeovers

        shown = published.current(self.home)
        return Night(
            as_of=dt.date.fromisoformat(built.as_of),
            reporting_currency=self.company.reporting_currency,
            entities=declared_entities(self.company),
            failed_dir=self.home.failed,
            notes_dir=self.home.notes,
            new_deliveries=None if is_look or not shown else state.new_deliveries(self.home, built, shown[0].fingerprint),
            # An earlier look-back at the same day is no yesterday: a late file may move any year.
            previous=self.home.published / "repledger.duckdb" if shown and not self.home.as_known_on else None,
            told_keys={} if is_look or not built.told_on_from else self._told_keys(),
            drift_accepted_on=self.company.drift_accepted_on,
            fiscal_calendar=self.company.fiscal_calendar,
            takeovers=tuple(
                TakenOver(pair["taken"], pair["taking"], dt.date.fromisoformat(pair["takes_over_on"]), tuple(pair["entities"]))
                for pair in takeovers(self.company)
            ),
        )

    def _told_keys(self) -> "Mapping[str, str]":
        import duckdb

        from orchestration.warehouse.build import manifest_file
        from orchestration.warehouse.models import read_models
        from orchestration.warehouse.told import told_keys

        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            return told_keys(connection, read_models(manifest_file(self.home)).models)

    def publish(self, models: "Models") -> published.Publication:
        """Let readers see the warehouse, if it was built whole and the gate passed on it."""
        from orchestration.publication.publish import Imprint, publish

        self.progress.phase("publishing")
        built = self._built("published")
        if not built.has_passed:
            raise GateError("the gate has not passed on this warehouse", where=str(self.home.warehouse), do="run `repledger nightly`")
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        known = str(self.home.as_known_on or "")
        by_name = fingerprint.of_each_setting(self.company)
        imprint = Imprint(self.company.name, built.as_of, built.fingerprint, built.code, built.settings, len(built.files), now, known, built.files, by_name)
        # Of a day looked back at, nobody could name an earlier telling.
        kept = Retention(publications=1, month_ends=0) if known else self.company.retention
        self.publication = publish(self.home, models.published(), imprint, self._write_page, kept, told_on_from=built.told_on_from)
        state.remember_published(self.home, built)
        return self.publication

    def page_facts(self, publication: published.Publication) -> "PublicationFacts":
        """What the page and the five figures are told beside the tables."""
        from orchestration.book.publication_facts import PublicationFacts

        as_of, company = dt.date.fromisoformat(publication.as_of), self.company
        first_month, calendar = company.fiscal_year_start_month, self._fiscal_years()
        return PublicationFacts(company.name, as_of, company.reporting_currency, publication.id, first_month, publication.as_known_on, calendar)

    def _fiscal_years(self) -> "FiscalYears":
        """Those of the company's calendar, from the warehouse, else from what was published."""
        import duckdb

        from orchestration.fiscal_years import FiscalYears, read_fiscal_years

        path = next((path for path in (self.home.warehouse, self.home.published / published.DATABASE) if path.is_file()), None)
        if self.company.fiscal_calendar is None or path is None:
            return FiscalYears()
        with duckdb.connect(str(path), read_only=True) as connection:
            return read_fiscal_years(connection)

    def column_types(self) -> dict[tuple[str, str], dict[str, str]]:
        """Types of the columns of every table and view that was built, by schema and name."""
        import duckdb

        if not self.home.warehouse.is_file():
            return {}
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            found = connection.execute("select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal").fetchall()
        types: dict[tuple[str, str], dict[str, str]] = {}
        for schema, table, column, kind in found:
            types.setdefault((schema, table), {})[column] = kind.lower()
        return types

    def row_counts(self, models: "Models") -> dict[str, int]:
        """Rows of every table that was built; views are not counted, that would run them."""
        import duckdb

        if not self.home.warehouse.is_file():
            return {}
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            built = set(connection.execute("select schema_name, table_name from duckdb_tables()").fetchall())
            tables = [model for model in models.models if (model.schema, model.name) in built]
            counted = [f'select \'{model.name}\', count(*) from "{model.schema}"."{model.name}"' for model in tables]
            return dict(connection.execute(" union all ".join(counted)).fetchall()) if counted else {}

    def next_state(self) -> state.WarehouseState:
        """What a warehouse built now is made from."""
        ledger = read_ledger(self.home)
        deliveries = counting_deliveries(self.home, self.company)
        if not deliveries:
            raise DeliveryError("nothing was delivered yet", where=str(self.home.landing), do="put files at <source>/<entity>/<extract date>/<file>")
        return state.WarehouseState(
            fingerprint=fingerprint.of_night(self.home, self.company, ledger),
            as_of=str(max(delivery.extract_date for delivery in deliveries)),
            code=fingerprint.of_code(),
            settings=fingerprint.of_settings(self.company),
            files={delivery.file: delivery.sha256 for delivery in deliveries},
        )

    def _built(self, wish: str) -> state.WarehouseState:
        built = state.read_state(self.home)
        if built is None:
            raise RepledgerError(f"there is no whole warehouse that could be {wish}", where=str(self.home.warehouse), do="run `repledger nightly`")
        return built

    def _write_page(self, folder: Path, publication: published.Publication) -> None:
        from orchestration.book.page import render_page

        (folder / "index.html").write_text(render_page(folder / "repledger.duckdb", self.page_facts(publication)), encoding="utf-8")

    def _news(self, before: state.WarehouseState | None, after: state.WarehouseState) -> "News | None":
        """What is added to the warehouse, if it is the one that readers see; None when everything is made anew."""
        from orchestration.warehouse.news import news_for

        shown = published.current(self.home)
        if self.home.as_known_on or before is None or shown is None or shown[0].fingerprint != before.fingerprint:
            return None
        return news_for(before, after, declared_deliveries(self.home, self.company), self.company)

    def _link_raw(self, news: "News | None" = None) -> None:
        import duckdb

        from orchestration.landing.views import create_raw_schema

        with duckdb.connect(str(self.home.warehouse)) as connection:
            create_raw_schema(connection, self.home, self.company, news.files if news else ())
            connection.execute("drop schema if exists change cascade")
            connection.execute("create schema change")

    def _raise_for_damage(self) -> None:
        from orchestration.landing.views import raise_for_damage

        raise_for_damage(self.home, self.company)

    def _count_models(self, name: str, number: int, total: int) -> None:
        self.progress.step("building: model", number, total)


def counting_deliveries(home: Home, company: Company) -> list[Delivery]:
    """The deliveries that the warehouse is made from: of declared entities, neither superseded nor withdrawn."""
    return [delivery for delivery in declared_deliveries(home, company) if delivery.state in COUNTING]


def raise_for_failed(failed: "Sequence[FailedDelivery]") -> None:
    """Raise one line for the deliveries that could not be taken; the others stay loaded."""
    if failed:
        first = failed[0]
        more = f" (and {len(failed) - 1} more; `repledger status` lists them)" if len(failed) > 1 else ""
        raise DeliveryError(f"{first.reason}{more}", where=first.file, do=f"{first.do or 'replace or remove the file'}; nothing was published")


def raise_for_gate(report: "GateReport") -> None:
    """Raise one line that names the checks that forbid publication."""
    if not report.blocking:
        return
    first, others = report.blocking[0], len(report.blocking) - 1
    details = [f"gate: {others + 1} {'checks' if others else 'check'} failed", *(f"  {result.line}" for result in report.blocking[:SHOWN_FAILURES])]
    details += [f"  and {others + 1 - SHOWN_FAILURES} more; failed/gate has the rows of all"] if others >= SHOWN_FAILURES else []
    if first.broke is not None:
        do = "mend the check"
    elif first.is_drift:
        do = f"look at the rows; if they are right, write drift_accepted_on = {report.as_of} near the top of company.toml, if not, replace what is wrong"
    else:
        do = "replace the file that is named, or deliver what it lacks, or remove it and say `repledger withdraw FILE`"
    more = f" (and {others} more)" if others else ""
    raise GateError(f"{first.name}: {first.found}{more}", where="gate", do=f"nothing was published; {do}; then run `repledger nightly` again", details=details)
