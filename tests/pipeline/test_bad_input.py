"""Every kind of bad delivery, through the real command: a clear line, nothing lost, nothing half-published.

Belongs here: what a person sees and what readers still see. Doesn't: each way in which a CSV can be broken (`tests/unit`).
"""

import gzip
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.declarations import standard_entities
from orchestration.settings import Home
from tests.pipeline import small_company
from tests.pipeline.conftest import bytes_below

DATE = "2026-01-08"


def csv(entity: str, *rows: dict[str, str]) -> str:
    names = [column.name for column in standard_entities()[entity].columns]
    return "".join(",".join(line) + "\n" for line in [names, *([row.get(name, "") for name in names] for row in rows)])


def order(number: int, **more: str) -> dict[str, str]:
    line = {"order_line_id": f"9{number:05}", "order_id": f"9{number:05}", "account_id": "A00001", "ordered_on": "2026-01-05"}
    return line | {"booked_amount": "100.00", "currency": "USD", "unit_cost_amount": "40", "channel": "rep"} | more


ORDERS = csv("order_line", *(order(number) for number in range(20)))
PAY = {"employee_number": "1", "period_start_on": "2025-12-01", "item_code": "x", "component": "base", "currency": "USD"}
MANY_BROKEN = ORDERS + "".join(f"broken {number}\n" for number in range(11))

# What is delivered: path below landing/, bytes; and what the one line must say.
REFUSED: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "empty file": (f"crm/order_line/{DATE}/a.csv", b"", ("a.csv", "empty")),
    "half-written file": (f"crm/order_line/{DATE}/a.csv", ORDERS.encode()[:-60], ("a.csv", "half")),
    "half-written gzip": (f"crm/order_line/{DATE}/a.csv.gz", gzip.compress(ORDERS.encode() * 9)[:-40], ("a.csv.gz",)),
    "not a gzip": (f"crm/order_line/{DATE}/a.csv.gz", ORDERS.encode(), ("a.csv.gz",)),
    "wrong encoding": (f"crm/order_line/{DATE}/a.csv", ORDERS.encode("utf-16"), ("a.csv", "UTF-8")),
    "wrong encoding of one line": (
        f"crm/order_line/{DATE}/a.csv",
        csv("order_line", order(1), order(2, product_code="caf\u00e9")).encode("latin-1"),
        ("a.csv", "line 3", "UTF-8"),
    ),
    "no line that can be read": (f"crm/order_line/{DATE}/a.csv", (csv("order_line") + "broken\n" * 10).encode(), ("a.csv", "no line", "line 2")),
    "an extract date of the year 1": ("crm/order_line/0001-01-01/a.csv", ORDERS.encode(), ("0001-01-01", "1990-01-01")),
    "more decimals than are kept": (
        f"crm/order_line/{DATE}/a.csv",
        csv("order_line", order(1, booked_amount="1.00005")).encode(),
        ("a.csv", "line 2", "booked_amount", "more than 4 decimals"),
    ),
    "wrong header": (f"crm/order_line/{DATE}/a.csv", ORDERS.replace("booked_amount", "booked", 1).encode(), ("a.csv", "booked_amount")),
    "no header": (f"crm/order_line/{DATE}/a.csv", ORDERS.split("\n", 1)[1].encode(), ("a.csv", "order_line_id")),
    "a column twice": (f"crm/order_line/{DATE}/a.csv", ORDERS.replace("\n", ",currency\n", 1).encode(), ("a.csv", "currency")),
    "undeclared entity": (f"crm/invoices/{DATE}/a.csv", ORDERS.encode(), ("invoices",)),
    "undeclared source": (f"erp/order_line/{DATE}/a.csv", ORDERS.encode(), ("erp",)),
    "a folder that is no date": ("crm/order_line/january/a.csv", ORDERS.encode(), ("january",)),
    "an extract date of 2099": ("crm/order_line/2099-01-01/a.csv", ORDERS.encode(), ("2099-01-01",)),
    "too many broken lines": (f"crm/order_line/{DATE}/a.csv", MANY_BROKEN.encode(), ("a.csv", "11")),
    "an unterminated quote": (f"crm/order_line/{DATE}/a.csv", ORDERS.replace("A00001", '"A00001', 1).encode(), ("a.csv", "quote")),
    "a date that is none": (
        f"crm/order_line/{DATE}/a.csv",
        csv("order_line", order(1), order(2, ordered_on="31/12/2025")).encode(),
        ("a.csv", "3", "ordered_on"),
    ),
    "an amount that is none": (f"crm/order_line/{DATE}/a.csv", csv("order_line", order(1, booked_amount="1.200;5")).encode(), ("a.csv", "2", "booked_amount")),
    "a key that is missing": (f"crm/order_line/{DATE}/a.csv", csv("order_line", order(1, order_line_id="")).encode(), ("a.csv", "2", "order_line_id")),
    "an unknown currency": (f"crm/order_line/{DATE}/a.csv", csv("order_line", order(1, currency="XXZ")).encode(), ("a.csv", "2", "currency", "XXZ")),
    "pay that is none": (f"payroll/pay_item/{DATE}/p.csv", csv("pay_item", PAY | {"pay_amount": "12secret34"}).encode(), ("p.csv", "2", "pay_amount")),
}


@pytest.fixture(scope="module")
def shown(first_night: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that every refused delivery leaves as it is."""
    home = Home(tmp_path_factory.mktemp("bad") / "home")
    shutil.copytree(first_night.root, home.root, symlinks=True)
    return home


@pytest.mark.parametrize("case", REFUSED)
def test_a_delivery_that_cannot_be_taken(shown: Home, case: str) -> None:
    place, content, words = REFUSED[case]
    before = bytes_below(shown.published)
    path = shown.landing / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        done = small_company.repledger("nightly", home=shown.root)
        told = json.loads(small_company.repledger("status", "--json", home=shown.root).stdout)
    finally:
        path.unlink()
    lines = [line for line in done.stderr.splitlines() if line.startswith("repledger:")]
    assert done.returncode == 1
    assert len(lines) == 1 and "→" in lines[0]
    assert [word for word in words if word.lower() not in lines[0].lower()] == [], lines[0]
    assert "12secret34" not in done.stderr + done.stdout + json.dumps(told)
    assert "Traceback" not in done.stderr
    assert bytes_below(shown.published) == before
    assert not list((shown.raw / Path(place).parts[0]).glob(f"*/extract_date={DATE}/*.part"))
    failed = [one for one in told["deliveries"] if one["state"] == "failed"]
    assert [one["file"] for one in failed] == [place]
    again = small_company.repledger("nightly", home=shown.root)
    assert (again.returncode, "nothing new" in again.stdout) == (0, True), again.stderr


def put(home: Home, place: str, content: bytes) -> None:
    path = home.landing / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_what_is_odd_but_readable_is_published_shown_and_accounted_for(home: Home) -> None:
    few_broken = csv("order_line", *(order(number) for number in range(3))) + "broken\nbroken too\n"
    put(home, f"crm/order_line/{DATE}/few.csv", few_broken.encode())
    put(home, f"crm/order_line/{DATE}/bom.csv", b"\xef\xbb\xbf" + csv("order_line", order(10)).encode())
    put(home, f"crm/order_line/{DATE}/packed.csv.gz", gzip.compress(csv("order_line", order(11)).encode()))
    put(home, f"crm/order_line/{DATE}/again.csv", b"\xef\xbb\xbf" + csv("order_line", order(10)).encode())
    put(home, f"crm/order_line/{DATE}/header.csv", csv("order_line").encode())
    put(home, f"crm/order_line/{DATE}/coming.csv.part", b"nothing yet")
    put(home, f"crm/order_line/{DATE}/.hidden.csv", b"nothing yet")
    more = csv("order_line", order(12)).splitlines()
    put(home, f"crm/order_line/{DATE}/more.csv", f"{more[0]},mothers_name\n{more[1]},Ann\n".encode())
    put(home, "crm/order_line/2026-01-07/bom.csv", b"\xef\xbb\xbf" + csv("order_line", order(10)).encode())
    done = small_company.repledger("nightly", home=home.root)
    assert done.returncode == 0, done.stderr
    told = json.loads(small_company.repledger("status", "--json", home=home.root).stdout)
    new = {(one["extract_date"], Path(one["file"]).name): one for one in told["deliveries"] if one["source"] == "crm" and one["entity"] == "order_line"}
    counts = {key: (one["lines"], one["loaded"], one["rejected"]) for key, one in new.items() if key[0] >= "2026-01-07"}
    assert counts[DATE, "few.csv"] == (5, 3, 2)
    assert counts[DATE, "packed.csv.gz"] == (1, 1, 0)
    assert counts[DATE, "header.csv"] == (0, 0, 0)
    assert counts["2026-01-07", "bom.csv"] == (1, 1, 0)
    assert sorted([new[DATE, "bom.csv"]["state"], new[DATE, "again.csv"]["state"]]) == ["loaded", "repeated"]
    assert new[DATE, "more.csv"]["undeclared_columns"] == ["mothers_name"]
    assert not {file for _, file in new if "coming" in file or "hidden" in file}
    assert all(one["lines"] == one["loaded"] + one["rejected"] for one in told["deliveries"])


def test_a_missing_rate_blocks_and_names_file_and_line(home: Home) -> None:
    """In the CRM that answers for the day: what the one before it still tells counts nowhere."""
    before = bytes_below(home.published)
    put(home, f"new_crm/order_line/{DATE}/yen.csv", csv("order_line", order(1), order(2, currency="JPY")).encode())
    done = small_company.repledger("nightly", home=home.root)
    line = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert "rate" in line and "yen.csv" in line and "3" in line, line
    assert bytes_below(home.published) == before
    assert [path for path in home.failed.rglob("*.csv") if "yen.csv" in path.read_text()], "all failing rows are in failed/"
    assert done.stderr.strip().splitlines()[-3].startswith("  core_order_line.rate_known: 1 row"), "the root cause comes first"
    (home.landing / f"new_crm/order_line/{DATE}/yen.csv").unlink()
    assert small_company.repledger("withdraw", f"new_crm/order_line/{DATE}/yen.csv", home=home.root).returncode == 0
    few = csv("order_line", order(1)) + "broken\n"
    put(home, f"new_crm/order_line/{DATE}/few.csv", few.encode())
    done = small_company.repledger("nightly", home=home.root)
    assert done.returncode == 0, "the next night goes on once the file is withdrawn"
    assert f"1 line rejected: new_crm/order_line/{DATE}/few.csv (1)" in done.stdout
    told = {one["file"]: one for one in json.loads(small_company.repledger("status", "--json", home=home.root).stdout)["deliveries"]}
    assert told[f"new_crm/order_line/{DATE}/yen.csv"]["state"] == "withdrawn"
    assert told[f"new_crm/order_line/{DATE}/few.csv"]["reasons"][0].startswith("line 3: 1 column where the header has")
    assert few.splitlines()[-1] in Path(told[f"new_crm/order_line/{DATE}/few.csv"]["rejects_file"]).read_text()
    with duckdb.connect(str(home.published / "repledger.duckdb"), read_only=True) as connection:
        assert connection.sql("select state from delivery_ledger where file like '%/yen.csv'").fetchall() == [("withdrawn",)]


SOLD = {"account_id": "a", "crm_user_id": "ann", "currency": "USD", "unit_cost_amount": "10"}


def test_money_without_the_one_rate_of_a_basis_blocks_and_is_named_by_currency_and_entity(tmp_path: Path) -> None:
    """The rates of the euro begin after constant_currency_on, and no budget has one: its sales, payments and deals have no constant amount."""
    home = small_company.new_company(tmp_path, bases=("constant",))
    euro = {"currency": "EUR", "ordered_on": "2025-08-01", "crm_user_id": "ann", "account_id": "a"}
    small_company.deliver(home, "crm_user", DATE, [{"crm_user_id": "ann", "user_name": "Ann", "rep_role": "hunter"}])
    small_company.deliver(home, "order_line", DATE, [euro | {"order_line_id": "1", "order_id": "1", "booked_amount": "100"}])
    payment = {"payment_id": "1", "order_line_id": "1", "currency": "EUR", "invoiced_on": "2025-08-01", "invoiced_amount": "100"}
    small_company.deliver(home, "payment", DATE, [payment])
    deal = {"opportunity_id": "d", "stage": "open", "owner_crm_user_id": "ann", "currency": "EUR", "opportunity_amount": "100", "created_on": "2025-07-01"}
    small_company.deliver(home, "opportunity", DATE, [deal])
    small_company.deliver(home, "fx_rate", DATE, [{"from_currency": "EUR", "to_currency": "USD", "rate_on": "2025-06-01", "rate": "1.1"}])
    done = small_company.repledger("nightly", home=home)
    assert done.returncode != 0
    assert "core_basis_gap.told_in_each_basis: 3 rows, first basis=constant, entity=opportunity, lacking=EUR" in done.stderr, done.stderr
    assert "budget_rates" in done.stderr


RATES = [{"from_currency": "EUR", "to_currency": "USD", "rate_on": day, "rate": rate} for day, rate in (("2024-01-01", "1.1"), ("2024-06-01", "1.2"))]
PEOPLE = [{"crm_user_id": name, "employee_number": name, "rep_role": "hunter"} for name in ("ann", "bea")]


def sale(number: str, day: str, amount: str, **more: str) -> dict[str, str]:
    return SOLD | {"order_line_id": number, "order_id": number, "ordered_on": day, "booked_amount": amount} | more


@pytest.fixture(scope="module")
def odd_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company after a night that found sales, seats and a job that can't be quite right."""
    home = small_company.new_company(tmp_path_factory.mktemp("odd") / "home")
    lines = [
        sale("first", "2024-02-01", "100"),
        sale("back", "2024-03-01", "-100", quantity="-1", refunds_order_line_id="first"),
        sale("later", "2024-04-01", "70", crm_user_id="bea"),
        sale("in_euros", "2024-02-01", "100", account_id="b", currency="EUR", opportunity_id="o"),
        sale("in_dollars", "2024-07-01", "100", account_id="b", opportunity_id="o"),
        sale("other_money", "2024-08-01", "-10", account_id="b", quantity="-1", refunds_order_line_id="in_euros"),
        sale("sold", "2024-02-01", "50", account_id="c", quantity="-3"),
        sale("returned", "2024-02-02", "-50", account_id="c", quantity="-3"),
        sale("shared", "2024-02-01", "120", account_id="d", opportunity_id="p"),
        sale("too_much", "2024-03-01", "-150", account_id="d", opportunity_id="p", quantity="-1", refunds_order_line_id="shared"),
    ]
    seat = {"territory_id": "north", "assigned_from_on": "2024-01-01"}
    job = {"employee_number": "ann", "effective_on": "2024-01-01"}
    small_company.deliver(home, "crm_user", DATE, PEOPLE)
    small_company.deliver(home, "account", DATE, [{"account_id": name, "owner_crm_user_id": "ann"} for name in "abcd"])
    small_company.deliver(home, "order_line", DATE, lines)
    won = {"owner_crm_user_id": "ann", "stage": "won"}
    won_on_no_day = won | {"opportunity_id": "o", "account_id": "b", "is_closed": "true", "is_won": "true"}
    small_company.deliver(home, "opportunity", DATE, [won_on_no_day, won | {"opportunity_id": "p", "account_id": "d"}])
    split = {"opportunity_id": "p", "split_role": "revenue"}
    small_company.deliver(home, "opportunity_split", DATE, [split | {"crm_user_id": user, "split_pct": pct} for user, pct in (("ann", "90"), ("bea", "60"))])
    pay = {"employee_number": "ghost", "period_start_on": "2024-02-01", "item_code": "b", "component": "base", "pay_amount": "70", "currency": "USD"}
    small_company.deliver(home, "pay_item", DATE, [pay])
    small_company.deliver(home, "fx_rate", DATE, RATES)
    small_company.deliver(home, "employee", DATE, [{"employee_number": name, "hired_on": "2024-01-01"} for name in ("ann", "bea")])
    small_company.deliver(home, "job", DATE, [job | {"job_title": title, "rep_role": "hunter"} for title in ("Rep", "Account Executive")])
    seats = [seat | {"crm_user_id": "ann", "assigned_to_on": "2025-01-01"}, seat | {"crm_user_id": "bea"}]
    seats += [seat | {"crm_user_id": "ann", "territory_id": "south", "assigned_from_on": "2024-07-01"}]
    small_company.deliver(home, "territory_assignment", DATE, seats)
    small_company.nightly(home)
    return home


# What is noted, by suite and check, and what its rows name.
NOTED = {
    "core_seat.one_seat_a_rep": ("ann", "north", "south"),
    "core_order_line.one_currency_a_contract": ("opportunity_id=o",),
    "fct_opportunity.won_on_a_known_day": ("opportunity_id=o",),
    "core_refund.in_the_currency_of_the_sale": ("other_money",),
    "core_refund.no_more_than_was_sold": ("shared",),
    "core_opportunity_split_history.revenue_splits_are_whole": ("opportunity_id=p",),
    "raw_crm__order_line.quantity_has_the_sign_of_the_amount": ("sold",),
    "raw_payroll__job.key_unique": ("ann",),
}


@pytest.mark.parametrize("check", NOTED)
def test_what_is_odd_is_noted_by_name(odd_company: Path, check: str) -> None:
    found = [line for line in (odd_company / "notes/notes.txt").read_text().splitlines() if check in line]
    assert found and all(word in found[0] for word in NOTED[check]), (odd_company / "notes/notes.txt").read_text()


def test_what_is_odd_in_a_sale_is_counted_by_its_rule(odd_company: Path) -> None:
    """A refunded first order moves no acquisition; each line at the rate of its own currency and day; the amount's sign decides, not the quantity's."""
    ask = "select account_id, acquiring_crm_user_id, realised_ltv_amount from customer_lifetime_value where account_id <> 'unknown' order by 1"
    assert small_company.published(odd_company, ask) == [("a", "ann", 70), ("b", "ann", 200), ("c", "ann", 0), ("d", "ann", -30)]
    ask = "select order_line_id, gross_margin_amount from fct_order_line where account_id = 'c' order by 1"
    assert small_company.published(odd_company, ask) == [("returned", -20), ("sold", 20)]


def test_splits_that_do_not_add_up_are_taken_by_weight_and_a_refund_takes_all_of_itself_back(odd_company: Path) -> None:
    """90 and 60 of 120 are 72 and 48; of the 150 that come back 90 and 60. Credit is the acquirer's."""
    ask = "select order_line_id, crm_user_id, revenue_amount from fct_revenue_share where order_line_id in ('shared', 'too_much') order by all"
    assert small_company.published(odd_company, ask) == [("shared", "ann", 72), ("shared", "bea", 48), ("too_much", "ann", -90), ("too_much", "bea", -60)]
    ask = "select order_line_id, crm_user_id, credited_amount from fct_credit where order_line_id in ('shared', 'too_much') order by all"
    assert small_company.published(odd_company, ask) == [("shared", "ann", 120), ("too_much", "ann", -150)]


def test_pay_of_someone_unknown_is_unknowns_and_listed(odd_company: Path) -> None:
    assert small_company.published(odd_company, "select crm_user_id, employee_number, cost_amount from fct_rep_cost") == [("unknown", "ghost", 70)]
    ask = "select id, reason <> '', cost_amount from unmatched_identity where id_kind = 'employee' and cost_amount <> 0"
    assert small_company.published(odd_company, ask) == [("ghost", True, 70)]


def test_who_overlaps_in_a_seat_shares_it_and_one_job_of_two_counts(odd_company: Path) -> None:
    ask = "select cast(held_from_on as varchar), crm_user_id, holder_count from fct_seat where territory_id = 'north' order by all"
    assert small_company.published(odd_company, ask) == [("2024-01-01", "ann", 2), ("2024-01-01", "bea", 2), ("2025-01-01", "bea", 1)]
    ask = "select crm_user_id, territory_id from core.core_rep_group where day_on = date '2024-12-31' order by all"
    assert small_company.warehouse(odd_company, ask) == [("ann", "north"), ("bea", "north"), ("unknown", "unknown")], "of two seats the first by name"
    assert small_company.published(odd_company, "select entity, lost_line from conflict") == [("job", 2)]


def test_an_adjustment_that_its_writer_approved_blocks_and_moves_nothing(odd_company: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(odd_company, home.root, symlinks=True)
    before = bytes_below(home.published)
    moved = {"adjustment_id": "k", "order_line_id": "later", "from_crm_user_id": "ann", "to_crm_user_id": "bea", "adjusted_amount": "50"}
    moved |= {"currency": "USD", "reason": "both sold it", "created_by": "Bea", "approved_by": "bea "}
    path = small_company.deliver(home.root, "credit_adjustment", DATE, [moved])
    done = small_company.repledger("nightly", home=home.root)
    line = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert "approved_by_another" in line and "credit_adjustment.csv" in line and "2" in line, line
    assert bytes_below(home.published) == before
    place = path.relative_to(home.landing).as_posix()
    path.unlink()
    assert small_company.repledger("withdraw", place, home=home.root).returncode == 0
    small_company.deliver(home.root, "credit_adjustment", DATE, [moved | {"approved_by": "cleo"}], file="approved.csv")
    small_company.nightly(home.root)
    ask = "select crm_user_id, credited_amount from fct_credit where reason = 'adjustment k' order by 1"
    assert small_company.published(home.root, ask) == [("ann", -50), ("bea", 50)]
