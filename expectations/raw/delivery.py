"""The ledger of deliveries: nothing that was delivered is lost on the way to the raw views."""

from collections.abc import Iterable

from expectations.vocabulary import BLOCK, NOTE, Suite, no_rows, rule, sql_text, suite
from orchestration.landing.declarations import Declared

_NOTHING = "select '' as connector, '' as entity, '' as file, cast(0 as bigint) as rows_seen where false"


def suite_for(entities: Iterable[Declared]) -> Suite:
    """The suite on `raw.delivery`; entities: those whose views are counted."""
    declared = sorted({(each.entity.connector, each.entity.name) for each in entities})
    seen = " union all ".join(_count_by_file(connector, entity) for connector, entity in declared) or _NOTHING
    return suite(
        "raw_delivery",
        "raw.delivery",
        "raw",
        ("source", "entity", "file"),
        rule(
            "lines_loaded_or_rejected",
            "coalesce(lines <> loaded + rejected, true)",
            severity=BLOCK,
            why="lines delivered = loaded + rejected, always: nothing is lost",
        ),
        rule("some_lines", "loaded = 0 and mode = 'snapshot' and state = 'loaded'", severity=NOTE, why="an empty snapshot says that everything has ended"),
        no_rows(
            "loaded_rows_in_view",
            f"""
            with seen as ({seen}),
            ledger as (
                select connector, entity, source, file, loaded
                from (select *, file as _file from {{batch}}) as deliveries
                where state in ('loaded', 'repeated') and {_is_one_of(declared)} and $is_new_file
            )
            select ledger.source, coalesce(ledger.entity, seen.entity) as entity, coalesce(ledger.file, seen.file) as file, loaded, rows_seen
            from ledger
            full join seen on ledger.connector = seen.connector and ledger.entity = seen.entity and ledger.file = seen.file
            where coalesce(loaded, -1) <> coalesce(rows_seen, 0)
            """,
            keys=("source", "entity", "file"),
            shows=("loaded", "rows_seen"),
            severity=BLOCK,
            why="what the ledger says was loaded is what the views show: no raw file was lost, and none counts twice",
        ),
    )


def _count_by_file(connector: str, entity: str) -> str:
    return f"""
        select {sql_text(connector)} as connector, {sql_text(entity)} as entity, _file as file, count(*) as rows_seen
        from raw."{connector}__{entity}"
        where $is_new_file
        group by _file
    """


def _is_one_of(declared: Iterable[tuple[str, str]]) -> str:
    pairs = ", ".join(f"({sql_text(connector)}, {sql_text(entity)})" for connector, entity in declared)
    return f"(connector, entity) in ({pairs})" if pairs else "false"
