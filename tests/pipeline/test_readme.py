"""The README is the product's door: its questions run, its commands and files exist."""

import re
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.declarations import declared_entities
from orchestration.settings import PROJECT_DIR, Home, read_company
from tests.pipeline.conftest import repledger
from tests.pipeline.small_company import new_company

README = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"```sql\n(.*?)```", README, re.S)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.S)


def test_there_are_fourteen_questions() -> None:
    assert len(QUESTIONS) == 14


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
def test_a_question_is_answered(first_night: Home, question: str) -> None:
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        shown = connection.sql(question)
        assert not re.search(r"columns \(\d+ shown\)", str(shown)), "DuckDB prints all columns of it"
        printed = shown.fetchall()
        if "age_months = 24" in question:
            assert printed == [], "this company is two years old, so no year of customers is of that age yet; a year younger they are"
            printed = connection.sql(question.replace("age_months = 24", "age_months = 12")).fetchall()
        assert printed != []


def test_sources_are_declared_as_printed(tmp_path: Path) -> None:
    """The new CRM, and the central bank's rates."""
    home = Home(new_company(tmp_path))
    text = home.company_file.read_text(encoding="utf-8").replace('connectors = ["standard"]', 'connectors = ["standard", "ecb"]')
    home.company_file.write_text(text + "\n" + "".join(re.findall(r"```toml\n(.*?)```", README, re.S)), encoding="utf-8")
    declared = {(one.source, one.entity.name) for one in declared_entities(read_company(home))}
    assert {("new_crm", "account"), ("ecb", "fx_rate")} <= declared


def test_both_ways_to_read_the_publication_are_as_told(first_night: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(PYTHON) == 2
    exec("\n".join(PYTHON).replace("home/published", str(first_night.published)), {})
    assert capsys.readouterr().out.count("│ ") > 1


def test_the_commands_are_those_of_the_program(first_night: Home) -> None:
    told = set(re.findall(r"\| `repledger (\w+)", README))
    helped = repledger("--help", home=first_night).stdout
    assert told == set(re.findall(r"^    (\w+)(?: |$)", helped, re.M))


def test_the_map_is_true() -> None:
    block = re.search(r"## Where everything lives\n\n```\n(.*?)```", README, re.S).group(1)
    folder = Path()
    for line in block.splitlines():
        names = re.split(r"\s{2,}", line.strip())[0].split(", ")
        if not line.startswith(" "):
            folder = Path(names[0])
            assert (PROJECT_DIR / folder).is_dir(), line
            continue
        for name in names:
            assert list((PROJECT_DIR / folder).glob(name.rstrip("/").replace("<connector>", "*"))), f"{folder / name} is on the map and not in the house"


def test_the_picture_is_there() -> None:
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (PROJECT_DIR / picture).is_file()
