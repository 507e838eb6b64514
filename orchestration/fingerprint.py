"""What a publication was made from, as one hash: the same fingerprint means there is nothing new to say.

Belongs here: which bytes count. Doesn't: what is done when they changed (`nightly`).
Nothing heavy is imported, so that a night without news ends within two seconds.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.settings import PROJECT_DIR, Company, Home

if TYPE_CHECKING:
    from orchestration.landing.ledger import Delivery

CODE = ("orchestration", "dbt_project", "expectations", "requirements.lock")
# Settings that release a night, say who hears of it or what is kept, and change no figure.
_NO_FIGURE = {"drift_accepted_on", "alert_command", "retention"}
_NOT_CODE = {"__pycache__", "target", "logs", "dbt_packages"}


def of_code(project: Path = PROJECT_DIR) -> str:
    """The hash of every file that can change a published figure."""
    digest = hashlib.sha256()
    for path in _code_files(project):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(project).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def of_settings(company: Company) -> str:
    """The hash of what company.toml says that can change a published figure: no comment, nothing that only releases or tells of a night."""
    return _of_value(_shaping(company))


def of_each_setting(company: Company) -> dict[str, str]:
    """The same by setting: a hash each, which says whether it is another, and not what it is."""
    return {name: _of_value(value)[:16] for name, value in _shaping(company).items()}


def _shaping(company: Company) -> dict[str, Any]:
    return {name: value for name, value in asdict(company).items() if name not in _NO_FIGURE}


def _of_value(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()


def of_night(home: Home, company: Company, deliveries: "Iterable[Delivery]", project: Path = PROJECT_DIR) -> str:
    """The hash of all that a night's figures follow from: every delivery in the ledger, the settings that shape them and the code."""
    digest = hashlib.sha256()
    digest.update(f"code {of_code(project)}\n".encode())
    digest.update(f"company {of_settings(company)}\n".encode())
    if home.as_known_on:
        digest.update(f"as known on {home.as_known_on}\n".encode())
    for line in sorted(f"{one.file} {one.sha256} {one.extract_date} {one.state}\n" for one in deliveries):
        digest.update(line.encode())
    return digest.hexdigest()


def _code_files(project: Path) -> list[Path]:
    found = []
    for name in CODE:
        root = project / name
        candidates = [root] if root.is_file() else root.rglob("*")
        found += [path for path in candidates if path.is_file() and not _is_by_product(path.relative_to(project))]
    return sorted(found)


def _is_by_product(path: Path) -> bool:
    return bool(_NOT_CODE & set(path.parts)) or path.name.startswith(".")
