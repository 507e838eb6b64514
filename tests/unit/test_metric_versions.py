"""Which version of a metric company.toml may choose, and what of it the models are told."""

from pathlib import Path

import pytest

from orchestration.errors import ConfigurationError
from orchestration.settings import Home, read_company
from orchestration.warehouse.build import variables
from tests.pipeline.small_company import new_company


def company_file(folder: Path, end: str = "") -> Home:
    home = Home(new_company(folder))
    home.company_file.write_text(home.company_file.read_text() + end)
    return home


def test_the_latest_version_is_in_use_unless_an_older_one_is_chosen(tmp_path: Path) -> None:
    latest, older = (read_company(company_file(tmp_path / name, end)) for name, end in (("a", ""), ("b", "\n[metric_versions]\nrep_cost = 1\n")))
    assert (latest.metric_versions["rep_cost"], older.metric_versions["rep_cost"]) == (5, 1)
    assert latest.metric_versions["revenue"] == older.metric_versions["revenue"] == 1
    assert variables(older, "2026-01-01")["metric_versions"] == dict(older.metric_versions)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cost = 1", "`metric_versions.cost` is no metric"),
        ("rep_cost = 6", "`metric_versions.rep_cost` is 6"),
        ("rep_cost = 0", "`metric_versions.rep_cost` is 0"),
        ('rep_cost = "1"', "`metric_versions.rep_cost` is '1'"),
        ("rep_cost = true", "`metric_versions.rep_cost` is True"),
    ],
)
def test_what_is_no_version_is_refused_by_its_key(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_company(company_file(tmp_path / "home", f"\n[metric_versions]\n{line}\n"))
    assert says in str(refused.value)
