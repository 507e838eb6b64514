"""The ECB's file of reference rates and the American price index through the real command: printed digits, cross rates, bases.

Belongs here: what `repledger nightly` makes of the public file. Doesn't: rules that five made-up rows show (dbt's unit tests).
"""

import csv
import shutil
import subprocess
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.company_file import standard_sources
from orchestration.settings import PROJECT_DIR, Source
from tests.pipeline.small_company import deliver, new_company, nightly, published, warehouse

README = PROJECT_DIR / "README.md"
FILE = PROJECT_DIR.parent / "shared" / "data" / "reference" / "eurofxref-hist.zip"
PRICES = FILE.with_name("cpiai.csv")
MISSING = "the public files of rates and prices are not there (../shared/data/reference/eurofxref-hist.zip and cpiai.csv, beside the repo)"
FIRST_DAY, LAST_DAY, DAYS = "1999-01-04", "2026-10-30", 7126
# What one euro was worth, as the ECB printed it.
PRINTED = {
    ("1999-01-04", "USD"): "1.1789",
    ("1999-01-04", "GBP"): "0.7111",
    ("1999-01-04", "TRL"): "372274",
    ("2007-12-31", "CYP"): "0.585274",
    ("2022-03-01", "RUB"): "117.201",
    ("2026-10-30", "IDR"): "20275.17",
}
# The last day of a currency, and the first on which it has no rate: a weekend or a holiday still holds the last one.
ENDED = {"CYP": "2008-01-02", "SIT": "2007-01-02", "HRK": "2023-01-02", "RUB": "2022-03-02", "BGN": "2026-01-02"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company that reports in dollars and sold for other money, after one night with the ECB's file as it is."""
    if not (FILE.is_file() and PRICES.is_file()):
        pytest.skip(MISSING)
    prices_alone = Source("bls", "standard", {"price_index": "delta"}, {"price_index": ("index_code", "month_on", "index_value")})
    sources = (*standard_sources(), Source("ecb", "ecb", {"fx_rate": "delta"}), prices_alone)
    home = new_company(tmp_path_factory.mktemp("ecb") / "home", sources=sources, bases=("constant", "real"), real_index="CPI-U")
    with (home / "company.toml").open("a") as settings:
        settings.write("\n[budget_rates]\nSIT = 0.0044\n")
    _deliver_prices(home)
    folder = home / "landing" / "ecb" / "fx_rate" / "2026-10-30"
    folder.mkdir(parents=True)
    shutil.copy(FILE, folder)
    sold = {"a": ("1999-01-04", "GBP"), "b": ("2006-12-30", "SIT"), "c": ("2010-05-09", "EUR"), "d": ("2020-02-29", "CHF"), "e": ("2020-02-29", "USD")}
    line = {"account_id": "a", "booked_amount": "100"}
    lines = [line | {"order_line_id": key, "order_id": key, "ordered_on": day, "currency": currency} for key, (day, currency) in sold.items()]
    deliver(home, "order_line", "2026-10-30", lines)
    nightly(home)
    return home


def _deliver_prices(home: Path) -> None:
    """By the line of the README, run as it stands there."""
    (line,) = (line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("awk ") and "cpiai.csv" in line)
    folder = home / "landing" / "bls" / "price_index" / "2026-06-15"
    folder.mkdir(parents=True)
    subprocess.run(["/bin/sh", "-c", line.replace("cpiai.csv >", f"'{PRICES}' >")], cwd=folder, check=True)


def prices() -> dict[str, str]:
    with PRICES.open(newline="") as lines:
        return {row["Date"]: row["Index"] for row in csv.DictReader(lines)}


def one(home: Path, sql: str) -> Any:
    ((value,),) = warehouse(home, sql)
    return value


def test_every_day_that_the_ecb_published_is_there_to_the_printed_digit(home: Path) -> None:
    days = warehouse(home, "select min(rate_on), max(rate_on), count(distinct rate_on) from input.input_fx_rate")
    assert [tuple(map(str, row)) for row in days] == [(FIRST_DAY, LAST_DAY, str(DAYS))]
    for (day, currency), printed in PRINTED.items():
        assert one(home, f"select rate from input.input_fx_rate where to_currency = '{currency}' and rate_on = date '{day}'") == Decimal(printed)


def test_a_cross_rate_goes_through_the_euro_and_names_both_cells(home: Path) -> None:
    found = warehouse(home, f"select fx_rate, made_from, _line from core.core_fx_span where currency = 'GBP' and holds_from_on = date '{FIRST_DAY}'")
    assert found == [(Decimal("1.657854028969"), "EUR to USD 1.1789 / EUR to GBP 0.7111", DAYS + 1)]
    assert one(home, "select revenue_amount from core.core_order_line where order_line_id = 'a'") == Decimal("165.7854")


def test_a_weekend_holds_fridays_rate(home: Path) -> None:
    rates = "select fx_rate_id from core.core_fx_day where currency = 'EUR' and day_on in ('2010-05-07', '2010-05-08', '2010-05-09')"
    assert warehouse(home, rates) == [("ecb-EUR-USD-2010-05-07",)] * 3


@pytest.mark.parametrize("currency", ENDED)
def test_a_currency_that_ended_has_no_rate_after_it(home: Path, currency: str) -> None:
    assert str(one(home, f"select max(day_on) + 1 from core.core_fx_day where currency = '{currency}'")).startswith(ENDED[currency])


def test_a_currency_that_came_back_has_none_in_between(home: Path) -> None:
    """The ECB quoted no krona from December 2008 to January 2018."""
    assert one(home, "select count(*) from core.core_fx_day where currency = 'ISK' and day_on >= '2008-12-10' and day_on < '2018-02-01'") == 0
    assert one(home, "select count(*) from core.core_fx_day where currency = 'ISK' and day_on in ('2008-12-09', '2018-02-01')") == 2


def test_what_was_sold_for_other_money_is_published(home: Path) -> None:
    assert published(home, "select count(*), count(revenue_amount) from fct_order_line") == [(5, 5)]


def test_each_line_is_told_in_constant_and_in_real_money(home: Path) -> None:
    """Constant at the rates of New Year 2025, which are those of the day before, and at the budget's for the tolar, which has none any more."""
    told = dict(warehouse(home, "select order_line_id, constant_revenue_amount from core.core_order_line"))
    pound = (Decimal("1.0389") / Decimal("0.82918")).quantize(Decimal(10) ** -12, ROUND_HALF_UP)
    assert (told["a"], told["b"], told["c"], told["e"]) == (round(100 * pound, 4), Decimal("0.44"), Decimal("103.89"), 100)
    deflator = (Decimal(prices()["2025-01-01"]) / Decimal(prices()["2020-02-01"])).quantize(Decimal(10) ** -12, ROUND_HALF_UP)
    assert one(home, "select real_revenue_amount from core.core_order_line where order_line_id = 'e'") == round(100 * deflator, 4)
    sums = "select basis, sum(revenue_amount) from {} group by basis order by basis"
    company, company_of_reps = (
        published(home, sums.format(table)) for table in ("company_revenue", "(from rep_value where reading = 'year' and lens = 'as_sold')")
    )
    assert [basis for basis, _ in company] == ["constant", "nominal", "real"]
    assert company == company_of_reps


def test_a_month_without_an_index_takes_the_month_before(home: Path) -> None:
    """October 2025 was never published; July 2026 was not yet."""
    months = (
        "select cast(told_month_on as varchar), is_carried from core.core_price_index where month_on in ('2025-10-01', '2025-11-01', '2026-07-01') order by 1"
    )
    assert warehouse(home, months) == [("2025-09-01", True), ("2025-11-01", False), ("2026-05-01", True)]
