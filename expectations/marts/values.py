"""Value against cost of reps, groups and segments: keys, ranges, and the same total whichever way it is cut."""

from collections.abc import Iterator, Sequence

from expectations.vocabulary import BLOCK, NO_KEY, Check, QueryCheck, between, in_set, no_rows, not_null, rule, suite, ties_out, unique_key
from orchestration.settings import BASES, CONTRACT_MEASURES, COST_BASES

_READING = "the four readings are never mixed; a reading without a name is"
_AGE = "cohorts are compared at 12, 24 and 36 months or to date (null); at another age nothing stands beside them"
_LENS = "a lens without a name can't be filtered to, and its rows would be added to those of another"
_BASIS = "a basis without a name can't be filtered to, and its rows would be added to those of another"
_COST_BASIS = "a cost basis without a name can't be filtered to, and its rows would be added to those of another"
_MOVES = "a lens moves value and cost between those who hold them; what the company has is the same through each"
_PARTS = "direct, shared and management are the whole cost of their holder: what is in none of them, or in two, is told wrong"
_NET = "net = value - cost, to the cent"
_RATIO = "ratio = value / cost, and null where the cost is not above 0 or a person's role of the year bears no credit"
_CUT = "cut by group or segment, the total is the company's: money moves between rows and never in or out"

VALUE_KEY = ("reading", "fiscal_year", "age_months", "lens", "basis", "value_measure")
LENSES = ("as_sold", "as_was", "as_is")
_NOMINAL = "value_measure = 'revenue' and basis = 'nominal'"
_AGES = "age_months is not null and age_months not in (12, 24, 36)"


def _value_checks(*key: str, withheld: str = "false") -> Iterator[Check]:
    """What holds of rep_value and group_value alike. withheld: true of a row that has no ratio whatever its cost."""
    yield from (not_null(column, severity=BLOCK, why=NO_KEY) for column in (*key, "reading", "lens", "basis", "value_measure", "cost_basis"))
    yield unique_key(*key, *VALUE_KEY, "cost_basis", severity=BLOCK, why=NO_KEY)
    yield in_set("reading", ("year", "cohort", "book", "career"), severity=BLOCK, why=_READING)
    yield from _shared_checks()
    yield in_set("cost_basis", COST_BASES, severity=BLOCK, why=_COST_BASIS)
    yield rule("net_is_value_minus_cost", "abs(net_value_amount - (value_amount - cost_amount)) >= 0.005", severity=BLOCK, why=_NET)
    yield rule("cost_is_its_parts", "cost_amount <> direct_cost_amount + shared_cost_amount + management_cost_amount", severity=BLOCK, why=_PARTS)
    wrong = f"case when {withheld} then value_ratio is not null else {wrong_ratio('value_amount')} end"
    yield rule("ratio_is_value_by_cost", wrong, severity=BLOCK, why=_RATIO)
    yield between("customers_acquired", 0, None, severity=BLOCK, why="nobody acquires fewer than none")
    yield rule(
        "left_censored_are_acquired",
        "left_censored_customers > customers_acquired",
        severity=BLOCK,
        why="left-censored customers are among the acquired, counted apart",
    )


def _shared_checks() -> Iterator[Check]:
    yield rule("age_months_known", _AGES, severity=BLOCK, why=_AGE)
    yield rule("age_only_of_cohorts", "age_months is not null and reading <> 'cohort'", severity=BLOCK, why=_AGE)
    yield rule(
        "fiscal_year_unless_career",
        "(fiscal_year is null) <> (reading = 'career')",
        severity=BLOCK,
        why="a career has no year and everything else has one, else sums by year lose it",
    )
    yield in_set("lens", LENSES, severity=BLOCK, why=_LENS)
    yield in_set("basis", BASES, severity=BLOCK, why=_BASIS)
    yield in_set("value_measure", (*CONTRACT_MEASURES, "gross_margin"), severity=BLOCK, why=_READING)


def wrong_ratio(value: str, ratio: str = "value_ratio", cost: str = "cost_amount") -> str:
    """The published ratio is rounded to 6 digits."""
    right = f"case when {cost} > 0 then cast({value} as double) / cast({cost} as double) end"
    return f"({ratio} is null) <> (({right}) is null) or abs({ratio} - {right}) > 0.000001"


def _cut_ties_out(name: str, kind: str, amount: str, whole: str, *, readings: Sequence[str], shows: Sequence[str] = ()) -> QueryCheck:
    """For each kind of part and lens, the sum over its parts is the sum over the whole, by basis, reading, year and age.

    The territories' tree counts each of them as often as it is deep.
    """
    wanted = ", ".join(f"'{reading}'" for reading in readings)
    sql = f"""
        with
            parts as (
                select {kind}, lens, basis, reading, fiscal_year, age_months, sum({amount}) as amount
                from {{batch}}
                where {kind} <> 'territory_tree' and value_measure = 'revenue' and reading in ({wanted})
                group by all
            ),
            whole as ({whole}),
            expected as (select kinds.*, whole.* from (select distinct {kind}, lens from parts) as kinds cross join whole where reading in ({wanted}))
        select
            coalesce(expected.{kind}, parts.{kind}) as {kind},
            coalesce(expected.lens, parts.lens) as lens,
            coalesce(expected.basis, parts.basis) as basis,
            coalesce(expected.reading, parts.reading) as reading,
            coalesce(expected.fiscal_year, parts.fiscal_year) as fiscal_year,
            coalesce(expected.age_months, parts.age_months) as age_months,
            coalesce(expected.amount, 0) as left_amount,
            coalesce(parts.amount, 0) as right_amount
        from expected
        full join parts on
            expected.{kind} = parts.{kind}
            and expected.lens = parts.lens
            and expected.basis = parts.basis
            and expected.reading = parts.reading
            and expected.fiscal_year is not distinct from parts.fiscal_year
            and expected.age_months is not distinct from parts.age_months
    """
    return ties_out(name, sql, keys=(kind, "lens", "basis", "reading", "fiscal_year", "age_months"), shows=shows, why=_CUT)


_HAS_CALENDAR = "exists (select 1 from main.dim_fiscal_period where is_company_calendar)"


def _book_is_a_twelfth(*key_and_books: str) -> QueryCheck:
    """Each book is the twelfth of its months to the fourth decimal. Sums of rounded twelfths differ by the rounding of each; these don't.

    Under a calendar the months count by their days, and a year has 365.
    """
    *key, books = key_and_books
    names, same = ", ".join(key), " and ".join(f"whole.{column} = shown.{column}" for column in key)
    sql = f"""
        with
            whole as (select {names}, fiscal_year, sum(revenue_amount) as amount from ({books}) as pieces group by {names}, fiscal_year),
            shown as (
                select {names}, fiscal_year, value_amount, case when {_HAS_CALENDAR} then 365 else 12 end as divisor
                from {{batch}}
                where reading = 'book' and {_NOMINAL}
            )
        select
            {", ".join(f"coalesce(whole.{column}, shown.{column}) as {column}" for column in key)},
            coalesce(whole.fiscal_year, shown.fiscal_year) as fiscal_year,
            whole.amount as left_amount,
            shown.divisor * shown.value_amount as right_amount
        from whole
        full join shown on {same} and whole.fiscal_year = shown.fiscal_year
        where shown.value_amount is null or abs(coalesce(whole.amount, 0) - shown.divisor * shown.value_amount) > shown.divisor * 0.00005
    """
    why = "a book is the twelfth of what its months' ends hold, whoever they are summed by; only the fourth decimal is rounded"
    return no_rows("book_is_a_twelfth", sql, keys=(*key, "fiscal_year"), shows=_AMOUNTS, severity=BLOCK, why=why)


def _of_reps(amount: str) -> str:
    return f"""
        select basis, reading, fiscal_year, age_months, sum({amount}) as amount
        from main.rep_value
        where value_measure = 'revenue' and lens = 'as_sold' and cost_basis = 'actual'
        group by all
    """


def _cost_of_reps() -> str:
    return f"""
        select basis, reading, fiscal_year, age_months, sum(amount) as amount
        from ({_of_reps("cost_amount")} union all {_PAID_ONCE}) as everyones
        group by basis, reading, fiscal_year, age_months
    """


def _same_through_each_lens(amount: str, reading: str) -> QueryCheck:
    """A year's total over all reps does not depend on the lens."""
    sql = f"""
        with
            totals as (
                select lens, basis, fiscal_year, age_months, sum({amount}) as amount
                from {{batch}}
                where reading = '{reading}' and value_measure = 'revenue'
                group by lens, basis, fiscal_year, age_months
            ),
            expected as (
                select lenses.lens, totals.basis, totals.fiscal_year, totals.age_months, totals.amount
                from (select distinct lens from totals) as lenses
                cross join totals
                where totals.lens = 'as_sold'
            )
        select
            coalesce(expected.lens, totals.lens) as lens, coalesce(expected.basis, totals.basis) as basis,
            coalesce(expected.fiscal_year, totals.fiscal_year) as fiscal_year,
            coalesce(expected.age_months, totals.age_months) as age_months,
            coalesce(expected.amount, 0) as left_amount, coalesce(totals.amount, 0) as right_amount
        from expected
        full join totals on
            expected.lens = totals.lens
            and expected.basis = totals.basis
            and expected.fiscal_year = totals.fiscal_year
            and expected.age_months is not distinct from totals.age_months
    """
    shows = () if "cost" in amount else _AMOUNTS
    return ties_out(f"{amount}_same_through_each_lens", sql, keys=("lens", "basis", "fiscal_year", "age_months"), shows=shows, why=_MOVES)


_AMOUNTS = ("left_amount", "right_amount")

_COMPANY_BY_YEAR = """
    select basis, 'year' as reading, fiscal_year, cast(null as integer) as age_months, sum(revenue_amount) as amount
    from main.company_revenue
    group by basis, fiscal_year
"""

# What is paid once is in a group's year and in no rep's.
_PAID_ONCE = """
    select
        case when told = 'cost_amount' then 'nominal' else replace(told, '_cost_amount', '') end as basis,
        'year' as reading, fiscal_year, cast(null as integer) as age_months, sum(amount) as amount
    from (
        unpivot (from core.core_rep_cost where is_apart and crm_user_id is not null and month_on < $as_of)
        on columns('^(constant_|real_)?cost_amount') into name told value amount
    ) as costs
    group by all
"""

_IN_GROUP = "case when ratio_withheld_reason like 'counted in the group%' then 1 else 0 end"
_ONE_ROLE_A_YEAR = f"""
    select crm_user_id, fiscal_year
    from {{batch}}
    where fiscal_year is not null
    group by crm_user_id, fiscal_year
    having min({_IN_GROUP}) <> max({_IN_GROUP})
"""
_CAREERS_OF_YEARS = f"""
    select crm_user_id
    from {{batch}}
    group by crm_user_id
    having max(case when fiscal_year is null then {_IN_GROUP} end) <> min(case when fiscal_year is not null then {_IN_GROUP} end)
"""

_BOOKS_OF_REPS = "select crm_user_id, lens, fiscal_year, revenue_amount from core.core_value_piece where reading = 'book'"

REP_VALUE = suite(
    "rep_value",
    "main.rep_value",
    "answers",
    ("crm_user_id", *VALUE_KEY, "cost_basis"),
    *_value_checks("crm_user_id", withheld="ratio_withheld_reason is not null"),
    rule(
        "cost_below_0_is_told",
        "cost_amount < 0 and ratio_withheld_reason is null",
        severity=BLOCK,
        why="who got back less than was taken has no ratio, and one that is missing without a reason looks like a person without cost",
    ),
    no_rows(
        "one_role_a_year", _ONE_ROLE_A_YEAR, keys=("crm_user_id", "fiscal_year"), severity=BLOCK, why="a year is judged by one role, whatever reads the year"
    ),
    no_rows(
        "career_is_in_the_group_as_every_year_is",
        _CAREERS_OF_YEARS,
        keys=("crm_user_id",),
        severity=BLOCK,
        why="one year whose role bears credit gives a career its ratio; without any it has none",
    ),
    ties_out(
        "revenue_is_the_companys",
        f"""
        select
            coalesce(company.lens, reps.lens) as lens,
            coalesce(company.basis, reps.basis) as basis,
            coalesce(company.fiscal_year, reps.fiscal_year) as fiscal_year,
            coalesce(company.amount, 0) as left_amount,
            coalesce(reps.amount, 0) as right_amount
        from (select * from (select distinct lens from {{batch}}) as lenses cross join ({_COMPANY_BY_YEAR}) as years) as company
        full join (
            select lens, basis, fiscal_year, sum(revenue_amount) as amount
            from {{batch}}
            where reading = 'year' and value_measure = 'revenue' and cost_basis = 'actual'
            group by lens, basis, fiscal_year
        ) as reps on company.lens = reps.lens and company.basis = reps.basis and company.fiscal_year = reps.fiscal_year
        """,
        keys=("lens", "basis", "fiscal_year"),
        shows=_AMOUNTS,
        why=_CUT,
    ),
    _book_is_a_twelfth("crm_user_id", "lens", _BOOKS_OF_REPS),
    ties_out(
        "books_are_all_months",
        f"""
        select
            lenses.lens,
            case
                when {_HAS_CALENDAR}
                then (
                    select coalesce(sum(realised_ltv_amount * (date_diff('day', month_on, last_day_on) + 1)), 0)
                    from core.core_customer_month
                    where is_over
                )
                else (select coalesce(sum(realised_ltv_amount), 0) from main.fct_customer_value where is_over)
            end as left_amount,
            (select coalesce(sum(revenue_amount), 0) from core.core_value_piece as pieces where reading = 'book' and pieces.lens = lenses.lens) as right_amount
        from (select distinct lens from {{batch}}) as lenses
        """,
        keys=("lens",),
        shows=_AMOUNTS,
        why="at each month's end each customer is in one book, whichever lens says whose",
    ),
    ties_out(
        "cost_is_what_reps_cost",
        f"""
        select
            lenses.lens,
            (
                select coalesce(sum(cost_amount), 0) from core.core_rep_cost where crm_user_id is not null and month_on < $as_of and not is_apart
            ) as left_amount,
            (
                select coalesce(sum(cost_amount), 0)
                from (select * from {{batch}}) as reps
                where reading = 'year' and {_NOMINAL} and cost_basis = 'actual' and reps.lens = lenses.lens
            ) as right_amount
        from (select distinct lens from {{batch}}) as lenses
        """,
        keys=("lens",),
        why="each rep's cost is in one year and in no other; what is paid once is in none",
    ),
    no_rows(
        "standard_cost_is_the_actual_in_all",
        """
        select reading, lens, basis, value_measure, fiscal_year, age_months
        from (select * from {batch}) as rows
        where reading in ('year', 'cohort', 'career')
        group by reading, lens, basis, value_measure, fiscal_year, age_months
        having
            count(case when cost_basis = 'standard' then 1 end) > 0
            and sum(case when cost_basis = 'standard' then cost_amount else 0 end) <> sum(case when cost_basis = 'actual' then cost_amount else 0 end)
        """,
        keys=("reading", "lens", "basis", "value_measure", "fiscal_year", "age_months"),
        severity=BLOCK,
        why="a standard cost moves cost between people alone: all of a year, or of all years, together cost what they cost",
    ),
    rule(
        "standard_cost_is_of_five",
        "case when cost_basis = 'standard'"
        " then standard_cost_level is null"
        " or case standard_cost_level when 'years' then reading <> 'career' or standard_cost_people is not null"
        " when 'person' then coalesce(standard_cost_people <> 1, true) else coalesce(standard_cost_people < 5, true) end"
        " else standard_cost_level is not null or standard_cost_people is not null end",
        severity=BLOCK,
        why="a mean of fewer than five tells what one of them is paid",
    ),
    ties_out(
        "career_is_what_customers_brought",
        f"""
        select
            lenses.lens,
            (select coalesce(sum(realised_ltv_amount), 0) from main.customer_lifetime_value where basis = 'nominal') as left_amount,
            (
                select coalesce(sum(realised_ltv_amount), 0)
                from (select * from {{batch}}) as reps
                where reading = 'career' and {_NOMINAL} and cost_basis = 'actual' and reps.lens = lenses.lens
            ) as right_amount
        from (select distinct lens from {{batch}}) as lenses
        """,
        keys=("lens",),
        shows=_AMOUNTS,
        why="each account was acquired by one rep or by nobody known",
    ),
    *(
        _same_through_each_lens(amount, reading)
        for amount, reading in (("cost_amount", "year"), ("realised_ltv_amount", "cohort"), ("customers_acquired", "cohort"))
    ),
)

# Twelve times the book of every group, unrounded. Each piece is in one group of each kind, so all kinds sum to the same.
_BOOKS_OF_GROUPS = " union all ".join(
    f"select '{kind}' as group_type, {holder} as group_id, lens, fiscal_year, revenue_amount from core.core_value_piece where reading = 'book'"
    for kind, holder in (("team", "team_id"), ("manager", "manager_crm_user_id"), ("territory", "territory_id"), ("company", "'company'"))
)

# Of a territory and all below it: what every territory that counts in it has.
_IN_TREES = """
    select 'territory_tree' as group_type, tree.tree_territory_id as group_id, tree.lens, tree.fiscal_year, of_territory.* exclude (lens, fiscal_year, group_id)
    from of_territory
    inner join core.core_territory_tree as tree
        on of_territory.group_id = tree.territory_id and of_territory.lens = tree.lens and of_territory.fiscal_year = tree.fiscal_year
"""
_BOOKS_OF_TREES = f"""
    with of_territory as (
        select territory_id as group_id, lens, fiscal_year, revenue_amount from core.core_value_piece where reading = 'book'
    )
    {_IN_TREES}
"""
_ADDED = ("revenue_amount", "customers_acquired", "value_amount", "cost_amount", "direct_cost_amount", "shared_cost_amount", "management_cost_amount")


def _trees_are_their_territories() -> QueryCheck:
    """A territory with all below it has what these have: value, cost and customers of each row of a year or a cohort."""
    sums = ", ".join(f"sum({name}) as {name}" for name in _ADDED)
    keys = ("group_id", *VALUE_KEY)
    same = " and ".join(f"expected.{name} is not distinct from trees.{name}" for name in keys)
    sql = f"""
        with
            of_territory as (from {{batch}} where group_type = 'territory' and value_measure = 'revenue' and reading in ('year', 'cohort')),
            below as ({_IN_TREES}),
            expected as (select {", ".join(keys)}, {sums} from below group by all),
            trees as (from {{batch}} where group_type = 'territory_tree' and value_measure = 'revenue' and reading in ('year', 'cohort'))
        select {", ".join(f"coalesce(expected.{name}, trees.{name}) as {name}" for name in keys)}
        from expected
        full join trees on {same}
        where {" or ".join(f"expected.{name} is distinct from trees.{name}" for name in _ADDED)}
    """
    return no_rows("trees_are_their_territories", sql, keys=keys, severity=BLOCK, why="a region has all that its territories have, and nothing else")


GROUP_VALUE = suite(
    "group_value",
    "main.group_value",
    "answers",
    ("group_type", "group_id", *VALUE_KEY, "cost_basis"),
    *_value_checks("group_type", "group_id"),
    in_set(
        "group_type", ("team", "manager", "territory", "territory_tree", "company"), severity=BLOCK, why="another kind of group has no total to tie out with"
    ),
    _cut_ties_out("revenue_is_the_reps", "group_type", "revenue_amount", _of_reps("revenue_amount"), readings=("year",), shows=_AMOUNTS),
    _cut_ties_out(
        "lifetime_value_is_the_reps", "group_type", "realised_ltv_amount", _of_reps("realised_ltv_amount"), readings=("cohort", "career"), shows=_AMOUNTS
    ),
    _cut_ties_out("cost_is_the_reps", "group_type", "cost_amount", _cost_of_reps(), readings=("year", "career")),
    _book_is_a_twelfth("group_type", "group_id", "lens", f"{_BOOKS_OF_GROUPS} union all ({_BOOKS_OF_TREES})"),
    _trees_are_their_territories(),
)

SEGMENT_SIDES = {
    **{side: (side,) for side in ("region", "industry", "acquisition_method")},
    **{"_".join(pair): pair for pair in (("region", "industry"), ("industry", "acquisition_method"), ("region", "acquisition_method"))},
}


def _pairs_add_up_to_their_sides() -> QueryCheck:
    """What the pairs of a segment brought, and the customers that they won, is the segment's own."""
    keys = ("segment_type", "side", "segment", "reading", "fiscal_year", "age_months", "basis")
    sides = ", ".join(
        f"('{pair}', '{column}', '{side}')"
        for pair, both in SEGMENT_SIDES.items()
        if len(both) > 1
        for column, side in zip(("first", "second"), both, strict=True)
    )
    sql = f"""
        with
            rows as (from {{batch}} where lens = 'as_sold' and value_measure = 'revenue' and reading in ('year', 'cohort')),
            sides as (from (values {sides}) as told(pair, place, side)),
            pairs as (
                select
                    sides.pair as segment_type, sides.side, case sides.place when 'first' then first_segment else second_segment end as segment,
                    reading, fiscal_year, age_months, basis, sum(value_amount) as value_amount, sum(customers_acquired) as customers_acquired
                from rows
                inner join sides on rows.segment_type = sides.pair
                group by all
            ),
            alone as (
                select
                    sides.pair as segment_type, sides.side, rows.segment, reading, fiscal_year, age_months, basis, value_amount, customers_acquired
                from rows
                inner join sides on rows.segment_type = sides.side
            )
        select {", ".join(f"coalesce(alone.{key}, pairs.{key}) as {key}" for key in keys)}
        from alone
        full join pairs on {" and ".join(f"alone.{key} is not distinct from pairs.{key}" for key in keys)}
        where
            coalesce(alone.value_amount, 0) <> coalesce(pairs.value_amount, 0)
            or coalesce(alone.customers_acquired, 0) <> coalesce(pairs.customers_acquired, 0)
    """
    return no_rows("pairs_add_up_to_their_sides", sql, keys=keys, severity=BLOCK, why=_CUT)


SEGMENT_VALUE = suite(
    "segment_value",
    "main.segment_value",
    "answers",
    ("segment_type", "segment", *VALUE_KEY),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("segment_type", "segment", "reading", "lens", "basis", "value_measure")),
    not_null("first_segment", severity=BLOCK, why="a pair whose sides nobody can name can't be cut by either"),
    unique_key("segment_type", "segment", *VALUE_KEY, severity=BLOCK, why=NO_KEY),
    in_set("reading", ("year", "cohort", "career"), severity=BLOCK, why=_READING),
    in_set("segment_type", tuple(SEGMENT_SIDES), severity=BLOCK, why="another kind of segment has no total to tie out with"),
    *_shared_checks(),
    rule(
        "lens_only_of_regions",
        "lens <> 'as_sold' and segment_type <> 'region'",
        severity=BLOCK,
        why="what an account is in depends on nobody who holds it; a row of another lens would be its figure a second time",
    ),
    rule(
        "ratio_is_value_by_cost",
        wrong_ratio("value_amount"),
        severity=BLOCK,
        why=_RATIO,
    ),
    _cut_ties_out("revenue_is_the_companys", "segment_type", "revenue_amount", _COMPANY_BY_YEAR, readings=("year",), shows=_AMOUNTS),
    _cut_ties_out(
        "lifetime_value_is_the_reps", "segment_type", "realised_ltv_amount", _of_reps("realised_ltv_amount"), readings=("cohort", "career"), shows=_AMOUNTS
    ),
    ties_out(
        "cost_is_the_reps_and_marketing",
        f"""
        with
            reps as (select basis, fiscal_year, amount from ({_cost_of_reps()}) as everyones where reading = 'year'),
            marketing as (
                select basis, fiscal_year, sum(cost_amount) as amount
                from core.core_segment_cost
                where cost_kind = 'marketing' and segment_type = 'acquisition_method' and allocation_key = 'revenue'
                group by basis, fiscal_year
            ),
            kinds as (
                select unnest({list(SEGMENT_SIDES)}) as segment_type, 'as_sold' as lens
                union all
                select distinct 'region', lens
                from {{batch}}
                where lens <> 'as_sold'
            ),
            expected as (
                select segment_type, lens, basis, fiscal_year, sum(amount) as amount
                from (
                    select * from kinds cross join reps
                    union all
                    select kinds.*, marketing.* from kinds cross join marketing where contains(segment_type, 'acquisition_method')
                ) as both_kinds
                group by segment_type, lens, basis, fiscal_year
            ),
            segments as (
                select segment_type, lens, basis, fiscal_year, sum(cost_amount) as amount
                from {{batch}}
                where reading = 'year' and value_measure = 'revenue'
                group by segment_type, lens, basis, fiscal_year
            )
        select
            coalesce(expected.segment_type, segments.segment_type) as segment_type, coalesce(expected.lens, segments.lens) as lens,
            coalesce(expected.basis, segments.basis) as basis, coalesce(expected.fiscal_year, segments.fiscal_year) as fiscal_year,
            coalesce(expected.amount, 0) as left_amount, coalesce(segments.amount, 0) as right_amount
        from expected
        full join segments on
            expected.segment_type = segments.segment_type
            and expected.lens = segments.lens
            and expected.basis = segments.basis
            and expected.fiscal_year = segments.fiscal_year
        """,
        keys=("segment_type", "lens", "basis", "fiscal_year"),
        why=f"{_CUT}; marketing spend joins the cost of its method",
    ),
    ties_out(
        "next_key_moves_nothing",
        """
        select
            segment_type, basis, fiscal_year, value_measure, sum(cost_amount) as left_amount, sum(next_key_cost_amount) as right_amount
        from {batch}
        where reading = 'year' and lens = 'as_sold'
        group by all
        """,
        keys=("segment_type", "basis", "fiscal_year", "value_measure"),
        why="another key splits the same cost",
    ),
    ties_out(
        "standard_moves_nothing",
        """
        select
            segment_type, lens, reading, basis, fiscal_year, age_months, value_measure,
            sum(cost_amount) as left_amount, sum(standard_cost_amount) as right_amount
        from {batch}
        where standard_cost_amount is not null
        group by all
        """,
        keys=("segment_type", "lens", "reading", "basis", "fiscal_year", "age_months", "value_measure"),
        why="a standard cost moves cost between people, and so between segments: all of a kind together cost what they cost",
    ),
    rule(
        "standard_ratio_is_value_by_cost",
        wrong_ratio("value_amount", "standard_value_ratio", "standard_cost_amount"),
        severity=BLOCK,
        why=_RATIO,
    ),
    rule(
        "next_key_ratio_is_value_by_cost",
        wrong_ratio("value_amount", "next_key_value_ratio", "next_key_cost_amount"),
        severity=BLOCK,
        why=_RATIO,
    ),
    _pairs_add_up_to_their_sides(),
)

SUITES = (REP_VALUE, GROUP_VALUE, SEGMENT_VALUE)
