"""Dimensions: one row a member, the unknown one among them, and none lost since the last publication."""

from collections.abc import Iterator

from expectations.vocabulary import BLOCK, NOTE, Check, Suite, drift, no_rows, not_null, suite, unique_key

_KEY = "a fact joined to a member without a key, or to two, counts never or twice"
_UNKNOWN = "facts that no member is known for need one to join to, else their money drops out of the total"
_FEWER = "members of years gone by stay; fewer than before means that a source forgot some"

_KEYS = {
    "dim_date": ("date_on",),
    "dim_rep": ("crm_user_id",),
    "dim_team": ("team_id",),
    "dim_manager": ("manager_crm_user_id",),
    "dim_territory": ("territory_id",),
    "dim_customer": ("account_id",),
    "dim_industry": ("industry",),
    "dim_acquisition_method": ("acquisition_method",),
    "dim_metric": ("metric", "version"),
}
# A fact always has its day and its metric.
_WITHOUT_UNKNOWN = {"dim_date", "dim_metric"}


def _dimension(name: str, key: tuple[str, ...]) -> Suite:
    return suite(name, f"main.{name}", "marts", key, *_checks(name, key))


def _checks(name: str, key: tuple[str, ...]) -> Iterator[Check]:
    for column in key:
        yield not_null(column, severity=BLOCK, why=_KEY)
    yield unique_key(*key, severity=BLOCK, why=_KEY)
    if name not in _WITHOUT_UNKNOWN:
        yield no_rows(
            "has_unknown_member",
            f"select 'unknown' as {key[0]} where not exists (select * from {{batch}} where {key[0]} = 'unknown')",
            keys=key,
            severity=BLOCK,
            why=_UNKNOWN,
        )
    yield drift(
        "rows_not_fewer",
        f"""
        select rows_before, rows_now
        from (select (select count(*) from previous.main.{name}) as rows_before, (select count(*) from {{batch}}) as rows_now) as counted
        where rows_now < rows_before
        """,
        previous=(name,),
        keys=("rows_before", "rows_now"),
        severity=NOTE,
        why=_FEWER,
    )


SUITES = tuple(_dimension(name, key) for name, key in _KEYS.items())
