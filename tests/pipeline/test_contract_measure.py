"""The value of a year and of a career on the amount that the company declares, against an oracle that walks the days of what was delivered."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.explain.explanation import explain
from orchestration.settings import Home, read_company
from tests.pipeline.small_company import deliver, new_company, nightly, published

DATE = "2026-01-08"
LINE = {"currency": "USD", "order_id": "o"}
LINES = [
    LINE | {"order_line_id": "term", "account_id": "x", "crm_user_id": "ann", "ordered_on": "2024-07-01", "term_months": "12", "booked_amount": "365"},
    LINE | {"order_line_id": "once", "account_id": "x", "crm_user_id": "bea", "ordered_on": "2025-02-01", "booked_amount": "100", "partner_amount": "10"},
    LINE | {"order_line_id": "back", "account_id": "x", "crm_user_id": "bea", "ordered_on": "2025-05-01", "booked_amount": "-20"},
    LINE | {"order_line_id": "shared", "account_id": "y", "crm_user_id": "ann", "ordered_on": "2025-03-01", "booked_amount": "200", "opportunity_id": "d"},
    LINE | {"order_line_id": "long", "account_id": "x", "crm_user_id": "bea", "ordered_on": "2025-06-01", "term_months": "24", "booked_amount": "730"},
]
LINES[4]["currency"] = "EUR"
CHANNELS = {"term": "rep", "once": "online", "shared": "rep", "long": "partner"}
"""Nobody says by which channel the money went back; nor is it known of a payment of no known line."""
for row in LINES:
    row["channel"] = CHANNELS.get(row["order_line_id"], "")
LINES[2]["refunds_order_line_id"] = "once"
SPLITS = {"ann": "60", "bea": "40"}
PAYMENTS = [
    {"payment_id": "1", "order_line_id": "term", "collected_on": "2025-01-10", "collected_amount": "300"},
    {"payment_id": "2", "order_line_id": "shared", "collected_on": "2025-04-01", "collected_amount": "200"},
    {"payment_id": "3", "order_line_id": "stranger", "collected_on": "2025-06-01", "collected_amount": "7"},
]
TERM_DAYS = {"term": {2024: 184, 2025: 181}, "long": {2025: 214, 2026: 7}}
"""The days of each term before the as-of date, by calendar year; of 365 and 730."""
RATES = [("2025-01-01", "2"), ("2025-06-01", "1")]
INDICES = {"2024-07": "100", "2025-01": "125", "2025-02": "62.5", "2025-03": "250", "2025-05": "62.5", "2025-06": "125"}
FACTORS: dict[str, dict[str, Decimal]] = {
    "nominal": {},
    "constant": {"long": Decimal(2)},
    "real": {"term": Decimal("1.25"), "once": Decimal(2), "shared": Decimal("0.5"), "back": Decimal(2)},
}
"""What a line's nominal amount is multiplied by: the euro was 2 on the one day and 1 on the sale's; prices of January 2025 ÷ those of the sale's month."""
INDUSTRIES = {"x": "glass", "y": "steel"}
WON_BY = "ann"
"""Who sold first to each of the two accounts."""

Found = dict[tuple[str, str, int | None], Decimal]


def sellers(line_id: str) -> dict[str, Decimal]:
    if line_id == "shared":
        return {name: Decimal(pct) / 100 for name, pct in SPLITS.items()}
    return {str(next((row["crm_user_id"] for row in LINES if row["order_line_id"] == line_id), "unknown")): Decimal(1)}


def events(measure: str) -> list[tuple[str, int, Decimal]]:
    """Line, year, amount."""
    if measure == "collected":
        return [(row["order_line_id"], int(row["collected_on"][:4]), Decimal(row["collected_amount"])) for row in PAYMENTS]
    found = []
    for row in LINES:
        net = Decimal(row["booked_amount"]) - Decimal(row.get("partner_amount", "0"))
        if measure == "recognised" and "term_months" in row:
            term_days = {"12": 365, "24": 730}[row["term_months"]]
            found += [(row["order_line_id"], year, net * days / term_days) for year, days in TERM_DAYS[row["order_line_id"]].items()]
        else:
            if measure == "acv" and "term_months" in row:
                net = net * 12 / int(row["term_months"])
            found.append((row["order_line_id"], int(row["ordered_on"][:4]), net))
    return found


def told(measure: str, basis: str) -> list[tuple[str, int, Decimal]]:
    return [(line_id, year, amount * FACTORS[basis].get(line_id, 1)) for line_id, year, amount in events(measure)]


def oracle(measure: str, basis: str = "nominal") -> Found:
    """By rep, reading and year: what is not 0."""
    sums: Found = defaultdict(Decimal)
    for line_id, year, amount in told(measure, basis):
        for user, share in sellers(line_id).items():
            sums[user, "year", year] += amount * share
        sums["unknown" if line_id == "stranger" else WON_BY, "career", None] += amount
    return {key: amount for key, amount in sums.items() if amount}


@pytest.fixture(scope="module", params=["acv", "collected", "recognised"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A company after a night, and what it declares."""
    bases = {"bases": ("constant", "real"), "real_index": "CPI"}
    root = new_company(tmp_path_factory.mktemp(request.param) / "home", contract_measure=request.param, **bases)
    deliver(root, "fx_rate", DATE, [{"from_currency": "EUR", "to_currency": "USD", "rate_on": day, "rate": rate} for day, rate in RATES])
    deliver(root, "price_index", DATE, [{"index_code": "CPI", "month_on": f"{month}-01", "index_value": value} for month, value in INDICES.items()])
    deliver(root, "crm_user", DATE, [{"crm_user_id": name, "rep_role": "hunter", "team_id": f"team of {name}"} for name in ("ann", "bea")])
    deliver(root, "account", DATE, [{"account_id": name, "owner_crm_user_id": "ann", "industry": INDUSTRIES[name]} for name in "xy"])
    deal = {"opportunity_id": "d", "account_id": "y", "owner_crm_user_id": "ann", "stage": "won"}
    deliver(root, "opportunity", DATE, [deal])
    splits = [{"opportunity_id": "d", "crm_user_id": name, "split_role": "revenue", "split_pct": pct} for name, pct in SPLITS.items()]
    deliver(root, "opportunity_split", DATE, splits)
    deliver(root, "order_line", DATE, LINES)
    deliver(root, "payment", DATE, [row | {"currency": "USD"} for row in PAYMENTS])
    nightly(root)
    return request.param, root


def read(root: Path, measure: str, table: str = "rep_value", holder: str = "crm_user_id", where: str = "true", basis: str = "nominal") -> Found:
    of_measure = f"value_measure = '{measure}' and value_amount <> 0"
    ask = f"select {holder}, reading, fiscal_year, value_amount from {table} where {of_measure} and basis = '{basis}' and {where}"
    return {(user, reading, year): amount for user, reading, year, amount in published(root, ask)}


def test_years_and_careers_stand_on_the_declared_amount(home: tuple[str, Path]) -> None:
    measure, root = home
    for basis in FACTORS:
        assert read(root, measure, basis=basis) == oracle(measure, basis)
    for table in ("rep_value", "segment_value"):
        assert set(published(root, f"select distinct reading, lens from {table} where value_measure = '{measure}'")) == {
            ("year", "as_sold"),
            ("career", "as_sold"),
        }


@pytest.mark.parametrize("table", ["rep_value", "group_value", "segment_value"])
def test_rows_name_the_definition_of_the_declared_amount(home: tuple[str, Path], table: str) -> None:
    """Under its own name and version; a lifetime value is of order lines, and so is none of these."""
    measure, root = home
    ask = f"select distinct string_split(metric_versions, ', ') from {table} where value_measure = '{measure}'"
    found = [set(names) for (names,) in published(root, ask)]
    assert found
    version = 2 if measure == "acv" else 1
    assert all(f"{measure} {version}" in names and not {"tcv 1", "revenue 1", "realised_ltv 1"} & names for names in found)


def test_revenue_stays_beside_it(home: tuple[str, Path]) -> None:
    root = home[1]
    found = read(root, "revenue", where="lens = 'as_sold' and reading in ('year', 'career')")
    assert found == oracle("revenue")


def test_groups_add_up_to_the_company(home: tuple[str, Path]) -> None:
    """Each rep is alone in a team, so that a team's is the rep's."""
    measure, root = home
    teams = read(root, measure, "group_value", "group_id", "group_type = 'team'")
    assert {(user.removeprefix("team of "), reading, year): amount for (user, reading, year), amount in teams.items()} == oracle(measure)
    whole: Found = defaultdict(Decimal)
    for (_, reading, year), amount in oracle(measure).items():
        whole["company", reading, year] += amount
    assert read(root, measure, "group_value", "group_id", "group_type = 'company'") == whole


def by_channel(measure: str, basis: str) -> dict[tuple[str, int], Decimal]:
    sums: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for line_id, year, amount in told(measure, basis):
        sums[CHANNELS.get(line_id, "unknown"), year] += amount
    return {key: amount for key, amount in sums.items() if amount}


@pytest.mark.parametrize("basis", FACTORS)
def test_channels_stand_on_it_too(home: tuple[str, Path], basis: str) -> None:
    """Also in years in which a channel sold nothing; what it sold stays beside it."""
    measure, root = home
    ask = f"select channel, fiscal_year, declared_amount, revenue_amount from company_revenue where declared_measure = '{measure}' and basis = '{basis}'"
    found = published(root, ask)
    assert {(channel, year): amount for channel, year, amount, _ in found if amount} == by_channel(measure, basis)
    assert {(channel, year): amount for channel, year, _, amount in found if amount} == by_channel("revenue", basis)
    for channel, year, amount, _ in found:
        key = {"channel": channel, "fiscal_year": str(year), "basis": basis}
        back = explain(Home(root), read_company(Home(root)), "company_revenue", "declared_amount", key)
        assert sum(Decimal(str(line["amount"])) for line in back.lines) == amount


def by_industry(measure: str, basis: str) -> Found:
    """By industry, reading and year; what names no known line is in none that is known."""
    accounts = {row["order_line_id"]: row["account_id"] for row in LINES}
    sums: Found = defaultdict(Decimal)
    for line_id, year, amount in told(measure, basis):
        for reading, of_year in (("year", year), ("career", None)):
            sums[INDUSTRIES.get(accounts.get(line_id, ""), "unknown"), reading, of_year] += amount
    return {key: amount for key, amount in sums.items() if amount}


@pytest.mark.parametrize("basis", FACTORS)
def test_segments_stand_on_it_too(home: tuple[str, Path], basis: str) -> None:
    measure, root = home
    found = read(root, measure, "segment_value", "segment", "segment_type = 'industry'", basis)
    assert found == by_industry(measure, basis)
    pairs = read(root, measure, "segment_value", "first_segment", "segment_type = 'industry_acquisition_method'", basis)
    assert pairs == found, "every account was won by an unknown method"
    year = "segment_type = 'industry' and segment = 'steel' and reading = 'year' and fiscal_year = 2025 and basis = 'nominal'"
    ask = f"select value_measure, next_key, cost_amount, next_key_cost_amount from segment_value where {year} order by 1"
    assert len({row[1:] for row in published(root, ask)}) == 1, "the cost is the same whatever its value is measured by"


@pytest.mark.parametrize("key", [{"reading": "year", "fiscal_year": "2025"}, {"reading": "career"}], ids=["year", "career"])
def test_the_way_back_of_a_segment_adds_up(home: tuple[str, Path], key: dict[str, str]) -> None:
    measure, root = home
    asked = {"segment_type": "industry", "segment": "glass", "value_measure": measure, "basis": "constant"} | key
    found = explain(Home(root), read_company(Home(root)), "segment_value", "value_amount", asked)
    assert found.cell.value == by_industry(measure, "constant")["glass", key["reading"], 2025 if key["reading"] == "year" else None]


@pytest.mark.parametrize("key", [{"reading": "year", "fiscal_year": "2025"}, {"reading": "career"}], ids=["year", "career"])
def test_the_way_back_adds_up(home: tuple[str, Path], key: dict[str, str]) -> None:
    measure, root = home
    asked = {"crm_user_id": "ann", "value_measure": measure} | key
    found = explain(Home(root), read_company(Home(root)), "rep_value", "value_amount", asked)
    assert found.cell.value == oracle(measure)["ann", key["reading"], 2025 if key["reading"] == "year" else None]
