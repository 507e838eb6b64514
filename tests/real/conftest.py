"""What the tests on public data share: the oracle's answers, and one real nightly over the AdventureWorks files."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from adventureworks_oracle import DATA, HERE, MISSING, answers_from_files
from real_company import RealCompany

from orchestration.errors import DONE
from orchestration.landing.declarations import declared_entities
from orchestration.settings import Home, read_company

EXTRACT_DATE = "2014-07-01"


@pytest.fixture(scope="session")
def adventureworks_files() -> Path:
    if not DATA.is_dir():
        pytest.skip(MISSING)
    return DATA


@pytest.fixture(scope="session")
def oracle(adventureworks_files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = answers_from_files(adventureworks_files)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def adventureworks(adventureworks_files: Path, tmp_path_factory: pytest.TempPathFactory) -> RealCompany:
    """AdventureWorks after one night."""
    home = Home(tmp_path_factory.mktemp("adventureworks"))
    shutil.copy(HERE / "adventureworks.toml", home.company_file)
    for declared in declared_entities(read_company(home)):
        folder = home.landing / declared.source / declared.entity.name / EXTRACT_DATE
        folder.mkdir(parents=True)
        shutil.copy(adventureworks_files / f"{declared.entity.name}.csv", folder)
    company = RealCompany(home.root)
    night = company.repledger("nightly")
    assert night.returncode == DONE, f"the first night on AdventureWorks ended with {night.returncode}:\n{night.stdout[-3000:]}\n{night.stderr[-3000:]}"
    return company


@pytest.fixture(scope="session")
def published(adventureworks: RealCompany) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, opened as a BI tool opens it."""
    connection = duckdb.connect(str(adventureworks.home / "published" / "repledger.duckdb"), read_only=True)
    yield connection
    connection.close()
