"""Corrections: what a person says that a source has wrong must name a cell that there is, and be approved by somebody else.

Belongs here: what follows from the contracts of the entities that can be corrected. Doesn't: applying one (dbt's `correction` macros).
"""

from collections import defaultdict
from collections.abc import Iterator

from expectations.vocabulary import BLOCK, Check, QueryCheck, rule
from orchestration.landing.declarations import Entity, standard_entities
from orchestration.landing.predicates import uncastable_sql

_OWN = "correction"
_CELL = "told.entity, told.entity_key, told.column_name, told._file, told._line"
_CONTRADICTS = """
    (told.entity, told.entity_key, told.column_name) = (other.entity, other.entity_key, other.column_name)
    and told.from_value is not distinct from other.from_value and told.to_value is distinct from other.to_value
"""


def correction_checks() -> tuple[Check, ...]:
    """The checks on raw corrections beyond their own contract."""
    correctable = [entity for name, entity in standard_entities().items() if name != _OWN and any(column.name == "effective_on" for column in entity.columns)]
    return (
        rule(
            "approved_by_another",
            "lower(trim(approved_by)) = lower(trim(written_by))",
            severity=BLOCK,
            why="who wrote a correction can't be its approver; it is not applied",
        ),
        rule(
            "cell_is_known",
            f"not contains(' {' '.join(_cells(correctable))} ', concat(' ', entity, '.', column_name, ' '))",
            severity=BLOCK,
            why="only a column of an entity with versions that is not part of its key can be corrected",
        ),
        rule("values_castable", " or ".join(_uncastable_values(correctable)), severity=BLOCK, why="what is no value of the column's type can't stand there"),
        rule(
            "key_castable",
            " or ".join(_misfit_keys(correctable)),
            severity=BLOCK,
            why="the key has as many parts as the entity's key, joined by |, each of its column's type and written as 2024-01-31 or 12.5 would be",
        ),
        # Of all that are in force, whenever and by whom they were delivered; and of one correction told in two ways at once.
        QueryCheck(
            "no_contradiction",
            f"""
            select told.correction_id, other.correction_id as other_correction_id, {_CELL}
            from staging.prep_standard__correction as told
            inner join staging.prep_standard__correction as other on {_CONTRADICTS}
            union
            select told.correction_id, other.correction_id as other_correction_id, {_CELL}
            from (select * from {{batch}}) as told
            inner join (select * from {{batch}}) as other on
                {_CONTRADICTS}
                and (told.correction_id, told._source, told._extract_date) = (other.correction_id, other._source, other._extract_date)
            """,
            keys=("correction_id", "other_correction_id", "_file", "_line"),
            shows=("entity", "column_name"),
            severity=BLOCK,
            why="of two corrections of one cell nobody can say which holds; take one of them back",
            is_due_without_rows=True,
        ),
    )


def _cells(entities: list[Entity]) -> Iterator[str]:
    for entity in entities:
        yield from (f"{entity.name}.{column.name}" for column in entity.columns if column.name not in entity.key)


def _uncastable_values(entities: list[Entity]) -> Iterator[str]:
    """True of a correction whose values are of another type than its column, a type at a time."""
    by_type: dict[str, list[str]] = defaultdict(list)
    for entity in entities:
        for column in entity.columns:
            if column.type != "varchar":
                by_type[column.type].append(f"{entity.name}.{column.name}")
    for kind, cells in sorted(by_type.items()):
        is_of_type = f"contains(' {' '.join(cells)} ', concat(' ', entity, '.', column_name, ' '))"
        yield f"({is_of_type} and ({uncastable_sql('from_value', kind)} or {uncastable_sql('to_value', kind)}))"


def _misfit_keys(entities: list[Entity]) -> Iterator[str]:
    for entity in entities:
        types = {column.name: column.type for column in entity.columns}
        wrong = [f"length(entity_key) - length(replace(entity_key, '|', '')) <> {len(entity.key) - 1}"]
        for number, name in enumerate(entity.key, start=1):
            part = f"split_part(entity_key, '|', {number})"
            wrong.append(f"{part} = ''")
            if types[name] != "varchar":
                wrong.append(f"coalesce(cast(try_cast({part} as {types[name]}) as varchar) <> {part}, true)")
        yield f"(entity = '{entity.name}' and ({' or '.join(wrong)}))"
