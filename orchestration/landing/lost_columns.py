"""A column that may be missing until it first comes, and then is missing again: what it said would be unsaid.

Asked of raw as a whole and by extract dates, so that the answer is the same in whatever order files came.
Belongs here: which files that count lack such a column. Doesn't: columns that may never be missing (`readers`).
"""

from collections.abc import Iterable

from orchestration.landing import ledger
from orchestration.landing.declarations import declared_entities
from orchestration.landing.ledger import Content
from orchestration.landing.problems import RefusalError
from orchestration.settings import Company


def lost_columns(company: Company, contents: Iterable[Content]) -> list[tuple[Content, RefusalError]]:
    """Contents that count and lack a column that an extract of their date or an earlier one has, by extract date. contents: all that share a name."""
    entities = [(one, [column.name for column in one.columns if column.may_be_missing]) for one in declared_entities(company)]
    optional = {(one.source, one.entity.name): names for one, names in entities if names}
    asked = [content for content in contents if (content.source, content.entity) in optional]
    latest = ledger.latest_sequences(asked)
    counting = [(content, names[0].file) for content in asked if (names := ledger.counting_names(content, latest))]
    found: dict[str, tuple[Content, RefusalError]] = {}
    for (source, entity), columns in optional.items():
        files = [(content, file) for content, file in counting if (content.source, content.entity) == (source, entity)]
        for column in columns:
            since = min((content.extract_date for content, _ in files if column in content.columns), default=None)
            gone = [(content, file) for content, file in files if since and column not in content.columns and content.extract_date >= since]
            found |= {file: (content, _refusal(source, column, file, f"an extract of {since} has")) for content, file in gone}
    return [found[file] for file in sorted(found, key=lambda file: (found[file][0].extract_date, file))]


def _refusal(source: str, column: str, file: str, which: str) -> RefusalError:
    others = f"name the others under [sources.{source}.columns] in company.toml"
    do = f"deliver it with the column, or take it back with `repledger withdraw {file}`; if the column no longer comes, {others}"
    return RefusalError(f"the header has no column `{column}`, which {which}", where=file, do=do)
