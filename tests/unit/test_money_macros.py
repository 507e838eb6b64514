"""What money.sql divides comes out as whole numbers of any length do: short ones take a shorter way, and meet the long one where it ends."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import product
from typing import Any

import duckdb
import pytest
from jinja2 import Environment

from orchestration.settings import DBT_DIR

UNIT = Decimal("0.0001")
# Around where the short way of one number ends, and that of a product of two.
NUMBERS = [Decimal(text) for text in ("0", "0.0001", "1", "3", "7.5", "365", "63245.5532", "99999.9999", "999999999", "999999999.0001", "12345678901234.5678")]
EITHER_SIGN = sorted({sign * number for sign in (1, -1) for number in NUMBERS})


@pytest.fixture(scope="module")
def macros() -> Any:
    return Environment().from_string((DBT_DIR / "macros/money.sql").read_text(encoding="utf-8")).module


def units(number: Decimal) -> int:
    return int(number / UNIT)


def half_away(numerator: int, denominator: int) -> int:
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    return sign * ((2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator)))


def asked(names: str, types: str, rows: Iterable[tuple[Any, ...]], sql: str) -> list[tuple[Any, ...]]:
    """The rows with what the SQL says of each behind them."""
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(names.split(), types.split(), strict=True))
        connection.execute(f"create table given ({columns})")
        connection.executemany(f"insert into given values ({', '.join('?' for _ in names.split())})", list(rows))
        return connection.execute(f"select *, {sql} from given").fetchall()


def test_an_amount_is_a_whole_number_of_its_units(macros: Any) -> None:
    told = asked("amount", "decimal(18,4)", [(number,) for number in EITHER_SIGN], macros.money_units("amount"))
    assert [count for _, count in told] == [units(number) for number, _ in told]


def test_a_part_is_rounded_half_away_from_zero(macros: Any) -> None:
    rows = [(a, p, w) for a, p, w in product(EITHER_SIGN, EITHER_SIGN, EITHER_SIGN) if w and abs(half_away(units(a) * units(p), units(w))) < 10**18]
    told = asked("amount part whole", "decimal(18,4) decimal(18,4) decimal(18,4)", rows, macros.money_part("amount", "part", "whole"))
    wrong = [(a, p, w, found) for a, p, w, found in told if units(found) != half_away(units(a) * units(p), units(w))]
    assert (len(told) > 4000, wrong) == (True, [])


RATES = [Decimal(text) for text in ("0.000000000001", "0.000000999999", "0.000001", "0.5", "0.0000005", "0.999999999999", "1", "1.000000000001")]
RATES += [Decimal(text) for text in ("1.0000005", "1.234567891234", "16250.75", "99998.999999999999", "99999", "100000.5", "123456789.123456789")]


def test_an_amount_times_a_rate_is_rounded_half_away_from_zero(macros: Any) -> None:
    numbers = [*EITHER_SIGN, *(Decimal(text) for text in ("399999999", "399999999.0001", "-0.0005", "12345.6789", "-87654.3211", "360000000.0001"))]
    long = {(a, r): half_away(units(a) * int(r.scaleb(12)), 10**12) for a, r in product(numbers, RATES)}
    told = asked("amount rate", "decimal(18,4) decimal(24,12)", [row for row, n in long.items() if abs(n) < 10**18], macros.money_product("amount", "rate"))
    wrong = [(a, r, found) for a, r, found in told if units(found) != long[a, r]]
    assert (len(told) > 300, wrong) == (True, [])


def test_a_quotient_of_whole_numbers_is_cut_towards_zero(macros: Any) -> None:
    numbers = [0, 1, 7, 10**9, 3 * 10**9 - 1, 3 * 10**9, 3 * 10**9 + 1, 10**18, 9 * 10**18, 10**19]
    rows = [(sign * n, f, d) for sign, n, f, d in product((1, -1), numbers, numbers, numbers) if d]
    told = asked("number factor divisor", "hugeint hugeint hugeint", rows, macros.whole_quotient("number", "factor", "divisor"))
    cut = {(n, f, d): (abs(n) * f // d) * (-1 if n < 0 else 1) for n, f, d in rows}
    assert [row for row in told if row[3] != cut[row[:3]]] == []


@pytest.mark.parametrize("amount", ["0", "0.0001", "100", "-100", "99999.9999", "999999999.0001", "-12345678901234.5678"])
@pytest.mark.parametrize("weights", [("1", "1", "1"), ("0.5", "0", "12345.6789"), ("999999999.0001", "3", "999999999.0001"), ("1",)])
def test_parts_equal_the_whole_and_the_largest_rests_are_rounded_up(macros: Any, amount: str, weights: tuple[str, ...]) -> None:
    whole, shares = units(Decimal(amount)), [units(Decimal(weight)) for weight in weights]
    total, sign = sum(shares), -1 if whole < 0 else 1
    floors = [abs(whole) * share // total for share in shares]
    by_rest = sorted(range(len(shares)), key=lambda place: (-(abs(whole) * shares[place] % total), place))
    rounded_up = by_rest[: abs(whole) - sum(floors)]
    with duckdb.connect() as connection:
        connection.execute("create table given (whole integer, part integer, amount decimal(18, 4), weight decimal(18, 4))")
        connection.executemany("insert into given values (1, ?, ?, ?)", [(place, Decimal(amount), Decimal(weight)) for place, weight in enumerate(weights)])
        sql = macros.allocate("given", ["whole"], ["part"], ["amount"], "weight", ["part_amount"])
        told = connection.execute(f"select part, part_amount from ({sql}) order by part").fetchall()
    assert [units(found) for _, found in told] == [sign * (floors[place] + (place in rounded_up)) for place in range(len(shares))]
