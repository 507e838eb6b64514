"""Comparable years: keys, ratios and tie-outs of the answers that set people or years beside each other.

Belongs here: `tenure_value`, `like_for_like`. Doesn't: the readings that they are made of (`values`).
"""

from expectations.marts.values import wrong_ratio
from expectations.vocabulary import BLOCK, NO_KEY, between, in_set, not_null, rule, suite, ties_out, unique_key
from orchestration.settings import BASES

_BASIS = "a basis without a name can't be filtered to, and its rows would be added to those of another"
_RATIO = "value ratio = revenue / cost, and null where the cost is not above 0"

_OF_PERSONS = f"{_RATIO}, and of a person whose role at the tenure year's end bears no credit, or whom nobody pays"
_UNPAID = "ratio_withheld_reason like 'no employee%'"
_UNPAID_REPS = f"select crm_user_id from main.rep_value where {_UNPAID}"

_REP_YEARS = """
    select basis, fiscal_year, sum(revenue_amount) as revenue_amount, sum(cost_amount) as cost_amount
    from main.rep_value
    where reading = 'year' and lens = 'as_sold' and value_measure = 'revenue' and cost_basis = 'actual'
    group by basis, fiscal_year
"""


def _tenures_tie(amount: str) -> str:
    return f"""
        select totals.basis, totals.amount as left_amount, coalesce(shown.amount, 0) as right_amount
        from (select basis, sum({amount}) as amount from ({_REP_YEARS}) as years group by basis) as totals
        left join (select basis, sum({amount}) as amount from {{batch}} group by basis) as shown on totals.basis = shown.basis
    """


def _everyone_ties(amount: str, shown: str, years_back: int) -> str:
    return f"""
        select everyone.basis, everyone.fiscal_year, coalesce(years.{amount}, 0) as left_amount, everyone.{shown} as right_amount
        from (select * from {{batch}} where population = 'everyone') as everyone
        left join ({_REP_YEARS}) as years on everyone.basis = years.basis and everyone.fiscal_year - {years_back} = years.fiscal_year
    """


TENURE_VALUE = suite(
    "tenure_value",
    "main.tenure_value",
    "answers",
    ("crm_user_id", "tenure_year", "basis"),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("crm_user_id", "basis")),
    unique_key("crm_user_id", "tenure_year", "basis", severity=BLOCK, why=NO_KEY),
    in_set("basis", BASES, severity=BLOCK, why=_BASIS),
    between("tenure_year", 0, 90, severity=BLOCK, why="nobody sells for a century: the day of the hire is wrong"),
    rule(
        "ratio_is_value_by_cost",
        f"case when ratio_withheld_reason is not null then value_ratio is not null else {wrong_ratio('revenue_amount')} end",
        severity=BLOCK,
        why=_OF_PERSONS,
    ),
    rule(
        "unpaid_as_in_rep_value",
        f"({_UNPAID}) is true and crm_user_id not in ({_UNPAID_REPS}) or ratio_withheld_reason is null and crm_user_id in ({_UNPAID_REPS})",
        severity=BLOCK,
        why="whom nobody pays has no ratio in any year, by whatever it is counted",
    ),
    *(
        ties_out(f"{amount}_is_that_of_all_years", _tenures_tie(f"{amount}_amount"), keys=("basis",), why="each month of a rep is in one tenure year")
        for amount in ("revenue", "cost")
    ),
)

LIKE_FOR_LIKE = suite(
    "like_for_like",
    "main.like_for_like",
    "answers",
    ("fiscal_year", "population", "basis"),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("fiscal_year", "population", "basis")),
    unique_key("fiscal_year", "population", "basis", severity=BLOCK, why=NO_KEY),
    in_set("population", ("everyone", "like_for_like"), severity=BLOCK, why="the two populations are never added"),
    in_set("basis", BASES, severity=BLOCK, why=_BASIS),
    rule("ratio_is_value_by_cost", wrong_ratio("revenue_amount"), severity=BLOCK, why=_RATIO),
    *(
        ties_out(
            f"everyones_{shown}_is_that_of_all_reps",
            _everyone_ties(amount, shown, years_back),
            keys=("basis", "fiscal_year"),
            why="everyone is all reps and the unknown member",
        )
        for amount, shown, years_back in (
            ("revenue_amount", "revenue_amount", 0),
            ("revenue_amount", "before_revenue_amount", 1),
            ("cost_amount", "cost_amount", 0),
            ("cost_amount", "before_cost_amount", 1),
        )
    ),
)

SUITES = (TENURE_VALUE, LIKE_FOR_LIKE)
