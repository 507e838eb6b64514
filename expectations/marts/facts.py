"""Facts: keys, ranges, and the tie-outs of every amount from what was delivered to what is counted."""

from expectations.vocabulary import BLOCK, NOTE, Check, QueryCheck, Suite, in_set, no_rows, not_null, rule, suite, ties_out, unique_key

_KEY = "a row without its whole key can't be found again, and two of one key count twice"
_RATE = "no rate of this currency on or before the day; deliver one in fx_rate: a missing rate is never 1"
COMPONENTS_APART = ("severance", "sign_on", "recruiting", "paid_leave")
ALLOCATED = ("tools", "overhead", "coaching", "management")
COMPONENTS = ("base", "commission", "bonus", "taxes", "benefits", "expenses", "other", "clawback", *ALLOCATED, *COMPONENTS_APART)
# Of what kind of delivery a component is the cost; what moves from managers to reps adds up to nothing.
_KIND = """case
                    when component = 'expenses' then 'expense_line' when component in ('tools', 'overhead') then 'cost_pool'
                    when component = 'coaching' then 'coaching' else 'pay_item'
                end"""
_MONTH = "costs are kept a month; another day would fall out of sums by month"
_LATEST = "known_to_on = date '9999-12-31' and valid_to_on = date '9999-12-31'"


def _names_a_row(*key: str) -> tuple[Check, ...]:
    """Each column of the key is there, and no two rows share it."""
    return (*(not_null(column, severity=BLOCK, why=_KEY) for column in key), unique_key(*key, severity=BLOCK, why=_KEY))


def _fact(name: str, *key: str) -> Suite:
    """A fact of which only the key is asked here: its amounts tie out elsewhere, or it has none."""
    return suite(name, f"main.{name}", "marts", key, *_names_a_row(*key))


# Summed over all entities these are rows of tie_out; by entity, a row too many of one can't hide a lost one of another.
CORE_ROW_COUNT = suite(
    "core_row_count",
    "core.core_row_count",
    "core",
    ("entity",),
    ties_out(
        "loaded_lines_came_in",
        "select entity, loaded_lines as left_amount, rows_of_lines as right_amount from {batch}",
        keys=("entity",),
        shows=("left_amount", "right_amount"),
        why="each line that was loaded is a row of the input layer, and once",
    ),
    ties_out(
        "rows_accounted_for",
        """
        select
            entity, version_rows, repeat_rows, conflict_rows, deletion_rows, input_rows as left_amount,
            version_rows + repeat_rows + conflict_rows + deletion_rows as right_amount
        from {batch}
        """,
        keys=("entity",),
        shows=("left_amount", "right_amount", "version_rows", "repeat_rows", "conflict_rows", "deletion_rows"),
        why="each row is a version, repeats one, lost against another of its extract, or deletes its key: history neither loses rows nor makes them up",
    ),
)

# The core keeps file and line, so what can't be converted is named where it was delivered.
CORE_ORDER_LINE = suite(
    "core_order_line",
    "core.core_order_line",
    "core",
    ("order_line_id",),
    no_rows(
        "rate_known",
        "select order_line_id, currency, ordered_on, _file, _line from {batch} where booked_amount is not null and revenue_amount is null",
        keys=("_file", "_line", "order_line_id", "currency", "ordered_on"),
        severity=BLOCK,
        why=_RATE,
    ),
    no_rows(
        "rep_delivered",
        "select order_line_id, delivered_crm_user_id, _file, _line from {batch} where delivered_crm_user_id is not null and crm_user_id = 'unknown'",
        keys=("_file", "_line", "order_line_id", "delivered_crm_user_id"),
        severity=NOTE,
        why="no crm_user has this id; what was sold is counted under unknown until one is delivered",
    ),
    no_rows(
        "account_delivered",
        """
        select lines.order_line_id, lines.account_id, lines._file, lines._line
        from (select * from {batch}) as lines
        left join (select distinct account_id from core.core_account_history) as accounts on lines.account_id = accounts.account_id
        where accounts.account_id is null
        """,
        keys=("_file", "_line", "order_line_id", "account_id"),
        severity=NOTE,
        why="no account has this id; its industry, region, method and owner are unknown until one is delivered",
    ),
    no_rows(
        "one_currency_a_contract",
        """
        select opportunity_id, min(currency) as one_currency, max(currency) as other_currency
        from {batch}
        where opportunity_id is not null
        group by opportunity_id
        having min(currency) <> max(currency)
        """,
        keys=("opportunity_id",),
        shows=("one_currency", "other_currency"),
        severity=NOTE,
        why="the contract changed its currency, or a line has a slip in it; each line counts at the rate of its own currency and day",
    ),
)

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
        why=_RATE,
    ),
    rule(
        "someone_or_a_reason",
        "(crm_user_id is null) = (nobodys_reason is null)",
        severity=BLOCK,
        why="a cost is a rep's, the unknown member's, or nobody's with the reason: one of them, and never none",
    ),
)

# What a declared basis lacks is named by what would have to be delivered, not line by line.
CORE_BASIS_GAP = suite(
    "core_basis_gap",
    "core.core_basis_gap",
    "core",
    ("basis", "entity", "lacking"),
    no_rows(
        "told_in_each_basis",
        "select basis, entity, lacking, row_count from {batch} where basis is not null",
        keys=("basis", "entity", "lacking"),
        shows=("row_count",),
        severity=BLOCK,
        why="constant: the currency has no rate on constant_currency_on; give one under [budget_rates]. real: real_index has no value up to the month",
    ),
)

CORE_PRICE_INDEX = suite(
    "core_price_index",
    "core.core_price_index",
    "core",
    ("month_on",),
    no_rows(
        "month_published",
        """
        select month_on, told_month_on
        from {batch}
        where
            is_carried
            and month_on < (select max(told_month_on) from core.core_price_index)
            and month_on >= (select date_trunc('month', min(ordered_on)) from core.core_order_line)
        """,
        keys=("month_on",),
        shows=("told_month_on",),
        severity=NOTE,
        why="no value of the price index was published for the month, but for a later one; amounts of it are told in the prices of the month before",
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
            why=_RATE,
        ),
    )
    for name in ("pool_line", "coaching_line")
)

ORDER_LINE = suite(
    "fct_order_line",
    "main.fct_order_line",
    "marts",
    ("order_line_id",),
    *_names_a_row("order_line_id"),
    not_null("ordered_on", severity=BLOCK, why="a sale without a day belongs to no year"),
    rule("ordered_before_as_of", "ordered_on >= $as_of", severity=NOTE, why="a sale on or after the as-of date is kept and not counted yet"),
    ties_out(
        "delivered_lines_kept",
        f"""
        select
            coalesce(delivered.currency, kept.currency) as currency, delivered.line_count, kept.line_count as lines_kept,
            case when delivered.line_count = kept.line_count then delivered.amount end as left_amount,
            kept.amount as right_amount
        from (
            select currency, count(*) as line_count, sum(booked_amount) as amount from core.core_order_line_history where {_LATEST} group by currency
        ) as delivered
        full join (
            select currency, sum(line_count) as line_count, sum(amount) as amount
            from (
                select currency, count(*) as line_count, sum(booked_amount) as amount from {{batch}} group by currency
                union all
                select currency, row_count, taken_over_local_amount from main.taken_over where entity = 'order_line'
            ) as counted
            group by currency
        ) as kept
            on delivered.currency = kept.currency
        """,
        keys=("currency",),
        shows=("line_count", "lines_kept", "left_amount", "right_amount"),
        why="the latest version of every delivered line is a sale, or told by another source that took over, in number and in its own currency",
    ),
    ties_out(
        "credited_or_explicitly_not",
        """
        select
            sold.order_line_id, sold.revenue_amount - coalesce(given_up.amount, 0) as left_amount, sum(credit.credited_amount) as right_amount
        from (select order_line_id, revenue_amount from {batch}) as sold
        left join (
            select order_line_id, sum(written_off_amount) as amount from core.core_write_off group by order_line_id
        ) as given_up on sold.order_line_id = given_up.order_line_id
        left join main.fct_credit as credit on sold.order_line_id = credit.order_line_id and credit.credit_role <> 'overlay'
        group by sold.order_line_id, sold.revenue_amount, given_up.amount
        """,
        keys=("order_line_id",),
        shows=("left_amount", "right_amount"),
        why="each line, less what was written off, is credited, or credited to unknown with a reason: credit neither makes nor loses money",
        is_of_key=True,
    ),
    ties_out(
        "credited_in_total",
        """
        select
            'all lines' as total,
            (select coalesce(sum(revenue_amount), 0) from {batch})
            - (select coalesce(sum(written_off_amount), 0) from core.core_write_off) as left_amount,
            (select coalesce(sum(credited_amount), 0) from main.fct_credit where credit_role <> 'overlay') as right_amount
        """,
        keys=("total",),
        shows=("left_amount", "right_amount"),
        why="credit of a line that is not there is money from nowhere",
    ),
)

# What is odd is credited as it is, and noted: the money is what was delivered.
CORE_REFUND = suite(
    "core_refund",
    "core.core_refund",
    "core",
    ("order_line_id",),
    no_rows(
        "no_more_than_was_sold",
        """
        select refunded_order_line_id, sold.revenue_amount as sold_amount, sum(lines.revenue_amount) as refunded_amount
        from (select order_line_id, refunded_order_line_id from {batch}) as refunds
        inner join core.core_order_line as lines on refunds.order_line_id = lines.order_line_id
        inner join core.core_order_line as sold on refunds.refunded_order_line_id = sold.order_line_id
        group by refunded_order_line_id, sold.revenue_amount
        having abs(sum(lines.revenue_amount)) > abs(sold.revenue_amount)
        """,
        keys=("refunded_order_line_id",),
        shows=("sold_amount", "refunded_amount"),
        severity=NOTE,
        why="more was refunded than the line was sold for; all of it is taken back from whom the line was credited to",
    ),
    no_rows(
        "in_the_currency_of_the_sale",
        """
        select refunds.order_line_id, lines.currency, sold.currency as sold_currency
        from (select order_line_id, refunded_order_line_id from {batch}) as refunds
        inner join core.core_order_line as lines on refunds.order_line_id = lines.order_line_id
        inner join core.core_order_line as sold on refunds.refunded_order_line_id = sold.order_line_id
        where lines.currency <> sold.currency
        """,
        keys=("order_line_id",),
        shows=("currency", "sold_currency"),
        severity=NOTE,
        why="it gives back other money than was paid; it takes off what it is worth at the rate of its own currency and day",
    ),
)

CORE_WRITE_OFF = suite(
    "core_write_off",
    "core.core_write_off",
    "core",
    ("payment_id", "order_line_id"),
    no_rows(
        "rate_known",
        "select payment_id, currency, order_line_id, _file, _line from {batch} where written_off_amount is null",
        keys=("_file", "_line", "payment_id", "currency", "order_line_id"),
        severity=BLOCK,
        why=_RATE,
    ),
    no_rows(
        "no_more_than_was_sold",
        """
        select lines.order_line_id, lines.revenue_amount as sold_amount, sum(given_up.written_off_amount) as written_off_amount
        from (select order_line_id, written_off_amount from {batch}) as given_up
        inner join core.core_order_line as lines on given_up.order_line_id = lines.order_line_id
        group by lines.order_line_id, lines.revenue_amount
        having sum(given_up.written_off_amount) > greatest(lines.revenue_amount, 0)
        """,
        keys=("order_line_id",),
        shows=("sold_amount", "written_off_amount"),
        severity=NOTE,
        why="more was written off than the line was sold for; all of it is taken back from whom the line was credited to",
    ),
    QueryCheck(
        "of_a_known_line",
        f"""
        select payments.payment_id, payments._file, payments._line
        from core.core_payment_history as payments
        left join (select payment_id from {{batch}}) as known on payments.payment_id = known.payment_id
        where {_LATEST} and payments.written_off_amount <> 0 and known.payment_id is null
        """,
        keys=("_file", "_line", "payment_id"),
        severity=NOTE,
        why="no order line or order has this id, so that nobody's credit is taken back until one is delivered",
        is_due_without_rows=True,
    ),
)

CORE_PAYMENT_PART = suite(
    "core_payment_part",
    "core.core_payment_part",
    "core",
    ("payment_id", "payment_event", "order_line_id"),
    no_rows(
        "rate_known",
        "select payment_id, payment_event, currency, _file, _line from {batch} where payment_amount is null",
        keys=("_file", "_line", "payment_id", "payment_event", "currency"),
        severity=BLOCK,
        why=_RATE,
    ),
)

CORE_CREDIT_ADJUSTMENT = suite(
    "core_credit_adjustment",
    "core.core_credit_adjustment",
    "core",
    ("adjustment_id", "order_line_id", "crm_user_id"),
    no_rows(
        "rate_known",
        "select adjustment_id, order_line_id from {batch} where moved_amount is null",
        keys=("adjustment_id", "order_line_id"),
        severity=BLOCK,
        why=_RATE,
    ),
    no_rows(
        "no_more_than_there_is",
        """
        select moved.adjustment_id, moved.order_line_id, moved.crm_user_id
        from (select * from {batch}) as moved
        inner join (
            select order_line_id, crm_user_id, sum(credited_amount) as amount
            from main.fct_credit
            where
                order_line_id in (select order_line_id from core.core_credit_adjustment)
                and credit_role <> 'overlay'
                and reason <> 'write-off'
                and reason not like 'write-off of %'
            group by order_line_id, crm_user_id
        ) as credit on moved.order_line_id = credit.order_line_id and moved.crm_user_id = credit.crm_user_id
        where moved.moved_amount * sign(moved.sold_amount) < 0 and credit.amount * sign(moved.sold_amount) < 0
        """,
        keys=("adjustment_id", "order_line_id", "crm_user_id"),
        severity=BLOCK,
        why="more is moved from this person than they are credited with of the line; mend the amount, or take the adjustment back",
    ),
    QueryCheck(
        "of_a_known_sale",
        f"""
        select adjustments.adjustment_id, adjustments.order_line_id, adjustments._file, adjustments._line
        from core.core_credit_adjustment_history as adjustments
        left join core.core_order_line as lines on adjustments.order_line_id = lines.order_line_id and lines.revenue_amount <> 0
        left join core.core_refund as refunds on adjustments.order_line_id = refunds.order_line_id
        where {_LATEST} and (lines.order_line_id is null or refunds.order_line_id is not null)
        """,
        keys=("_file", "_line", "adjustment_id", "order_line_id"),
        severity=BLOCK,
        why="no sale has this id: nothing can be moved; of a refund, adjust the sale, which it follows",
        is_due_without_rows=True,
    ),
    QueryCheck(
        "between_known_people",
        f"""
        select adjustments.adjustment_id, adjustments._file, adjustments._line
        from core.core_credit_adjustment_history as adjustments
        left join core.core_identity as givers on adjustments.from_crm_user_id = givers.delivered_crm_user_id
        left join core.core_identity as takers on adjustments.to_crm_user_id = takers.delivered_crm_user_id
        where
            {_LATEST}
            and (
                (givers.crm_user_id is null and adjustments.from_crm_user_id <> 'unknown')
                or (takers.crm_user_id is null and adjustments.to_crm_user_id <> 'unknown')
            )
        """,
        keys=("_file", "_line", "adjustment_id"),
        severity=BLOCK,
        why="the CRM does not know who gives or who gets: write `unknown` if nobody is meant",
        is_due_without_rows=True,
    ),
)

OPPORTUNITY = suite(
    "fct_opportunity",
    "main.fct_opportunity",
    "marts",
    ("opportunity_id",),
    *_names_a_row("opportunity_id"),
    rule(
        "won_on_a_known_day",
        "is_closed and is_won and closed_on is null",
        severity=NOTE,
        why="a deal won on no known day is in no year: not in deal_funnel, and its order lines are `of a deal not won` in deal_bridge",
    ),
    no_rows(
        "rate_known",
        f"""
        select opportunity.opportunity_id, opportunity.currency, delivered._file, delivered._line
        from (select * from {{batch}}) as opportunity
        left join core.core_opportunity_history as delivered on opportunity.delivered_opportunity_id = delivered.opportunity_id and {_LATEST}
        where opportunity.opportunity_amount is not null and opportunity.reporting_amount is null
        """,
        keys=("_file", "_line", "opportunity_id", "currency"),
        severity=BLOCK,
        why=_RATE,
        is_of_key=True,
    ),
)

CREDIT = suite(
    "fct_credit",
    "main.fct_credit",
    "marts",
    ("order_line_id", "crm_user_id", "credit_role", "credited_on", "reason"),
    *_names_a_row("order_line_id", "crm_user_id", "credit_role", "credited_on", "reason"),
    not_null("credited_amount", severity=BLOCK, why="credit without an amount is no credit"),
    in_set("credit_role", ("originate", "close", "renew", "overlay"), severity=BLOCK, why="a role that nobody knows can't be told from an overlay"),
)

REP_COST = suite(
    "fct_rep_cost",
    "main.fct_rep_cost",
    "marts",
    ("crm_user_id", "employee_number", "month_on", "fiscal_year", "component", "currency"),
    *_names_a_row("crm_user_id", "employee_number", "month_on", "fiscal_year", "component", "currency"),
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
                select 'pay_item' as entity, currency, pay_amount as amount from core.core_pay_item_history where {_LATEST}
                union all
                select 'expense_line', currency, expense_amount from core.core_expense_line_history where {_LATEST}
                union all
                select 'cost_pool', currency, pool_amount from core.core_cost_pool_history where {_LATEST}
                union all
                select 'coaching', currency, coaching_cost_amount from core.core_coaching_history where {_LATEST} and coaching_cost_amount is not null
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
    *(not_null(column, severity=BLOCK, why=_KEY) for column in ("employee_number", "month_on", "component", "currency")),
    not_null("reason", severity=BLOCK, why="nobody's cost says why it is nobody's, so that someone can object"),
    unique_key("employee_number", "month_on", "component", "currency", "reason", severity=BLOCK, why=_KEY),
)

_CLAWBACK_KEY = ("employee_number", "period_start_on", "item_code")
CLAWBACK = suite(
    "fct_clawback",
    "main.fct_clawback",
    "marts",
    _CLAWBACK_KEY,
    *_names_a_row(*_CLAWBACK_KEY),
    rule(
        "names_a_commission",
        "commission_pay_amount is null",
        severity=NOTE,
        why="it takes back no commission that was delivered of this employee; name period and code of the commission in clawed_period_start_on and "
        "clawed_item_code. It is cost of its own month all the same",
    ),
)

# Chains are followed in the core, which keeps file and line; the ids of a claimant may be e-mails, so that only those are shown.
CROSSWALK = suite(
    "core_crosswalk",
    "core.core_crosswalk",
    "core",
    ("id_kind", "from_id"),
    no_rows(
        "chain_has_an_end",
        "select id_kind, _file, _line from {batch} where to_id is null and id_kind in ('crm_user', 'account', 'opportunity')",
        keys=("_file", "_line", "id_kind"),
        severity=BLOCK,
        why="the ids of these rows stand for each other in a circle, so that none of them is the one to show; take one row out",
    ),
    no_rows(
        "leads_to_what_is_delivered",
        """
        select links.id_kind, links._file, links._line
        from (select * from {batch}) as links
        left join (
            select 'crm_user' as id_kind, crm_user_id as id from core.core_crm_user_history
            union
            select 'employee', crm_user_id from core.core_crm_user_history
            union
            select 'claimant', crm_user_id from core.core_crm_user_history
            union
            select 'claimant', employee_number from core.core_employee_history
            union
            select 'account', account_id from core.core_account_history
            union
            select 'opportunity', opportunity_id from core.core_opportunity_history
        ) as delivered on links.id_kind = delivered.id_kind and links.to_id = delivered.id
        where delivered.id is null and links.to_id is not null
        """,
        keys=("_file", "_line", "id_kind"),
        severity=NOTE,
        why="nobody delivered the id that this one leads to: a user or claimant stays unmatched, an account or opportunity is unknown until it is delivered",
    ),
)

USER_EMPLOYEE = suite(
    "core_user_employee",
    "core.core_user_employee",
    "core",
    ("crm_user_id", "employee_number"),
    no_rows(
        "one_user_an_employee",
        """
        select users.employee_number, min(users.crm_user_id) as one_crm_user_id, max(users.crm_user_id) as other_crm_user_id, users._source
        from (select crm_user_id, employee_number, _source from core.core_crm_user_history where is_last_known) as users
        inner join (select * from {batch}) as matches on users.crm_user_id = matches.crm_user_id and users.employee_number = matches.employee_number
        group by users.employee_number, users._source
        having min(users.crm_user_id) <> max(users.crm_user_id)
        """,
        keys=("employee_number", "one_crm_user_id", "other_crm_user_id", "_source"),
        severity=NOTE,
        why="two users of one source have one employee number and are counted as one rep; if they are two people, mend the number of one",
    ),
    no_rows(
        "one_employee_a_user",
        """
        with employments as (
            select
                staff.employee_number,
                coalesce(staff.hired_on, date '0001-01-01') as hired_on,
                coalesce(staff.left_on, date '9999-12-31') as left_on,
                told.told_from_on, told.told_to_on
            from (select employee_number, hired_on, left_on from core.core_employee_history where is_last_known) as staff
            inner join (
                select employee_number, min(known_from_on) as told_from_on, max(valid_to_on) as told_to_on
                from core.core_employee_history
                where known_to_on = date '9999-12-31'
                group by employee_number
            ) as told on staff.employee_number = told.employee_number
        ),
        matches as (
            select match.crm_user_id, match.match_basis, employments.*
            from (select * from {batch}) as match
            inner join employments on match.employee_number = employments.employee_number
        )
        select one.crm_user_id, one.employee_number as one_employee_number, other.employee_number as other_employee_number
        from matches as one
        inner join matches as other on
            one.crm_user_id = other.crm_user_id
            and one.employee_number < other.employee_number
            and one.hired_on < other.left_on and other.hired_on < one.left_on
            and one.told_from_on < other.told_to_on and other.told_from_on < one.told_to_on
        where one.match_basis <> 'crosswalk' and other.match_basis <> 'crosswalk'
        """,
        keys=("crm_user_id", "one_employee_number", "other_employee_number"),
        severity=BLOCK,
        why="one user is two employees of the same time, who would be one rep with the pay of both; if the login was passed on, deliver a crm_user_id of "
        "their own for whoever has it now; if it is one person, say in `crosswalk` of one of the numbers (id_kind employee) that it is this user's",
    ),
)

# Where a correction came to nothing, somebody believes that a figure was mended.
CORRECTION = suite(
    "correction",
    "main.correction",
    "marts",
    ("correction_id",),
    *_names_a_row("correction_id"),
    no_rows(
        "changes_something",
        "select correction_id, correction_state, entity, column_name from {batch} where correction_state in ('unmatched', 'waiting')",
        keys=("correction_id", "correction_state"),
        shows=("entity", "column_name"),
        severity=NOTE,
        why="it changes nothing: `waiting` is for a key that no row has, `unmatched` for a value that no row of its key says; mend it or leave it out",
    ),
)

_CONFLICT_KEY = ("entity", "lost_file", "lost_line")
CONFLICT = suite(
    "conflict",
    "main.conflict",
    "marts",
    _CONFLICT_KEY,
    *_names_a_row(*_CONFLICT_KEY),
    # Of snapshots the raw suites say so, naming keys; of deltas that would be a look at every key of the largest entities.
    no_rows(
        "no_row_of_a_delta_lost",
        """
        with extracts as (
            select source, entity, extract_date, list(file) as files
            from raw.delivery
            where mode = 'delta' and state in ('loaded', 'repeated')
            group by source, entity, extract_date
        ),
        lost as (
            select
                conflicts.*,
                count(*) over (partition by entity) as lost_rows,
                row_number() over (partition by entity order by extract_date, lost_file, lost_line) as place
            from (select * from {batch}) as conflicts
            inner join extracts using (source, entity, extract_date)
            where $is_new_extract
        )
        select entity, lost_rows, lost_file, lost_line, kept_file, kept_line from lost where place = 1
        """,
        keys=("entity", "lost_rows", "lost_file", "lost_line"),
        shows=("kept_file", "kept_line"),
        severity=NOTE,
        why="one key came twice in one extract, and only one row of it counts; if they are two things, give each a key; the table conflict lists all",
    ),
)

# Noted on the night that brings it: later nights have nothing new to say of it.
CORE_LATE_LINE = suite(
    "core_late_line",
    "core.core_late_line",
    "core",
    ("_file", "_line"),
    no_rows(
        "none_of_a_closed_month",
        "select * from (select *, [_file] as files from {batch}) as late where $is_new_extract",
        keys=("_file", "_line", "entity", "month_on"),
        shows=("closed_on", "revenue_amount"),
        severity=NOTE,
        why="the month was closed before this was told; it counts, and restatement says which figures it moved: open the month again, or book it in another",
    ),
)

PERIOD_STATUS = suite(
    "period_status",
    "main.period_status",
    "marts",
    ("month_on",),
    *_names_a_row("month_on"),
    in_set("period_state", ("preliminary", "closed"), severity=BLOCK, why="a month is one or the other"),
    rule(
        "closed_by_whom_and_when",
        "(period_state = 'closed') <> (closed_on is not null and closed_by is not null)",
        severity=BLOCK,
        why="a month that nobody closed is preliminary",
    ),
)

SUITES = (
    CORE_ROW_COUNT,
    CORE_ORDER_LINE,
    CORE_LATE_LINE,
    PERIOD_STATUS,
    CORE_COST_LINE,
    CORE_BASIS_GAP,
    CORE_PRICE_INDEX,
    CORE_POOL_LINE,
    CORE_COACHING_LINE,
    CORE_REFUND,
    CORE_PAYMENT_PART,
    CORE_WRITE_OFF,
    CORE_CREDIT_ADJUSTMENT,
    ORDER_LINE,
    OPPORTUNITY,
    CREDIT,
    REP_COST,
    UNATTRIBUTED_COST,
    CLAWBACK,
    CROSSWALK,
    USER_EMPLOYEE,
    CORRECTION,
    _fact("taken_over", "entity", "source", "currency"),
    CONFLICT,
    _fact("id_alias", "id_kind", "alias_id"),
    _fact("unmatched_identity", "id_kind", "id", "source", "reason"),
    _fact("fct_goal", "goal_id", "goal_version"),
    _fact("fct_activity_daily", "crm_user_id", "activity_on", "activity_type"),
    _fact("fct_customer_value", "account_id", "month_on"),
)
