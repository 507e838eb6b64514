"""Credit through nights that are told on: what undoes a credit follows its sale, whichever of the two is told otherwise later."""

import datetime as dt

import duckdb
import pytest

from orchestration.settings import Home
from tests.pipeline.any_order import Delivery, Homes, Nights

FIRST, LATE = "2025-03-01", "2025-03-02"


def delivery(entity: str, extract: str, *rows: dict[str, str], number: int = 0) -> Delivery:
    return Delivery(entity, dt.date.fromisoformat(extract), tuple(tuple(sorted(row.items())) for row in rows), number)


def line(order_line_id: str, account: str, day: str, amount: str, **more: str) -> dict[str, str]:
    told = {"order_line_id": order_line_id, "order_id": order_line_id, "account_id": account, "ordered_on": day, "booked_amount": amount}
    return told | {"crm_user_id": "u1", "currency": "USD"} | more


# Months are made anew whole: of two accounts in one month, either would hide that the other was not found.
YEARS = {"still": 2008, "split": 2010, "type": 2012, "paid": 2014, "owned": 2017, "late": 2020, "moved": 2023}


def of_each(account: str, **more: str) -> list[dict[str, str]]:
    """A sale in June, which is refunded in part in September; one in January before, and one in January after. Each in a year of its own."""
    year = YEARS[account]
    january, june, september, after = f"{year}-01-15", f"{year}-06-15", f"{year}-09-15", f"{year + 1}-01-15"
    return [
        line(f"{account}1", account, january, "120"),
        line(f"{account}2", account, june, "100", term_months="12", **more),
        line(f"{account}3", account, september, "-30", refunds_order_line_id=f"{account}2"),
        line(f"{account}4", account, after, "50"),
    ]


SPLITS = [{"opportunity_id": "o_split", "crm_user_id": user, "split_role": role} for user, role in (("u1", "revenue"), ("u2", "revenue"), ("u3", "overlay"))]
DEAL = {"stage": "won", "opportunity_type": "new", "owner_crm_user_id": "u1", "created_on": "2024-05-01", "closed_on": "2024-06-15", "currency": "USD"}
# Sold to by nobody: the first is the house's from then on, as is told later, and the second never was.
HOUSE = {"house": "2004-06-15", "housed": "2002-06-15"}
# Sales in months of their own: told later is who won `won`, who always owned `kept`, and that what `gone2` gives back was never sold.
ALONE = [line(f"{name}1", name, day, "100") for name, day in (("won", "2011-06-15"), ("kept", "2009-06-15"), ("gone", "2013-06-15"))]
ALONE += [line("gone0", "gone", "2013-01-15", "50"), line("year1", "year", "2023-06-15", "100")]
# Won by who is no house: the first is the rep's who came after it, the second's first seller is told to be the house later.
ALONE += [line("named1", "named", "1999-06-15", "100", crm_user_id="hq"), line("named2", "named", "2000-06-15", "100", crm_user_id="u2")]
ALONE += [line("turned1", "turned", "1997-06-15", "100", crm_user_id="u4"), line("turned2", "turned", "1998-06-15", "100", crm_user_id="u2")]
ALONE += [line("gone2", "gone", "2013-09-15", "-30", refunds_order_line_id="gone1")]
# A write-off months after its sale, and one of the as-of date, which counts from the next night on.
WRITTEN_OFF = [{"order_line_id": "won1", "written_off_on": "2011-11-20"}, {"order_line_id": "still2", "written_off_on": FIRST}]
PAYMENT = {"payment_id": "p", "order_line_id": "paid2", "currency": "USD"}
ADJUSTMENT = {"adjustment_id": "k", "order_line_id": "moved2", "from_crm_user_id": "u1", "to_crm_user_id": "u3", "currency": "USD"}
ADJUSTMENT |= {"reason": "both sold it", "created_by": "ann", "approved_by": "bea"}
WON = ("won", "kept", "gone", "named", "turned", "year")
EARLY = [
    delivery(
        "crm_user",
        "2022-02-01",
        *({"crm_user_id": user, "rep_role": "hunter"} for user in ("u1", "u2", "u3", "u4")),
        {"crm_user_id": "hq", "rep_role": "House"},
    ),
    delivery("account", "2022-02-01", *({"account_id": account, "owner_crm_user_id": "u1", "effective_on": "2005-01-01"} for account in YEARS)),
    delivery("account", "2022-02-01", *({"account_id": name, "owner_crm_user_id": user} for name, user in (("house", "u1"), ("housed", "hq"))), number=1),
    delivery("order_line", FIRST, *(line(f"{name}1", name, day, "100", crm_user_id="") for name, day in HOUSE.items()), number=1),
    delivery("account", "2022-02-01", *({"account_id": name, "owner_crm_user_id": "u1"} for name in WON), number=2),
    # Its year after the handover ends with the last day of the first night.
    delivery("account", "2024-05-01", {"account_id": "year", "owner_crm_user_id": "u2", "effective_on": "2024-03-02"}, number=1),
    delivery("order_line", FIRST, *ALONE, number=2),
    delivery("payment", FIRST, *({"payment_id": row["order_line_id"], "written_off_amount": "10", "currency": "USD"} | row for row in WRITTEN_OFF), number=1),
    delivery("account", "2024-05-01", {"account_id": "late", "owner_crm_user_id": "u2", "effective_on": "2020-05-01"}),
    delivery("opportunity", FIRST, *({"opportunity_id": f"o_{account}", "account_id": account} | DEAL for account in ("split", "type"))),
    delivery("opportunity_split", FIRST, *(split | {"split_pct": "50"} for split in SPLITS)),
    delivery("order_line", FIRST, *(row for account in YEARS for row in of_each(account, opportunity_id=f"o_{account}"))),
    delivery("payment", FIRST, PAYMENT | {"written_off_amount": "10", "written_off_on": "2015-12-20"}),
]
TOLD_LATER = [
    delivery("opportunity_split", LATE, SPLITS[1] | {"split_pct": "100", "effective_on": "2010-06-01"}, number=1),
    delivery("opportunity", LATE, {"opportunity_id": "o_type", "account_id": "type"} | DEAL | {"opportunity_type": "renewal"}, number=1),
    delivery("payment", LATE, PAYMENT | {"written_off_amount": "20", "written_off_on": "2016-02-20"}, number=1),
    delivery("account", LATE, {"account_id": "owned", "owner_crm_user_id": "u2", "effective_on": "2017-05-01"}, number=1),
    delivery("account", LATE, {"account_id": "house", "owner_crm_user_id": "hq", "effective_on": "2004-06-15"}, number=2),
    delivery("account", LATE, {"account_id": "housed", "owner_crm_user_id": "u1", "effective_on": "2002-06-15"}, number=3),
    delivery("account", LATE, {"account_id": "won", "owner_crm_user_id": "u1", "acquiring_crm_user_id": "u3"}, number=4),
    delivery("account", LATE, {"account_id": "kept", "owner_crm_user_id": "u2", "effective_on": "2005-01-01"}, number=5),
    delivery("crm_user", LATE, {"crm_user_id": "u4", "rep_role": "house"}, number=6),
    delivery("order_line", LATE, ALONE[2] | {"is_deleted": "true"}, number=2),
    delivery("order_line", LATE, line("late0", "late", "2020-02-15", "240"), number=1),
    delivery("credit_adjustment", LATE, ADJUSTMENT | {"adjusted_amount": "50"}, number=1),
]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Nights, Nights, list[tuple[object, ...]]]:
    """A warehouse that was told on, one of the same deliveries that was made anew, and the credit of the first before."""
    homes = Homes(tmp_path_factory.mktemp("credit"))
    told_on, anew = Nights(homes.new()), Nights(homes.new())
    assert not told_on.run(EARLY)
    before = told_on.ask("from main.fct_credit order by all")
    assert told_on.run(TOLD_LATER), "deltas alone are told on"
    anew.run([*EARLY, *TOLD_LATER])
    return told_on, anew, before


def test_what_is_told_later_is_credited_as_if_it_had_always_been_known(nights: tuple[Nights, Nights, list[tuple[object, ...]]]) -> None:
    told_on, anew, before = nights
    found = told_on.tables()
    assert found == anew.tables()
    changed = {str(row[0]) for row in set(before) ^ set(found["main.fct_credit"])}
    assert changed == {"split2", "split3", "type2", "type3", "paid2", "late0", "moved2", "moved3", "house1", "housed1", "gone1", "gone2", "turned2"}, (
        "a refund follows its sale into another month; the rest stays"
    )
    assert not any(str(row[0]).startswith("still") for row in set(before) ^ set(found["main.fct_credit"]))


def test_what_names_no_seller_is_sold_by_the_house_while_the_account_is_its_own(nights: tuple[Nights, Nights, list[tuple[object, ...]]]) -> None:
    told_on, _, before = nights
    asked = "select order_line_id, crm_user_id, reason from main.fct_credit where order_line_id in ('house1', 'housed1') order by all"
    assert sorted(row[:2] for row in before if row[0] in ("house1", "housed1")) == [("house1", "unknown"), ("housed1", "hq")]
    assert told_on.ask(asked) == [("house1", "hq", "seller"), ("housed1", "unknown", "no seller")]


def test_the_house_wins_nothing_that_a_rep_sold_to_later(nights: tuple[Nights, Nights, list[tuple[object, ...]]]) -> None:
    """Even where a line names it, and when a seller turns out to be the house."""
    asked = "select account_id, acquiring_crm_user_id, acquired_on from core.core_acquisition where account_id in ('named', 'turned') order by all"
    told = [("named", "u2", dt.date(2000, 6, 15)), ("turned", "u2", dt.date(1998, 6, 15))]
    assert [one.ask(asked) for one in nights[:2]] == [told, told]


def test_an_overlay_an_adjustment_a_refund_and_a_write_off_have_the_shares_of_the_sale(nights: tuple[Nights, Nights, list[tuple[object, ...]]]) -> None:
    rows = nights[0].ask("""
        select order_line_id, crm_user_id, credit_role, reason, credited_amount from main.fct_credit
        where order_line_id in ('split2', 'split3', 'type3', 'paid2', 'moved2', 'moved3') order by all
    """)
    assert [(*row[:4], round(float(row[4]), 4)) for row in rows] == [
        ("moved2", "u1", "close", "adjustment k", -50),
        ("moved2", "u1", "close", "seller", 100),
        ("moved2", "u3", "close", "adjustment k", 50),
        ("moved3", "u1", "close", "churn", -30),
        ("moved3", "u1", "close", "churn of adjustment k", 15),
        ("moved3", "u3", "close", "churn of adjustment k", -15),
        ("paid2", "u1", "close", "seller", 100),
        ("paid2", "u1", "close", "write-off", -20),
        ("split2", "u1", "originate", "seller", 33.3333),
        ("split2", "u2", "originate", "seller", 66.6667),
        ("split2", "u3", "overlay", "overlay", 50),
        ("split3", "u1", "originate", "churn", -10),
        ("split3", "u2", "originate", "churn", -20),
        ("split3", "u3", "overlay", "churn", -15),
        ("type3", "u1", "renew", "churn", -30),
    ]


def test_what_was_handed_over_stays_and_the_change_is_the_heirs(nights: tuple[Nights, Nights, list[tuple[object, ...]]]) -> None:
    """Account `late` passed to u2 in May, 107 days old, with 120 + 240 sold: 720 for a year of 366 days, at 183 days at least. By the end of
    the 46th of 365 days 90.7397 of it are due, which stay u1's of June's 100; of January's 50 all. What was never sold is a decline."""
    told_on = nights[0]
    kept = told_on.ask("select order_line_id, kept_amount, changed_amount from core.core_handover_share order by all")
    assert [(name, *(round(float(one), 4) for one in rest)) for name, *rest in kept] == [
        ("late2", 90.7397, 9.2603),
        ("late4", 50, 0),
        ("owned2", 30.1639, 69.8361),
        ("owned4", 50, 0),
    ]
    declined = told_on.ask("select order_line_id, declined_on, declined_amount from core.core_handover_decline order by all")
    assert [(*rest, round(float(amount), 4)) for *rest, amount in declined] == [
        ("late0", dt.date(2021, 4, 30), 579.2603),
        ("owned1", dt.date(2018, 4, 30), 159.1804),
        ("year1", dt.date(2025, 3, 1), 140.2299),
    ]
    of_late = """select crm_user_id, fiscal_year, credited_amount from credit_policy_comparison
        where policy = 'handover' and basis = 'nominal' and fiscal_year in (2020, 2021) order by all"""
    assert [(*rest, round(float(amount), 4)) for *rest, amount in told_on.ask(of_late)] == [
        ("u1", 2020, 423.5178),
        ("u1", 2021, 629.2603),
        ("u2", 2020, 6.4822),
        ("u2", 2021, -579.2603),
    ]


def test_the_declared_policy_is_the_one_that_is_compared(first_night: Home) -> None:
    """Without overlays and adjustments, up to the as-of date: what fct_credit credits each rep with is a row of the comparison."""
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        credited = """select crm_user_id, year(credited_on), sum(credited_amount) from fct_credit
            where credit_role <> 'overlay' and adjustment_reason is null and credited_on < date '2026-01-08' group by 1, 2"""
        compared = "select crm_user_id, fiscal_year, credited_amount from credit_policy_comparison where policy = 'acquirer' and basis = 'nominal'"
        assert connection.sql(f"({credited}) except ({compared})").fetchall() == []
        assert connection.sql(f"({compared}) except ({credited})").fetchall() == []


def test_the_house_holds_what_is_sold_to_its_accounts_and_has_no_ratio(first_night: Home) -> None:
    """By the owner's lenses it is a holder with value and cost, whose row says why it has no ratio; never unknown."""
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        rows = connection.sql("""
            select value_amount <> 0 and cost_amount <> 0 as has_both, value_ratio, ratio_withheld_reason from rep_value
            inner join dim_rep using (crm_user_id) where rep_role = 'house' and lens = 'as_was' and reading = 'year'
        """).fetchall()
        assert {row[1:] for row in rows} == {(None, "counted in the group: the role house bears no credit")}
        assert any(row[0] for row in rows)
        credited = "select sum(credited_amount) from credit_policy_comparison inner join dim_rep using (crm_user_id)"
        for policy in ("owner", "split", "acquirer"):
            assert connection.sql(f"{credited} where rep_role = 'house' and policy = '{policy}'").fetchall()[0][0] > 0, policy
        sold = connection.sql("select sum(revenue_amount) from rep_value inner join dim_rep using (crm_user_id) where rep_role = 'house' and lens = 'as_sold'")
        assert sold.fetchall()[0][0] > 0, "as sold, too"


def test_policies_differ_and_their_totals_do_not(first_night: Home) -> None:
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        totals = connection.sql(
            "select basis, fiscal_year, policy, sum(credited_amount), round(sum(share_pct), 3) from credit_policy_comparison group by 1, 2, 3"
        ).fetchall()
        assert {row[0] for row in totals} == {"nominal", "constant", "real"}
        for year in {row[:2] for row in totals}:
            of_year = [row[2:] for row in totals if row[:2] == year]
            assert {row[0] for row in of_year} == {"acquirer", "owner", "split", "handover"}
            assert len({row[1] for row in of_year}) == 1
            assert {row[2] for row in of_year} == {100}
        each = "select policy, string_agg(crm_user_id || credited_amount, ' ' order by crm_user_id) as credit from credit_policy_comparison"
        assert connection.sql(f"select count(distinct credit) from ({each} where fiscal_year = 2025 and basis = 'nominal' group by 1)").fetchall() == [(4,)]
