"""AdventureWorks, the sample company: its tables as the sample's own scripts deliver them."""

from expectations.raw.contract import raw_suites
from expectations.vocabulary import BLOCK, NOTE, QueryCheck, Severity, as_date, in_set, no_rows, not_after_extract, number_between, rule

_MILLION = 1_000_000


def _names(column: str, parent: str, *, keys: tuple[str, ...], severity: Severity, why: str) -> QueryCheck:
    """What the column names is in the parent file, whose key has the same name or is `BusinessEntityID`."""
    parent_key = "BusinessEntityID" if parent in ("SalesPerson", "Employee", "Store") else column
    sql = f"""
        select {", ".join(f'child."{key}"' for key in keys)}, child."{column}", child._file, child._line
        from (select * from {{batch}}) as child
        left join (select distinct "{parent_key}" as parent_key from raw."adventureworks__{parent}") as parent on child."{column}" = parent.parent_key
        where child."{column}" is not null and parent.parent_key is null
    """
    return no_rows(f"{column}_delivered", sql, keys=(*keys, "_file", "_line"), shows=(column,), severity=severity, why=why)


SUITES = raw_suites(
    "adventureworks",
    "adventureworks",
    {
        "SalesOrderHeader": (
            number_between("SubTotal", 0, _MILLION, severity=BLOCK, why="the sample has no refunds and no order over 200,000"),
            not_after_extract("OrderDate", why="ordered after the extract: not counted until the as-of date reaches it"),
            _names("TerritoryID", "SalesTerritory", keys=("SalesOrderID",), severity=BLOCK, why="revenue of a territory that has no name is in no region"),
            _names("CustomerID", "Customer", keys=("SalesOrderID",), severity=BLOCK, why="an order without its customer is nobody's lifetime value"),
            _names("SalesPersonID", "SalesPerson", keys=("SalesOrderID",), severity=BLOCK, why="an order of a seller that we lack is sold by nobody known"),
        ),
        "SalesOrderHeaderSalesReason": (
            _names(
                "SalesReasonID",
                "SalesReason",
                keys=("SalesOrderID",),
                severity=BLOCK,
                why="a reason that we don't have can't be the method by which the account was won",
            ),
        ),
        "SalesReason": (
            in_set("ReasonType", ("Marketing", "Promotion", "Other"), severity=BLOCK, why="the method is chosen in this order of types; another has no place"),
        ),
        "EmployeePayHistory": (
            rule("rate_positive", """try_cast("Rate" as decimal(38, 10)) <= 0""", severity=BLOCK, why="an hour of work costs something"),
            number_between("Rate", 0, 1000, severity=NOTE, why="dollars an hour; the sample's highest is 125.50"),
            not_after_extract("RateChangeDate", why="a rate from after the extract isn't paid yet"),
        ),
        "SalesPerson": (number_between("CommissionPct", 0, 1, severity=BLOCK, why="a share of revenue, 0 to 1: 1.2 for 1.2 % would cost more than was sold"),),
        "SalesPersonQuotaHistory": (
            number_between("SalesQuota", 0, None, severity=BLOCK, why="a negative target is reached by doing nothing"),
            _names("BusinessEntityID", "SalesPerson", keys=("BusinessEntityID", "QuotaDate"), severity=BLOCK, why="a quota of nobody has no actual figure"),
        ),
        "SalesTerritoryHistory": (
            rule(
                "EndDate_not_before_StartDate",
                f"{as_date('EndDate')} < {as_date('StartDate')}",
                severity=NOTE,
                why="a seat that ends before it begins was never held; the last day is inclusive here",
            ),
            _names(
                "TerritoryID",
                "SalesTerritory",
                keys=("BusinessEntityID", "StartDate"),
                severity=BLOCK,
                why="a seat in a nameless territory is in no group",
            ),
        ),
        "Customer": (_names("StoreID", "Store", keys=("CustomerID",), severity=NOTE, why="a store that we don't have has no industry: shown as unknown"),),
    },
)
