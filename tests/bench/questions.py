"""Twenty questions as a BI tool asks them, and how long the published file takes to answer each."""

import statistics
import time
from pathlib import Path

import duckdb

_ROUNDS = 5

QUESTIONS = (
    "from rep_year where fiscal_year = 2024 order by year_value_ratio desc limit 20",
    "select fiscal_year, sum(revenue_amount), sum(cost_amount) from rep_year group by 1 order by 1",
    "from group_year where group_type = 'team' and fiscal_year = 2024 order by group_id",
    "from group_year where group_type = 'manager' order by fiscal_year, group_id limit 50",
    "select segment, sum(revenue_amount), sum(cost_amount) from segment_year where segment_type = 'industry' group by 1 order by 1",
    "from segment_year where segment_type = 'region' and fiscal_year >= 2022",
    "from rep_value where crm_user_id = 'U0042' and lens = 'as_sold' and value_measure = 'revenue' order by reading, fiscal_year, age_months",
    "select fiscal_year, channel, revenue_amount, order_count from company_revenue order by 1, 2",
    "select owner_type, count(*), count(*) filter (attainment_pct >= 100) from goal_attainment "
    "where lens = 'as_sold' and period_end_on <= date '2024-12-31' group by 1",
    "from customer_lifetime_value order by realised_ltv_amount desc limit 20",
    "select industry, count(*), sum(realised_ltv_amount) from customer_lifetime_value group by 1 order by 1",
    "select month_on, component, sum(cost_amount) from fct_rep_cost where month_on >= date '2024-01-01' group by 1, 2 order by 1, 2",
    "select crm_user_id, sum(cost_amount) from fct_rep_cost group by 1 order by 2 desc limit 20",
    "select date_trunc('month', ordered_on), sum(revenue_amount) from fct_order_line where ordered_on >= date '2024-01-01' group by 1 order by 1",
    "from fct_order_line where account_id = 'A0000007' order by ordered_on",
    "select territory_id, sum(revenue_amount) from fct_order_line where fiscal_year = 2024 group by 1 order by 2 desc",
    "select stage, is_won, count(*), sum(reporting_amount) from fct_opportunity where created_on >= date '2024-01-01' group by 1, 2",
    "select owner_crm_user_id, count(*) from fct_opportunity where not is_closed group by 1 order by 2 desc limit 20",
    "select activity_type, sum(activity_count) from fct_activity_daily where activity_on >= date '2024-10-01' group by 1",
    "select rep.rep_name, sum(credit.credited_amount) from fct_credit as credit join dim_rep as rep using (crm_user_id) "
    "where credited_on >= date '2024-10-01' and credit_role <> 'overlay' group by 1 order by 2 desc limit 20",
)


def answer_seconds(database: Path) -> list[float]:
    """The median of some rounds for each question, in one read-only connection, as a tool keeps it open."""
    seconds = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for question in QUESTIONS:
            rounds = []
            for _ in range(_ROUNDS):
                start = time.monotonic()
                connection.execute(question).fetchall()
                rounds.append(time.monotonic() - start)
            seconds.append(statistics.median(rounds))
    return seconds
