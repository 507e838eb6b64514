"""The demo's landing is what the contract asks for, the same every time, and small enough."""

import csv
import datetime as dt
import hashlib
from pathlib import Path

import duckdb
import pytest

from orchestration.company_file import render_company_toml
from orchestration.demo import Size, build_world, write_demo
from orchestration.demo.calendar import AS_OF
from orchestration.demo.changes import DELTAS
from orchestration.demo.identities import send_away
from orchestration.demo.snapshots import SNAPSHOTS, accounts
from orchestration.errors import ConfigurationError
from orchestration.landing.declarations import Column, declared_entities, standard_entities
from orchestration.settings import Home, Source, read_company

DELIVERED = sorted((*SNAPSHOTS, *DELTAS, "activity"))
# Columns that say when something happened: an extract of a date can't hold them with that date or a later one.
HAPPENED = {"order_line": "ordered_on", "expense_line": "spent_on", "pay_item": "paid_on", "activity": "occurred_at", "fx_rate": "rate_on"}


def silent(_: str) -> None:
    pass


def small(root: Path, **more: int) -> Home:
    home = Home(root)
    write_demo(home, **({"reps": 6, "years": 2, "activities": 500, "progress": silent} | more))
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return small(tmp_path_factory.mktemp("demo"))


def digests(home: Home) -> dict[str, str]:
    return {str(path.relative_to(home.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(home.root.rglob("*")) if path.is_file()}


def delivered(home: Home, entity: str) -> str:
    area = standard_entities()[entity].area
    return f"read_csv('{home.landing}/{area}/{entity}/*/*.csv', all_varchar=true, header=true, union_by_name=true, filename=true)"


def test_the_same_arguments_give_the_same_bytes(home: Home, tmp_path: Path) -> None:
    assert digests(small(tmp_path / "again")) == digests(home)


def test_another_seed_is_another_company(home: Home, tmp_path: Path) -> None:
    other = digests(small(tmp_path / "other", seed=2))
    same = [name for name, digest in digests(home).items() if other.get(name) == digest and "/order_line/" in name]
    assert same == []


def test_more_activity_changes_nothing_but_activity(home: Home, tmp_path: Path) -> None:
    """Activity is not performance: nothing that is sold may hang on it."""
    busy = digests(small(tmp_path / "busy", activities=700))
    differing = {name for name, digest in digests(home).items() if busy.get(name) != digest}
    assert differing and all("/activity/" in name for name in differing)


def test_every_declared_entity_is_known_and_every_delivered_one_is_declared(home: Home) -> None:
    declared = {(item.source, item.entity.name): item.mode for item in declared_entities(read_company(home))}
    found = {(path.parent.name, path.name) for path in home.landing.glob("*/*")}
    assert sorted({name for _, name in found}) == DELIVERED
    assert found <= declared.keys()
    assert {source for source, _ in declared} == {"crm", "new_crm", "payroll", "expenses", "plans", "finance", "reference"}


@pytest.mark.parametrize("entity", DELIVERED)
def test_every_cell_is_of_the_contracts_type(home: Home, entity: str) -> None:
    columns = standard_entities()[entity].columns
    header = ",".join(column.name for column in columns)
    for path in home.landing.glob(f"*/{entity}/*/*.csv"):
        text = path.read_text(encoding="utf-8")
        assert text.split("\n", 1)[0] == header
        assert {len(row) for row in csv.reader(text.splitlines(), strict=True)} == {len(columns)}
    wrong = {column.name: _wrong(column) for column in columns}
    counts = duckdb.sql(f"select {', '.join(f'count(*) filter ({rule})' for rule in wrong.values())} from {delivered(home, entity)}").fetchone()
    assert dict(zip(wrong, counts or (), strict=True)) == dict.fromkeys(wrong, 0)


def _wrong(column: Column) -> str:
    uncast = f"{column.name} is not null and try_cast({column.name} as {column.type}) is null"
    return f"{uncast} or {column.name} is null" if column.is_required else uncast


@pytest.mark.parametrize("entity", [entity for entity in DELIVERED if standard_entities()[entity].mode == "snapshot"])
def test_a_snapshot_holds_each_version_of_a_key_once(home: Home, entity: str) -> None:
    key = ", ".join(standard_entities()[entity].key)
    rows = duckdb.sql(f"select count(*), count(distinct (filename, {key}, effective_on)) from {delivered(home, entity)}").fetchone()
    assert rows is not None and rows[0] == rows[1] > 0


@pytest.mark.parametrize("entity", HAPPENED)
def test_nothing_is_told_before_it_happened(home: Home, entity: str) -> None:
    early = f"cast({HAPPENED[entity]} as date) >= cast(regexp_extract(filename, '(\\d{{4}}-\\d\\d-\\d\\d)/[^/]+$', 1) as date)"
    assert duckdb.sql(f"select count(*) from {delivered(home, entity)} where {early}").fetchone() == (0,)


def test_the_landing_ends_with_seven_nights_and_holds_few_thin_files(home: Home) -> None:
    days = {path.name for path in home.landing.glob("*/*/*")}
    assert [f"2026-01-{day:02d}" for day in range(1, 9)] == sorted(day for day in days if day >= "2026-01-01")
    assert max(days) == AS_OF.isoformat()
    # A month brings at most one file an entity; ten years of that stay below the 1,600 that a first load takes in a minute.
    assert len(list(home.landing.rglob("*.csv"))) < 13 * 12 * 2 + 7 * len(DELIVERED)


@pytest.mark.parametrize("wrong", [{"reps": 1}, {"years": 0}, {"seed": -1}, {"activities": -1}, {"years": 31}, {"fiscal_year_start_month": 13}])
def test_an_argument_out_of_range_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(wrong))} is"):
        small(tmp_path / "home", **wrong)
    assert not (tmp_path / "home").exists()


def test_a_home_with_deliveries_is_left_alone(home: Home, tmp_path: Path) -> None:
    before = digests(home)
    with pytest.raises(ConfigurationError, match="already holds files"):
        small(home.root)
    assert digests(home) == before


def test_a_company_file_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_text("name = 'ours'")
    with pytest.raises(ConfigurationError, match=r"company\.toml"):
        small(tmp_path)
    assert (tmp_path / "company.toml").read_text() == "name = 'ours'"


@pytest.mark.parametrize(("reps", "years"), [(2, 1), (3, 2), (17, 1)])
def test_the_smallest_companies_can_be_written(tmp_path: Path, reps: int, years: int) -> None:
    assert (small(tmp_path, reps=reps, years=years, activities=0).truth / "rep_value.parquet").is_file()


def test_a_rendered_company_file_reads_back_as_it_was_meant(tmp_path: Path) -> None:
    sources = (
        Source("shop", "adventureworks", {"Customer": "snapshot"}, {"Customer": ("CustomerID", "ModifiedDate")}),
        Source("crm", "standard", {"account": "snapshot", "order_line": "delta"}),
    )
    text = render_company_toml(
        name='A "quoted" näme \\ more',
        reporting_currency="EUR",
        fiscal_year_start_month=7,
        time_zone="Europe/Berlin",
        credit_policy="owner",
        constant_currency_on=AS_OF,
        sources=sources,
    )
    (tmp_path / "company.toml").write_text(text, encoding="utf-8")
    company = read_company(Home(tmp_path))
    assert (company.name, company.reporting_currency, company.fiscal_year_start_month) == ('A "quoted" näme \\ more', "EUR", 7)
    assert (company.time_zone, company.credit_policy, company.constant_currency_on) == ("Europe/Berlin", "owner", AS_OF)
    assert tuple(company.sources.values()) == sources


def test_every_key_of_a_rendered_company_file_has_its_comment(home: Home) -> None:
    lines = home.company_file.read_text(encoding="utf-8").splitlines()
    top = lines[: next(number for number, line in enumerate(lines) if line.startswith("["))]
    assert all(top[number - 1].startswith("#") for number, line in enumerate(top) if " = " in line and not line.startswith("#"))


def test_an_account_of_the_last_day_is_in_the_last_extract() -> None:
    """What was entered the day before the last extract is first seen there."""
    world = build_world(Size(reps=6, years=2, activities=500, seed=1))
    late = next(account for account in world.accounts if account.entered_on < AS_OF and account.gone_on is None and account.away_from_on is None)
    late.entered_on, late.owners = AS_OF - dt.timedelta(days=1), [(AS_OF - dt.timedelta(days=1), late.owners[0][1])]
    assert [(seen_on, key) for seen_on, key, row in accounts(world) if row and key == (late.account_id,)] == [(AS_OF, (late.account_id,))]


def test_no_account_is_away_in_the_first_extract() -> None:
    """It would never have been there: an extract can't leave out what none showed."""
    world = build_world(Size(reps=6, years=5, activities=0))
    account, first_on = world.accounts[12], world.calendar.first_on
    for entered_on, is_away in ((first_on - dt.timedelta(days=90), False), (first_on - dt.timedelta(days=60), True)):
        account.entered_on, account.away_from_on, account.gone_on = entered_on, None, None
        send_away(world)
        assert (account.away_from_on is not None) == is_away
