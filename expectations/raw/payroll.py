"""Payroll: who is employed, in which role, and what they are paid."""

from expectations.raw.contract import raw_suites
from expectations.raw.crm import REP_ROLES
from expectations.vocabulary import BLOCK, NOTE, in_codes, in_order, in_set, not_after_extract, number_between, rule, since_1950

PAY_COMPONENTS = ("base", "commission", "bonus", "taxes", "benefits", "clawback", "severance", "sign_on", "recruiting", "paid_leave", "other")

SUITES = raw_suites(
    "standard",
    "payroll",
    {
        "employee": (
            in_order("hired_on", "left_on", severity=NOTE, why="who left before being hired was employed on no day"),
            not_after_extract("hired_on", why="hired after the extract: a starter entered early, or a slip of the year"),
        ),
        "job": (
            in_set("rep_role", REP_ROLES, severity=NOTE, why="a role outside the list still makes a rep, but roles can't be compared"),
            number_between("full_time_pct", 0, 150, severity=NOTE, why="0 to 100 by contract; some systems add standing overtime, never beyond half again"),
        ),
        "absence": (
            in_order("starts_on", "ends_on", severity=NOTE, why="an absence that ends before it begins has no day, and takes nothing out of any cost"),
            number_between("absence_pct", 0, 100, severity=BLOCK, why="more than a whole day away would leave less than nothing; 0.5 for 50 is a slip"),
        ),
        "pay_item": (
            in_codes("component", PAY_COMPONENTS, severity=BLOCK, why="a component we don't know can't be named among costs, nor be seen to be missing"),
            in_order("period_start_on", "period_end_on", severity=BLOCK, why="pay of a period without a day was earned in no month"),
            rule(
                "period_within_ten_years",
                "try_cast(period_end_on as date) > try_cast(period_start_on as date) + 3653",
                severity=BLOCK,
                why="pay is spread over its period; one of more than ten years has an end that means none: leave period_end_on empty",
            ),
            since_1950("period_start_on"),
            not_after_extract("period_start_on", why="pay of a period after the extract: paid ahead, or a slip of the year"),
            number_between(
                "pay_amount",
                -1_000_000,
                10_000_000,
                severity=NOTE,
                why="one item of one period beyond this is rare in any currency worth a hundredth of a dollar or more; look before it is a cost",
            ),
            rule(
                "clawback_is_negative",
                "lower(component) = 'clawback' and try_cast(pay_amount as double) > 0",
                severity=NOTE,
                why="a clawback takes commission back; a positive one is added to what the rep costs",
            ),
            rule(
                "paid_not_before_period",
                "try_cast(paid_on as date) < try_cast(period_start_on as date) - 366",
                severity=NOTE,
                why="paid more than a year before it was earned is a slip of the year",
            ),
        ),
    },
)
