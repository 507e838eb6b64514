"""Empty files to fill in: one CSV an entity of the input layer, with what each column means as comments above the header.

Belongs here: how the contract is told to someone who fills a file. Doesn't: the contract, reading a file.
"""

import textwrap
from collections.abc import Collection, Iterator
from pathlib import Path

from orchestration.errors import ConfigurationError, RepledgerError
from orchestration.landing.declarations import Column, Entity, standard_entities
from orchestration.landing.problems import first_few

_WIDTH = 150
_TYPE_WORDS = {
    "varchar": "text",
    "date": "date like 2024-01-31",
    "timestamp": "time like 2024-01-31T13:45:00Z",
    "boolean": "true or false",
    "bigint": "whole number",
}


def write_templates(folder: Path, entities: Collection[str] | None = None) -> list[Path]:
    """Write a template for each entity, all when none is named; returns their paths. Raises ConfigurationError rather than overwrite a file."""
    chosen = _chosen(entities)
    paths = [folder / f"{entity.name}.csv" for entity in chosen]
    there = [path.name for path in paths if path.exists()]
    if there:
        what = f"{first_few(there)} {'is' if len(there) == 1 else 'are'} there already"
        raise ConfigurationError(what, where=str(folder), do="choose another folder: a template never overwrites")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for entity, path in zip(chosen, paths, strict=True):
            path.write_text(_text(entity), encoding="utf-8")
    except OSError as error:
        raise RepledgerError(f"can't be written to ({error.strerror})", where=str(folder), do="name another folder") from error
    return paths


def template_text(entities: Collection[str] | None = None) -> str:
    """The templates of these entities, all when none is named, in one text; of several, each stands under its file's name."""
    chosen = _chosen(entities)
    if len(chosen) == 1:
        return _text(chosen[0])
    return "\n".join(f"# {entity.name}.csv\n{_text(entity)}" for entity in chosen)


def _chosen(entities: Collection[str] | None) -> list[Entity]:
    known = standard_entities()
    unknown = sorted(set(entities or ()) - known.keys())
    if unknown:
        raise ConfigurationError(f"there is no entity {', '.join(unknown)}", do=f"choose from {', '.join(known)}")
    return [entity for name, entity in known.items() if not entities or name in entities]


def _text(entity: Entity) -> str:
    header = ",".join(column.name for column in entity.columns)
    return "".join(f"{line}\n" for line in [*_comments(entity), header])


def _comments(entity: Entity) -> Iterator[str]:
    yield from _wrapped(f"{entity.name}: {entity.description}")
    yield f"# Delivered as a {entity.mode} to landing/{entity.area}/{entity.name}/<extract date>/{entity.name}.csv; a row is known by {', '.join(entity.key)}."
    yield "# UTF-8, commas; a text with a comma, a quote or a line break stands in double quotes. Columns may come in any order. Lines"
    yield "# like this one, above the header, are skipped."
    for column in entity.columns:
        yield from _wrapped(f"{column.name} ({_how(column, entity)}): {column.description}")


def _how(column: Column, entity: Entity) -> str:
    is_needed = column.is_required or column.name in entity.key
    return (
        f"{'required' if is_needed else 'may be left out' if column.may_be_missing else 'may be empty'}, {_TYPE_WORDS.get(column.type, 'number like 1234.5')}"
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), _WIDTH, initial_indent="# ", subsequent_indent="#   ")
