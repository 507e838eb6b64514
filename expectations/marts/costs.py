"""Facts of cost: what each line costs, in which money, and whose it is, tied out to what was delivered."""

from expectations.marts.facts import LATEST, NO_RATE
from expectations.vocabulary import BLOCK, NO_KEY, NOTE, in_set, names_a_row, no_rows, not_null, rule, suite, ties_out, unique_key

COMPONENTS_APART = ("severance", "sign_on", "recruiting", "paid_leave")

ALLOCATED = ("tools", "overhead", "coaching", "management")

COMPONENTS = ("base", "commission", "bonus", "taxes", "benefits", "expenses", "other", "clawback", *ALLOCATED, *COMPONENTS_APART)

# Of what kind of delivery a component is the cost; what moves from managers to reps adds up to nothing.
_KIND = """case
                    when component = 'expenses' then 'expense_line' when component in ('tools', 'overhead') then 'cost_pool'
                    when component = 'coaching' then 'coaching' else 'pay_item'
                end"""

_MONTH = "costs are kept a month; another day would fall out of sums by month"

CORE_COST_LINE = suite(
    "core_cost_line",
    "core.core_cost_line",
    "core",
    ("_file", "_line"),
    no_rows(
        "rate_known",
        "select component, currency, month_on, _file, _line from {batch} where cost_local_amount is not null and cost_amount is null",
        keys=("_file", "_line", "component", "currency", "month_on"),
        severity=BLOCK,
        why=NO_RATE,
    ),
    rule(
        "someone_or_a_reason",
        "(crm_user_id is null) = (nobodys_reason is null)",
        severity=BLOCK,
        why="a cost is a rep's, the unknown member's, or nobody's with the reason: one of them, and never none",
    ),
)

CORE_POOL_LINE, CORE_COACHING_LINE = (
    suite(
        f"core_{name}",
        f"core.core_{name}",
        "core",
        ("_file", "_line"),
        no_rows(
            "rate_known",
            "select currency, month_on, _file, _line from {batch} where cost_local_amount is not null and cost_amount is null",
            keys=("_file", "_line", "currency", "month_on"),
            severity=BLOCK,
            why=NO_RATE,
        ),
    )
    for name in ("pool_line", "coaching_line")
)

CORE_PAY_GAP = suite(
    "core_pay_gap",
    "core.core_pay_gap",
    "core",
    ("crm_user_id", "month_on", "component"),
    no_rows(
        "employed_days_have_base_pay",
        "select crm_user_id, fiscal_year, sum(days_employed) as days_employed from {batch} where component = 'base' group by all",
        keys=("crm_user_id", "fiscal_year"),
        shows=("days_employed",),
        severity=NOTE,
        why="employed days without base pay: the year's cost is too low, and is told as such in cost_components_missing; an item of 0 says that there is "
        "none, and period_end_on that an item is for more than its first month",
    ),
)

REP_COST = suite(
    "fct_rep_cost",
    "main.fct_rep_cost",
    "marts",
    ("crm_user_id", "employee_number", "month_on", "fiscal_year", "component", "currency"),
    *names_a_row("crm_user_id", "employee_number", "month_on", "fiscal_year", "component", "currency"),
    in_set(
        "component",
        COMPONENTS,
        severity=BLOCK,
        why="each of these is on one side of the ratio, in a year or apart from it; of another nobody said where it belongs",
    ),
    rule("month_is_first", "extract(day from month_on) <> 1", severity=BLOCK, why=_MONTH),
    ties_out(
        "delivered_cost_kept",
        f"""
        select
            coalesce(delivered.entity, kept.entity) as entity, coalesce(delivered.currency, kept.currency) as currency,
            delivered.amount as left_amount, kept.amount as right_amount
        from (
            select entity, currency, sum(amount) as amount
            from (
                select 'pay_item' as entity, currency, pay_amount as amount from core.core_pay_item_history where {LATEST}
                union all
                select 'expense_line', currency, expense_amount from core.core_expense_line_history where {LATEST}
                union all
                select 'cost_pool', currency, pool_amount from core.core_cost_pool_history where {LATEST}
                union all
                select 'coaching', currency, coaching_cost_amount from core.core_coaching_history where {LATEST} and coaching_cost_amount is not null
            ) as lines
            group by entity, currency
        ) as delivered
        full join (
            select entity, currency, sum(amount) as amount
            from (
                select {_KIND} as entity, currency, cost_local_amount as amount from {{batch}}
                union all
                select {_KIND}, currency, cost_local_amount from main.unattributed_cost
                union all
                select entity, currency, taken_over_local_amount
                from main.taken_over
                where entity in ('pay_item', 'expense_line', 'cost_pool', 'coaching')
            ) as costs
            group by entity, currency
        ) as kept on delivered.entity = kept.entity and delivered.currency = kept.currency
        where delivered.amount is not null or kept.amount <> 0
        """,
        keys=("entity", "currency"),
        why="pay, expenses, pools and coaching delivered = rep cost + explicitly nobody's + told by another source that took over, in each currency",
    ),
    ties_out(
        "cost_is_someones_or_nobodys",
        f"""
        select
            coalesce(lines.month_on, kept.month_on) as month_on, coalesce(lines.component, kept.component) as component,
            lines.amount as left_amount, kept.amount as right_amount
        from (
            select cast(date_trunc('month', month_on) as date) as month_on, component, sum(cost_amount) as amount
            from core.core_cost_line
            group by 1, 2
        ) as lines
        full join (
            select month_on, component, sum(cost_amount) as amount
            from (
                select month_on, component, cost_amount from {{batch}}
                union all
                select month_on, component, cost_amount from main.unattributed_cost
            ) as costs
            where component not in ({", ".join(f"'{component}'" for component in ALLOCATED)})
            group by month_on, component
        ) as kept on lines.month_on = kept.month_on and lines.component = kept.component
        """,
        keys=("month_on", "component"),
        why="in reporting money too, every cost line is in one of the two tables, and once",
    ),
    ties_out(
        "what_moves_stays",
        """
        select month_on, currency, 0 as left_amount, sum(cost_local_amount) as right_amount
        from (select * from {batch}) as costs
        where component = 'management'
        group by month_on, currency
        """,
        keys=("month_on", "currency"),
        why="what reps carry of their managers, these carry less: management adds up to nothing",
    ),
)

UNATTRIBUTED_COST = suite(
    "unattributed_cost",
    "main.unattributed_cost",
    "marts",
    ("employee_number", "month_on", "component", "currency", "reason"),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("employee_number", "month_on", "component", "currency")),
    not_null("reason", severity=BLOCK, why="nobody's cost says why it is nobody's, so that someone can object"),
    unique_key("employee_number", "month_on", "component", "currency", "reason", severity=BLOCK, why=NO_KEY),
)

_CLAWBACK_KEY = ("employee_number", "period_start_on", "item_code")

CLAWBACK = suite(
    "fct_clawback",
    "main.fct_clawback",
    "marts",
    _CLAWBACK_KEY,
    *names_a_row(*_CLAWBACK_KEY),
    rule(
        "names_a_commission",
        "commission_pay_amount is null",
        severity=NOTE,
        why="it takes back no commission that was delivered of this employee; name period and code of the commission in clawed_period_start_on and "
        "clawed_item_code. It is cost of its own month all the same",
    ),
)

SUITES = (
    CORE_COST_LINE,
    CORE_POOL_LINE,
    CORE_COACHING_LINE,
    CORE_PAY_GAP,
    REP_COST,
    UNATTRIBUTED_COST,
    CLAWBACK,
)
