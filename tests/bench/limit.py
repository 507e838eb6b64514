"""The limit: `limit.sql` run by DuckDB alone on a home's raw, then written out as a publication's Parquet would be.

A process of its own, so that it is measured as the command is. It says when each part begins, as the command does.
Belongs here: running the script. Doesn't: the script, comparing (`compare_rows`).
"""

import argparse
import sys
from pathlib import Path

import duckdb

# Six facts, the largest dimension and six answers, each ordered by its key, as a publication is.
KEYS = {
    "fct_order_line": "order_line_id",
    "fct_opportunity": "opportunity_id",
    "fct_credit": "order_line_id",
    "fct_activity_daily": "crm_user_id, activity_on, activity_type",
    "fct_rep_cost": "crm_user_id, employee_number, month_on, component, currency",
    "fct_customer_value": "account_id, month_on",
    "dim_customer": "account_id",
    "rep_value": "crm_user_id, reading, fiscal_year, age_months, value_measure",
    "group_value": "group_type, group_id, reading, fiscal_year, age_months, value_measure",
    "segment_value": "segment_type, segment, reading, fiscal_year, age_months, value_measure",
    "customer_lifetime_value": "account_id",
    "goal_attainment": "goal_id, goal_version",
    "company_revenue": "fiscal_year, channel",
}


def main() -> None:
    """Build `to`/limit.duckdb from raw, then `to`/parquet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--known-on", default="9999-12-31")
    options = parser.parse_args()
    options.to.mkdir(parents=True)
    with duckdb.connect(str(options.to / "limit.duckdb")) as connection:
        connection.execute("set variable raw = ?", [options.raw])
        connection.execute("set variable known_on = cast(? as date)", [options.known_on])
        print("building", file=sys.stderr, flush=True)
        connection.execute(Path(__file__).with_name("limit.sql").read_text(encoding="utf-8"))
        print("publishing", file=sys.stderr, flush=True)
        (options.to / "parquet").mkdir()
        for table, key in KEYS.items():
            connection.execute(f"copy (from {table} order by {key}) to '{options.to}/parquet/{table}.parquet' (format parquet, compression zstd)")


if __name__ == "__main__":
    main()
