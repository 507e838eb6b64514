"""The CRM: who sells to whom, for how much, from which territory."""

from expectations.raw.contract import raw_suites
from expectations.vocabulary import BLOCK, NOTE, as_number, first_of_month, in_order, in_set, no_rows, not_after_extract, number_between, rule, since_1950

# The contract's words for what a rep does; `rep` is for companies that do not tell them apart.
REP_ROLES = ("hunter", "farmer", "hybrid", "SDR", "SE", "CSM", "manager", "house", "rep")
_MILLIARD = 1_000_000_000

_LARGE = "in a currency of small units this is ordinary money, in others a lost decimal point; it is counted as it is"

_AFTER = "dated after its own extract: planned, or a slip of the year; not counted until the as-of date reaches it"

SUITES = raw_suites(
    "standard",
    "crm",
    {
        "crm_user": (
            in_set("rep_role", REP_ROLES, severity=NOTE, why="a role outside the list still makes a rep, but roles can't be compared"),
            rule("not_own_manager", "manager_crm_user_id = crm_user_id", severity=NOTE, why="who manages himself counts twice in no sum, but it is a slip"),
        ),
        "account": (
            not_after_extract("created_on", why=_AFTER),
            rule("not_merged_into_itself", "merged_into_account_id = account_id", severity=NOTE, why="a merge into itself has no survivor"),
        ),
        "opportunity": (
            in_set("opportunity_type", ("new", "expansion", "renewal"), severity=NOTE, why="other types are shown as they are and join no comparison"),
            rule(
                "amount_has_currency",
                "opportunity_amount is not null and currency is null",
                severity=BLOCK,
                why="an amount without a currency can't be converted, and would be lost",
            ),
            rule("won_is_closed", "try_cast(is_won as boolean) and not try_cast(is_closed as boolean)", severity=NOTE, why="won and still open contradict"),
            number_between("term_months", 0, 240, severity=NOTE, why="20 years is longer than contracts run; days are often sent for months"),
            rule("not_merged_into_itself", "merged_into_opportunity_id = opportunity_id", severity=NOTE, why="a merge into itself has no survivor"),
        ),
        "opportunity_split": (
            in_set("split_role", ("revenue", "overlay"), severity=BLOCK, why="a role we don't know would leave its share of the revenue with nobody"),
            number_between("split_pct", 0, 100, severity=BLOCK, why="a share outside 0 to 100 takes revenue from one rep to give more than all to another"),
        ),
        "order_line": (
            not_after_extract("ordered_on", why=_AFTER),
            since_1950("ordered_on"),
            number_between("booked_amount", -_MILLIARD, _MILLIARD, severity=NOTE, why=_LARGE),
            number_between("unit_cost_amount", 0, None, severity=BLOCK, why="a negative unit cost would raise the margin above the revenue"),
            number_between("term_months", 0, 240, severity=NOTE, why="20 years is longer than contracts run; days are often sent for months"),
            rule(
                "partner_keeps_a_part",
                f"{as_number('partner_amount')} not between least(0, {as_number('booked_amount')}) and greatest(0, {as_number('booked_amount')})",
                severity=NOTE,
                why="a partner who keeps more than all, or pays in, is a slip of the sign or of the column; it is counted as it is",
            ),
            rule("not_own_refund", "refunds_order_line_id = order_line_id", severity=NOTE, why="a line can't refund itself"),
            rule(
                "refund_is_negative",
                "refunds_order_line_id is not null and try_cast(booked_amount as decimal(38, 10)) > 0",
                severity=NOTE,
                why="a refund with a positive sign adds what it should take off",
            ),
            rule(
                "refund_quantity_is_negative",
                f"refunds_order_line_id is not null and {as_number('quantity')} > 0",
                severity=NOTE,
                why="a refund takes back what it counts, so a positive quantity is read as negative",
            ),
            rule(
                "quantity_has_the_sign_of_the_amount",
                f"refunds_order_line_id is null and {as_number('quantity')} * {as_number('booked_amount')} < 0",
                severity=NOTE,
                why="units that go one way and money that goes the other: the amount says which, and its units cost or come back with it",
            ),
        ),
        "payment": (
            not_after_extract("collected_on", why=_AFTER),
            rule(
                "names_what_is_paid",
                "order_line_id is null and order_id is null",
                severity=NOTE,
                why="a payment that names neither line nor order can't be matched",
            ),
        ),
        "credit_adjustment": (
            rule("moves_something", f"{as_number('adjusted_amount')} <= 0", severity=BLOCK, why="credit is moved from the one to the other: swap them instead"),
            rule(
                "between_two",
                "from_crm_user_id = to_crm_user_id",
                severity=NOTE,
                why="what is moved from a person to the same person stays where it is",
            ),
            rule(
                "approved_by_another",
                "lower(trim(approved_by)) = lower(trim(created_by))",
                severity=BLOCK,
                why="who wrote an adjustment can't be its approver; it moves nothing",
            ),
        ),
        "activity": (
            not_after_extract("occurred_at", why=_AFTER),
            number_between("duration_minutes", 0, 1440, severity=NOTE, why="no activity lasts longer than a day; seconds are often sent for minutes"),
        ),
        "territory": (
            rule("not_own_parent", "parent_territory_id = territory_id", severity=NOTE, why="a territory above itself has no top"),
            no_rows(
                "parent_delivered",
                """
                with delivered as (
                    select territory_id, parent_territory_id, _source, _extract_date, _shown_until_on, _file, _line from {batch}
                )
                select child.territory_id, child.parent_territory_id, child._file, child._line
                from delivered as child
                left join delivered as parent on
                    child.parent_territory_id = parent.territory_id
                    and child._source = parent._source
                    and child._extract_date between parent._extract_date and parent._shown_until_on
                where child.parent_territory_id is not null and parent.territory_id is null
                """,
                keys=("territory_id", "_file", "_line"),
                shows=("parent_territory_id",),
                severity=NOTE,
                why="a parent that is not in the same snapshot leaves the tree without a root",
            ),
        ),
        "territory_assignment": (
            in_order("assigned_from_on", "assigned_to_on", severity=NOTE, why="a seat that ends before it begins was never held; it counts for no day"),
        ),
        "campaign": (in_order("starts_on", "ends_on", severity=NOTE, why="a campaign that ends before it begins ran on no day"),),
        "marketing_spend": (
            first_of_month("month_on", severity=BLOCK, why="spend is per month; another day means that the source counts otherwise"),
            number_between("spend_amount", -_MILLIARD, _MILLIARD, severity=NOTE, why=_LARGE),
            rule(
                "names_method_or_campaign",
                "acquisition_method is null and campaign_id is null",
                severity=NOTE,
                why="spend that names neither method nor campaign is shown as unknown",
            ),
        ),
    },
)
