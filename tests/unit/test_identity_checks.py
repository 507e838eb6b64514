"""By what it is seen that one id is two: of a new CRM that gave it to another, of a login that was passed on; and what a person says that settles it."""

from collections.abc import Iterator

import duckdb
import pytest

from expectations.marts.identity import USER_EMPLOYEE
from expectations.marts.reused_ids import id_not_reused
from expectations.vocabulary import QueryCheck

COLUMNS = {"crm_user": ("employee_number", "email"), "account": ("account_name",), "opportunity": ("account_id",)}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """crm answers until 2025, new_crm from then on; what a third source says is no concern of theirs."""
    with duckdb.connect() as connection:
        connection.execute("""
            create schema core;
            create table core.core_takeover as
            select unnest(['crm_user', 'account', 'opportunity']) as entity, 'crm' as taken_source, 'new_crm' as taking_source;
            create table core.core_crosswalk (id_kind varchar, from_id varchar, to_id varchar, match_basis varchar);
        """)
        for entity, columns in COLUMNS.items():
            cells = "".join(f", {column} varchar" for column in columns)
            connection.execute(f"create table core.core_{entity}_history ({entity}_id varchar, _source varchar, known_to_on date default '9999-12-31'{cells})")
        yield connection


def found(connection: duckdb.DuckDBPyConnection, entity: str, *rows: tuple[str | None, ...], said: tuple[tuple[str, str, str], ...] = ()) -> bool:
    """Whether id 1 means another. rows: source, then what it says; said: kind, from and to of the crosswalk."""
    cells = ", ".join(COLUMNS[entity])
    for source, *told in rows:
        blanks = ", ".join("?" * len(told))
        connection.execute(f"insert into core.core_{entity}_history ({entity}_id, _source, {cells}) values ('1', ?, {blanks})", [source, *told])
    for row in said:
        connection.execute("insert into core.core_crosswalk values (?, ?, ?, 'crosswalk')", row)
    check = id_not_reused(entity, f"{entity}_id")
    keys = connection.sql(check.sql.replace("{batch}", f"(select * from core.core_{entity}_history) as batch")).fetchall()
    assert keys in ([], [("1", "crm", "new_crm")])
    return bool(keys)


@pytest.mark.parametrize(
    ("rows", "is_another"),
    [
        ([("crm", "E1", "ann@x"), ("new_crm", "E2", "ann@x")], True),
        ([("crm", "E1", "ann@old"), ("new_crm", "E1", "ann@new")], False),
        ([("crm", "E1", None), ("crm", "E11", None), ("new_crm", "E11", None)], False),
        ([("crm", None, "ann@x"), ("new_crm", "E2", "bob@x")], True),
        ([("crm", None, "Ann@x "), ("new_crm", "E2", "ann@X")], False),
        ([("crm", None, "ann@x"), ("new_crm", None, None)], False),
        ([("crm", "E1", None), ("hr", "E2", None)], False),
    ],
)
def test_a_user_is_another_by_number_then_by_email(connection: duckdb.DuckDBPyConnection, rows: list[tuple[str | None, ...]], is_another: bool) -> None:
    assert found(connection, "crm_user", *rows) is is_another


def test_a_user_of_two_numbers_is_one_when_both_are_said_to_be_that_user(connection: duckdb.DuckDBPyConnection) -> None:
    """One row alone may have been written for the user of the one source."""
    assert found(connection, "crm_user", ("crm", "E1", None), ("new_crm", "E2", None), said=(("employee", "E1", "1"),))
    assert not found(connection, "crm_user", said=(("employee", "E2", "1"),))


def test_a_user_of_whom_only_the_crosswalk_knows_a_number_is_another_by_that(connection: duckdb.DuckDBPyConnection) -> None:
    assert found(connection, "crm_user", ("crm", None, "ann@x"), ("new_crm", "E2", None), said=(("employee", "E1", "1"),))


@pytest.mark.parametrize(
    ("older", "newer", "is_another"),
    [
        ("Alpha", "Omega", True),
        ("Alpha", "ALPHA, Inc.", False),
        ("O'Neil & Sons", "ONeil Sons", False),
        ("Customer 1", "Customer 10", True),
        ("株式会社", "有限会社", True),
        ("Alpha", None, False),
        ("Alpha", "--", False),
    ],
)
def test_an_account_is_another_by_name(connection: duckdb.DuckDBPyConnection, older: str, newer: str | None, is_another: bool) -> None:
    assert found(connection, "account", ("crm", older), ("new_crm", newer)) is is_another


def test_an_account_that_a_person_looked_at_is_left_alone(connection: duckdb.DuckDBPyConnection) -> None:
    assert not found(connection, "account", ("crm", "Alpha"), ("new_crm", "Omega"), said=(("account", "1", "7"),))


def test_a_deal_is_another_where_it_is_with_another_account_that_the_older_source_knows(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into core.core_account_history (account_id, _source) values ('a1', 'crm'), ('a2', 'crm'), ('b2', 'new_crm')")
    assert not found(connection, "opportunity", ("crm", "a1"), ("new_crm", "b2"))
    assert found(connection, "opportunity", said=(("account", "b2", "a2"),))
    assert not found(connection, "opportunity", ("new_crm", "a1"))


ALWAYS = ("2020-01-01", None, "2025-01-01", "9999-12-31")


@pytest.mark.parametrize(
    ("one", "other", "basis", "is_blocked"),
    [
        (ALWAYS, ALWAYS, "employee number", True),
        (ALWAYS, ALWAYS, "e-mail", True),
        (ALWAYS, ALWAYS, "crosswalk", False),
        ((None, None, *ALWAYS[2:]), ALWAYS, "employee number", True),
        # Hired again on the day after the last one.
        (("2020-01-01", "2024-05-01", *ALWAYS[2:]), ("2024-05-01", None, *ALWAYS[2:]), "employee number", False),
        (("2020-01-01", "2024-05-02", *ALWAYS[2:]), ("2024-05-01", None, *ALWAYS[2:]), "employee number", True),
        # Payroll gave everybody a new number and kept the day of hiring: the two were never in one extract.
        (("2020-01-01", None, "2025-01-01", "2025-04-01"), ("2020-01-01", None, "2025-04-01", "9999-12-31"), "employee number", False),
    ],
)
def test_a_user_is_two_employees_only_at_different_times(
    connection: duckdb.DuckDBPyConnection, one: tuple[str | None, ...], other: tuple[str | None, ...], basis: str, is_blocked: bool
) -> None:
    """Each is hired and left on; in extracts from and to."""
    connection.execute("""
        create table core.core_employee_history (
            employee_number varchar, hired_on date, left_on date, known_from_on date, valid_to_on date, known_to_on date, is_last_known boolean
        );
        create table core.core_user_employee (crm_user_id varchar, employee_number varchar, match_basis varchar);
    """)
    for number, told, how in (("E1", one, "employee number"), ("E2", other, basis)):
        connection.execute("insert into core.core_employee_history values (?, ?, ?, ?, ?, '9999-12-31', true)", [number, *told])
        connection.execute("insert into core.core_user_employee values ('u5', ?, ?)", [number, how])
    (check,) = (check for check in USER_EMPLOYEE.checks if check.name == "one_employee_a_user")
    assert isinstance(check, QueryCheck)
    keys = connection.sql(check.sql.replace("{batch}", "core.core_user_employee as batch")).fetchall()
    assert keys == ([("u5", "E1", "E2")] if is_blocked else [])
