"""What company.toml may say of bases, and which of them is refused by which key."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.errors import ConfigurationError
from orchestration.settings import Home, read_company
from tests.pipeline.small_company import new_company


def company_file(folder: Path, old: str = "", new: str = "", end: str = "") -> Home:
    home = Home(new_company(folder))
    home.company_file.write_text(home.company_file.read_text().replace(old, new) + end)
    return home


def test_the_nominal_basis_is_always_there_and_rates_keep_their_digits(tmp_path: Path) -> None:
    assert read_company(company_file(tmp_path / "alone")).bases == ("nominal",)
    text = 'bases = ["real", "constant"]\nreal_index = "CPI"\nreal_base_month_on = 2024-05-01'
    company = read_company(company_file(tmp_path / "all", 'bases = ["nominal"]', text, "\n[budget_rates]\nEUR = 1.10\nJPY = 0.0064\nKWD = 3\n"))
    assert (company.bases, company.real_index, company.real_base_month_on) == (("nominal", "constant", "real"), "CPI", dt.date(2024, 5, 1))
    assert company.budget_rates == {"EUR": Decimal("1.10"), "JPY": Decimal("0.0064"), "KWD": Decimal(3)}


@pytest.mark.parametrize(
    ("line", "end", "says"),
    [
        ('bases = ["dollars"]', "", "`bases` names 'dollars'"),
        ('bases = ["real"]', "", "there is no `real_index`"),
        ("bases = []\nreal_base_month_on = 2024-05-02", "", "`real_base_month_on` is 2024-05-02"),
        ("bases = []", "[budget_rates]\nUSD = 1.0", "`budget_rates.USD` is no rate of another currency"),
        ("bases = []", "[budget_rates]\nEUR = 0", "`budget_rates.EUR` is 0"),
        ("bases = []", "[budget_rates]\nEUR = nan", "`budget_rates.EUR` is"),
        ("bases = []", "[budget_rates]\nEUR = inf", "`budget_rates.EUR` is"),
        ("bases = []", "[budget_rates]\nEUR = 0.0000000000001", "`budget_rates.EUR`"),
        ("bases = []", '[budget_rates]\nEUR = "1.1"', "`budget_rates.EUR` is '1.1'"),
    ],
)
def test_what_cannot_be_a_basis_is_refused_by_its_key(tmp_path: Path, line: str, end: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_company(company_file(tmp_path / "home", 'bases = ["nominal"]', line, f"\n{end}\n"))
    assert says in str(refused.value)
