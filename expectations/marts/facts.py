"""Facts: keys, ranges, and the tie-outs of every amount from what was delivered to what is counted."""

from expectations.vocabulary import BLOCK, NOTE, in_set, keyed_fact, names_a_row, no_rows, not_null, rule, suite, ties_out

NO_RATE = "no rate of this currency on or before the day; deliver one in fx_rate: a missing rate is never 1"

LATEST = "known_to_on = date '9999-12-31' and valid_to_on = date '9999-12-31'"

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
        why=NO_RATE,
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

ORDER_LINE = suite(
    "fct_order_line",
    "main.fct_order_line",
    "marts",
    ("order_line_id",),
    *names_a_row("order_line_id"),
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
            select currency, count(*) as line_count, sum(booked_amount) as amount from core.core_order_line_history where {LATEST} group by currency
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

OPPORTUNITY = suite(
    "fct_opportunity",
    "main.fct_opportunity",
    "marts",
    ("opportunity_id",),
    *names_a_row("opportunity_id"),
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
        left join core.core_opportunity_history as delivered on opportunity.delivered_opportunity_id = delivered.opportunity_id and {LATEST}
        where opportunity.opportunity_amount is not null and opportunity.reporting_amount is null
        """,
        keys=("_file", "_line", "opportunity_id", "currency"),
        severity=BLOCK,
        why=NO_RATE,
        is_of_key=True,
    ),
)

# A close by the first day of a calendar month, under a calendar none of whose periods begins on it.
CORE_PERIOD_CLOSE = suite(
    "core_period_close",
    "core.core_period_close",
    "core",
    ("month_on",),
    no_rows(
        "each_close_closes",
        f"""
        select told._file, told._line, told.month_on
        from (select * from core.core_period_close_history where {LATEST} and is_closed and closed_on <= $as_of) as told
        left join (select month_on from {{batch}}) as closes on told.month_on = closes.month_on
        where closes.month_on is null
        """,
        keys=("_file", "_line", "month_on"),
        severity=NOTE,
        why="no period of the company's calendar begins on this day, so that it closes none, and nothing is told of what comes late: close the periods, "
        "each by its first day (dim_fiscal_period has them)",
    ),
)

# Noted on the night that brings it: later nights have nothing new to say of it.
CORE_LATE_LINE = suite(
    "core_late_line",
    "core.core_late_line",
    "core",
    ("_file", "_line", "month_on"),
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
    *names_a_row("month_on"),
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
    CORE_PERIOD_CLOSE,
    CORE_LATE_LINE,
    PERIOD_STATUS,
    CORE_BASIS_GAP,
    CORE_PRICE_INDEX,
    ORDER_LINE,
    OPPORTUNITY,
    keyed_fact("fct_goal", "goal_id", "goal_version"),
    keyed_fact("fct_activity_daily", "crm_user_id", "activity_on", "activity_type"),
    keyed_fact("fct_customer_value", "account_id", "month_on"),
)
