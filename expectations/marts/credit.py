"""Facts of credit, and what undoes it: refunds, write-offs, adjustments, payments."""

from expectations.marts.facts import LATEST, NO_RATE
from expectations.vocabulary import BLOCK, NOTE, QueryCheck, in_set, names_a_row, no_rows, not_null, suite

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
        why=NO_RATE,
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
        where {LATEST} and payments.written_off_amount <> 0 and known.payment_id is null
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
        why=NO_RATE,
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
        why=NO_RATE,
    ),
    no_rows(
        "no_more_than_there_is",
        "select adjustment_id, order_line_id, crm_user_id, lacking_amount from {batch} where lacking_amount * sign(sold_amount) < 0",
        keys=("adjustment_id", "order_line_id", "crm_user_id"),
        shows=("lacking_amount",),
        severity=NOTE,
        why="under the declared policy this person is not credited with as much of the line: what there is was moved, the rest stays where the policy "
        "puts it; if the policy was changed, nothing is to be done, else mend the amount",
    ),
    no_rows(
        "nobody_below_nothing",
        """
        select moved.order_line_id, moved.crm_user_id
        from (select * from {batch}) as moved
        inner join (
            select order_line_id, crm_user_id, sum(credited_amount) as amount
            from main.fct_credit
            where
                order_line_id in (select order_line_id from core.core_credit_adjustment)
                and credit_role <> 'overlay'
                and (reason like 'adjustment %' or reason in (
                    'acquirer', 'no acquirer', 'owner', 'no owner who is a rep', 'seller', 'no seller', 'handed over', 'change after the handover'
                ))
            group by order_line_id, crm_user_id
        ) as credit on moved.order_line_id = credit.order_line_id and moved.crm_user_id = credit.crm_user_id
        where moved.moved_amount * sign(moved.sold_amount) < 0 and credit.amount * sign(moved.sold_amount) < 0
        """,
        keys=("order_line_id", "crm_user_id"),
        severity=BLOCK,
        why="an adjustment moves what there is, and no more",
    ),
    QueryCheck(
        "of_a_known_sale",
        f"""
        select adjustments.adjustment_id, adjustments.order_line_id, adjustments._file, adjustments._line
        from core.core_credit_adjustment_history as adjustments
        left join core.core_order_line as lines on adjustments.order_line_id = lines.order_line_id and lines.revenue_amount <> 0
        left join core.core_refund as refunds on adjustments.order_line_id = refunds.order_line_id
        where {LATEST} and (lines.order_line_id is null or refunds.order_line_id is not null)
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
            {LATEST}
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

CREDIT = suite(
    "fct_credit",
    "main.fct_credit",
    "marts",
    ("order_line_id", "crm_user_id", "credit_role", "credited_on", "reason"),
    *names_a_row("order_line_id", "crm_user_id", "credit_role", "credited_on", "reason"),
    not_null("credited_amount", severity=BLOCK, why="credit without an amount is no credit"),
    in_set("credit_role", ("originate", "close", "renew", "overlay"), severity=BLOCK, why="a role that nobody knows can't be told from an overlay"),
)

SUITES = (
    CORE_REFUND,
    CORE_PAYMENT_PART,
    CORE_WRITE_OFF,
    CORE_CREDIT_ADJUSTMENT,
    CREDIT,
)
