"""The other answers: keys, ranges, tie-outs with what was sold, and how far the company's figures moved since the last publication."""

from expectations.marts.values import LENSES
from expectations.vocabulary import BLOCK, NO_KEY, NOTE, drift, in_set, not_null, rule, suite, ties_out, unique_key
from orchestration.settings import BASES, CREDIT_POLICIES

_BASIS = "a basis without a name can't be filtered to, and its rows would be added to those of another"
_LENS = "a lens without a name can't be filtered to, and its rows would be added to those of another"
_PAST = "a fiscal year gone by moves only by late or corrected deliveries, and those are small; if more is true, set drift_accepted_on"
_TOTAL = "sales of all years only ever grow, refunds apart; a third less is a source that lost its history; if it is true, set drift_accepted_on"
_AMOUNTS = ("left_amount", "right_amount")

CUSTOMER_LIFETIME_VALUE = suite(
    "customer_lifetime_value",
    "main.customer_lifetime_value",
    "answers",
    ("account_id", "basis"),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("account_id", "basis")),
    unique_key("account_id", "basis", severity=BLOCK, why=NO_KEY),
    in_set("basis", BASES, severity=BLOCK, why=_BASIS),
    not_null("realised_ltv_amount", severity=BLOCK, why="an account is here because it has a line, and so a value"),
    in_set(
        "acquisition_basis",
        ("declared", "inferred", "left_censored"),
        severity=BLOCK,
        why="whether an acquisition was seen or guessed decides if a cohort is comparable",
    ),
    ties_out(
        "value_is_what_was_sold",
        """
        select
            'all accounts' as total,
            (select coalesce(sum(revenue_amount), 0) from main.fct_order_line where ordered_on < $as_of) as left_amount,
            (select coalesce(sum(realised_ltv_amount), 0) from {batch} where basis = 'nominal') as right_amount
        """,
        keys=("total",),
        shows=_AMOUNTS,
        why="each line belongs to one account",
    ),
)

GOAL_ATTAINMENT = suite(
    "goal_attainment",
    "main.goal_attainment",
    "answers",
    ("goal_id", "goal_version", "lens", "basis"),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("goal_id", "goal_version", "lens", "basis")),
    unique_key("goal_id", "goal_version", "lens", "basis", severity=BLOCK, why=NO_KEY),
    in_set("lens", LENSES, severity=BLOCK, why=_LENS),
    in_set("basis", BASES, severity=BLOCK, why=_BASIS),
    in_set("owner_type", ("rep", "team", "territory", "company"), severity=BLOCK, why="a goal of another owner is measured against nothing"),
    rule("person_only_of_reps", "(crm_user_id is not null) <> (owner_type = 'rep')", severity=BLOCK, why="a team's goal is no person's, and a rep's is one's"),
    rule("period_not_empty", "coalesce(period_end_on <= period_start_on, true)", severity=BLOCK, why="a period without a day has no actual figure"),
    rule(
        "attainment_is_actual_by_target",
        "(attainment_pct is null) <> (target_amount = 0 or target_amount is null or actual_amount is null)"
        " or abs(attainment_pct - 100 * cast(actual_amount as double) / cast(nullif(target_amount, 0) as double)) > 0.000001",
        severity=BLOCK,
        why="attainment = 100 x actual / target, and null where the target is 0",
    ),
    ties_out(
        "company_same_through_each_lens",
        """
        select goals.goal_id, goals.goal_version, goals.lens, goals.basis, sold.actual_amount as left_amount, goals.actual_amount as right_amount
        from (select * from {batch} where owner_type = 'company') as goals
        inner join (select * from {batch} where lens = 'as_sold') as sold
            on goals.goal_id = sold.goal_id and goals.goal_version = sold.goal_version and goals.basis = sold.basis
        where goals.actual_amount is not null or sold.actual_amount is not null
        """,
        keys=("goal_id", "goal_version", "lens", "basis"),
        shows=_AMOUNTS,
        why="a lens moves sales between reps, teams and territories; the company's are the same through each",
    ),
)

COMPANY_REVENUE = suite(
    "company_revenue",
    "main.company_revenue",
    "answers",
    ("fiscal_year", "channel", "basis"),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("fiscal_year", "channel", "basis")),
    unique_key("fiscal_year", "channel", "basis", severity=BLOCK, why=NO_KEY),
    in_set("basis", BASES, severity=BLOCK, why=_BASIS),
    rule(
        "is_here_for_something",
        "coalesce(order_count, 0) < 1 and coalesce(declared_amount, 0) = 0",
        severity=BLOCK,
        why="a year and channel are here because there was an order, or something of the declared measure",
    ),
    ties_out(
        "revenue_is_what_was_sold",
        """
        select
            'all years' as total,
            (select coalesce(sum(revenue_amount), 0) from main.fct_order_line where ordered_on < $as_of) as left_amount,
            (select coalesce(sum(revenue_amount), 0) from {batch} where basis = 'nominal') as right_amount
        """,
        keys=("total",),
        shows=_AMOUNTS,
        why="each line is in one year and channel",
    ),
    drift(
        "total_not_fallen",
        """
        select amount_before, amount_now
        from (
            select
                (select sum(revenue_amount) from previous.main.company_revenue where basis = 'nominal') as amount_before,
                (select coalesce(sum(revenue_amount), 0) from {batch} where basis = 'nominal') as amount_now
        ) as totals
        where amount_now < 0.7 * amount_before
        """,
        previous=("company_revenue",),
        keys=("amount_before", "amount_now"),
        why=_TOTAL,
    ),
    drift(
        "past_year_not_moved",
        """
        with
            before as (select fiscal_year, sum(revenue_amount) as amount from previous.main.company_revenue where basis = 'nominal' group by fiscal_year),
            today as (select fiscal_year, sum(revenue_amount) as amount from {batch} where basis = 'nominal' group by fiscal_year)
        select before.fiscal_year, before.amount as amount_before, coalesce(today.amount, 0) as amount_now
        from before
        left join today on before.fiscal_year = today.fiscal_year
        where
            before.fiscal_year < (select max(fiscal_year) from before)
            and abs(coalesce(today.amount, 0) - before.amount) > 0.05 * abs(before.amount)
        """,
        previous=("company_revenue",),
        keys=("fiscal_year",),
        shows=("amount_before", "amount_now"),
        why=_PAST,
    ),
)

_PAY_KEY = ("crm_user_id", "component", "currency", "fiscal_year")
PAY_RECONCILIATION = suite(
    "pay_reconciliation",
    "main.pay_reconciliation",
    "answers",
    _PAY_KEY,
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in _PAY_KEY),
    unique_key(*_PAY_KEY, severity=BLOCK, why=NO_KEY),
    *(
        rule(
            f"paid_is_earned_and_moved_{name}",
            f"abs(earned{amount} - unpaid{amount} + earned_before{amount} - paid{amount}) >= 0.005",
            severity=BLOCK,
            why="what was paid is what was earned, less what is paid in another year, with what another year earned",
        )
        for name, amount in (("reporting", "_amount"), ("local", "_local_amount"))
    ),
    ties_out(
        "earned_is_what_reps_cost",
        """
        select
            coalesce(costs.component, earned.component) as component, coalesce(costs.currency, earned.currency) as currency,
            coalesce(costs.amount, 0) as left_amount, coalesce(earned.amount, 0) as right_amount
        from (
            select component, currency, sum(cost_local_amount) as amount
            from main.fct_rep_cost
            where
                month_on < $as_of
                -- Of a month that a year's end cuts, the part that has not begun.
                and fiscal_year <= (select max(fiscal_year) from main.dim_date where date_on < $as_of)
                and component not in ('expenses', 'tools', 'overhead', 'coaching', 'management')
            group by component, currency
        ) as costs
        full join (
            select component, currency, sum(earned_local_amount) as amount from (select * from {batch}) as pay group by component, currency
        ) as earned on costs.component = earned.component and costs.currency = earned.currency
        """,
        keys=("component", "currency"),
        why="pay as earned is the pay that every cost counts, in each currency",
    ),
)

_LEDGER_KEY = ("month_on", "cost_centre", "ledger_kind", "currency")
LEDGER_TIE = suite(
    "ledger_tie",
    "main.ledger_tie",
    "answers",
    _LEDGER_KEY,
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in _LEDGER_KEY),
    unique_key(*_LEDGER_KEY, severity=BLOCK, why=NO_KEY),
    rule(
        "difference_is_named",
        "abs(files_less_books_amount - not_in_books_amount + not_in_files_amount - other_cost_centre_amount) >= 0.005"
        " or abs(payroll_amount + expenses_amount + marketing_amount - books_amount - files_less_books_amount) >= 0.005",
        severity=BLOCK,
        why="whoever signs the books sees each cent of the difference under one name",
    ),
    ties_out(
        "other_centres_cancel",
        """
        select month_on, ledger_kind, currency, 0 as left_amount, sum(other_cost_centre_amount) as right_amount
        from {batch}
        group by month_on, ledger_kind, currency
        """,
        keys=("month_on", "ledger_kind", "currency"),
        why="what stands in another cost centre is missing in one and too much in another",
    ),
    rule(
        "books_agree",
        "abs(files_less_books_amount) >= 0.005",
        severity=NOTE,
        why="the books and the files say different things of the month; look at the row's named parts and mend what is wrong",
    ),
)

_POLICY_KEY = ("crm_user_id", "fiscal_year", "policy", "basis")
CREDIT_POLICY_COMPARISON = suite(
    "credit_policy_comparison",
    "main.credit_policy_comparison",
    "answers",
    _POLICY_KEY,
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in _POLICY_KEY),
    unique_key(*_POLICY_KEY, severity=BLOCK, why=NO_KEY),
    in_set("basis", BASES, severity=BLOCK, why=_BASIS),
    ties_out(
        "same_total_under_each_policy",
        f"""
        select years.fiscal_year, policies.policy, years.basis, years.amount as left_amount, coalesce(credit.amount, 0) as right_amount
        from (
            select fiscal_year, basis, coalesce(sum(credited_amount) filter (policy = 'acquirer'), 0) as amount from {{batch}} group by fiscal_year, basis
        ) as years
        cross join (values {", ".join(f"('{policy}')" for policy in CREDIT_POLICIES)}) as policies(policy)
        left join (
            select fiscal_year, policy, basis, sum(credited_amount) as amount from {{batch}} group by fiscal_year, policy, basis
        ) as credit on years.fiscal_year = credit.fiscal_year and policies.policy = credit.policy and years.basis = credit.basis
        """,
        keys=("fiscal_year", "policy", "basis"),
        shows=_AMOUNTS,
        why="a policy says who is credited, never with how much in all: of a fiscal year each of them credits the same total, in whichever money",
    ),
)

TIE_OUT = suite(
    "tie_out",
    "main.tie_out",
    "answers",
    ("tie_out",),
    rule("is_tied", "not coalesce(is_tied, false)", severity=BLOCK, why="readers are shown this table: what must be equal there is"),
)

# In the order of the bridge: what lies between two totals must add up to the second.
BRIDGE_STEPS = (
    "won",
    "won without a line",
    "changed after the win",
    "won without an amount",
    "exchange since the win",
    "booked in another year",
    "won in another year",
    "of a deal not won",
    "without a deal",
    "terminated early",
    "refunded",
    "booked",
    "partner share",
    "net",
)
_SUMS_OF_STEPS = """
        select
            fiscal_year,
            basis,
            sum(case when bridge_step = 'won' then bridge_amount else 0 end) as won_amount,
            sum(case when step_number between 2 and 11 then bridge_amount else 0 end) as between_amount,
            sum(case when bridge_step = 'booked' then bridge_amount else 0 end) as booked_amount,
            sum(case when bridge_step = 'partner share' then bridge_amount else 0 end) as partner_amount,
            sum(case when bridge_step = 'net' then bridge_amount else 0 end) as net_amount
        from {batch}
        group by fiscal_year, basis
"""
DEAL_BRIDGE = suite(
    "deal_bridge",
    "main.deal_bridge",
    "answers",
    ("fiscal_year", "basis", "bridge_step"),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("fiscal_year", "basis", "bridge_step")),
    unique_key("fiscal_year", "basis", "bridge_step", severity=BLOCK, why=NO_KEY),
    in_set("basis", BASES, severity=BLOCK, why=_BASIS),
    in_set("bridge_step", BRIDGE_STEPS, severity=BLOCK, why="a step without a name explains nothing"),
    ties_out(
        "steps_lead_to_booked",
        f"select fiscal_year, basis, won_amount + between_amount as left_amount, booked_amount as right_amount from ({_SUMS_OF_STEPS}) as sums",
        keys=("fiscal_year", "basis"),
        shows=_AMOUNTS,
        why="each deal and each order line has one place in the bridge: nothing is left over",
    ),
    ties_out(
        "booked_leads_to_net",
        f"select fiscal_year, basis, booked_amount + partner_amount as left_amount, net_amount as right_amount from ({_SUMS_OF_STEPS}) as sums",
        keys=("fiscal_year", "basis"),
        shows=_AMOUNTS,
        why="what the company keeps is what was booked without the partner's part",
    ),
    ties_out(
        "won_is_the_funnels",
        f"""
        select
            coalesce(funnel.fiscal_year, bridge.fiscal_year) as fiscal_year, coalesce(funnel.basis, bridge.basis) as basis,
            coalesce(funnel.won_amount, 0) as left_amount, coalesce(bridge.won_amount, 0) as right_amount
        from (select fiscal_year, basis, won_amount from main.deal_funnel where cut_type = 'company') as funnel
        full join ({_SUMS_OF_STEPS}) as bridge on funnel.fiscal_year = bridge.fiscal_year and funnel.basis = bridge.basis
        """,
        keys=("fiscal_year", "basis"),
        shows=_AMOUNTS,
        why="the bridge begins where the funnel of deals ends",
    ),
    ties_out(
        "booked_is_the_contracts",
        f"""
        select
            coalesce(contracts.fiscal_year, bridge.fiscal_year) as fiscal_year, coalesce(contracts.basis, bridge.basis) as basis,
            coalesce(contracts.amount, 0) as left_amount, coalesce(bridge.booked_amount, 0) as right_amount
        from (select fiscal_year, basis, sum(bookings_amount) as amount from main.contract_value group by fiscal_year, basis) as contracts
        full join ({_SUMS_OF_STEPS}) as bridge on contracts.fiscal_year = bridge.fiscal_year and contracts.basis = bridge.basis
        """,
        keys=("fiscal_year", "basis"),
        shows=_AMOUNTS,
        why="the bridge ends in what was booked, whoever sold it",
    ),
)

SUITES = (CUSTOMER_LIFETIME_VALUE, GOAL_ATTAINMENT, COMPANY_REVENUE, CREDIT_POLICY_COMPARISON, DEAL_BRIDGE, PAY_RECONCILIATION, LEDGER_TIE, TIE_OUT)
