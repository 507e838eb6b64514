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
    """Rows of each file. A row of compacted snapshots is one of each extract from its first to its last, so those are counted day by day."""
    named = f"{sql_text(connector)} as connector, {sql_text(entity)} as entity"
    view = f'raw."{connector}__{entity}"'
    return f"""
        select {named}, _file as file, count(*) as rows_seen
        from {view}
        where $is_new_file and _file not in (select file from raw.delivery where is_compacted)
        group by _file
        union all
        select {named}, file, rows_seen
        from (
            select
                days.file as _file, days.file,
                sum(coalesce(begun.rows, 0)) over until_then - sum(coalesce(ended.rows, 0)) over until_then + coalesce(ended.rows, 0) as rows_seen
            from raw.delivery as days
            left join (
                select _source, _extract_date, count(*) as rows from {view} where _file in (select file from raw.delivery where is_compacted) group by all
            ) as begun on days.source = begun._source and days.extract_date = begun._extract_date
            left join (
                select _source, _shown_until_on, count(*) as rows from {view} where _file in (select file from raw.delivery where is_compacted) group by all
            ) as ended on days.source = ended._source and days.extract_date = ended._shown_until_on
            where days.is_compacted and days.connector = {sql_text(connector)} and days.entity = {sql_text(entity)}
            window until_then as (partition by days.source order by days.extract_date)
        ) as compacted
        where $is_new_file and rows_seen > 0
    """


def _is_one_of(declared: Iterable[tuple[str, str]]) -> str:
    pairs = ", ".join(f"({sql_text(connector)}, {sql_text(entity)})" for connector, entity in declared)
    return f"(connector, entity) in ({pairs})" if pairs else "false"
