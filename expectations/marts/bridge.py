"""The bridge between the ratios of two years: keys, steps that follow each other, and ends that are the ratios themselves.

Belongs here: `ratio_bridge`. Doesn't: the readings that it lies between (`values`).
"""

from expectations.vocabulary import BLOCK, NO_KEY, in_set, no_rows, not_null, rule, suite, ties_out, unique_key

_KEYS = ("holder_type", "holder_id", "fiscal_year", "step_number")
_BRIDGE = ("holder_type", "holder_id", "fiscal_year")
_STEPS = ("exchange", "price", "mix", "retention", "volume", "cost")
_NAMED = " or ".join(f"step_number = {number} and step = '{step}'" for number, step in enumerate(_STEPS, 1))

_READINGS = """
    select holder_type, holder_id, fiscal_year, value_amount, cost_amount, value_ratio
    from (
        select 'rep' as holder_type, crm_user_id as holder_id, fiscal_year, value_amount, cost_amount, value_ratio, reading, lens, basis, value_measure
        from main.rep_value
        where cost_basis = 'actual'
        union all
        select group_type, group_id, fiscal_year, value_amount, cost_amount, value_ratio, reading, lens, basis, value_measure
        from main.group_value
    ) as answers
    where reading = 'year' and lens = 'as_sold' and basis = 'nominal' and value_measure = 'revenue'
"""
_BOTH_YEARS = f"""
    select
        this.holder_type, this.holder_id, this.fiscal_year,
        this.value_amount - earlier.value_amount as value_change, this.cost_amount - earlier.cost_amount as cost_change,
        case when this.value_ratio is not null then earlier.value_ratio end as earlier_ratio,
        case when earlier.value_ratio is not null then this.value_ratio end as this_ratio
    from ({_READINGS}) as this
    inner join ({_READINGS}) as earlier
    on this.holder_type = earlier.holder_type and this.holder_id = earlier.holder_id and this.fiscal_year = earlier.fiscal_year + 1
"""


def _changes_tie(amount: str) -> str:
    return f"""
        select steps.holder_type, steps.holder_id, steps.fiscal_year, steps.amount as left_amount, years.{amount}_change as right_amount
        from (select holder_type, holder_id, fiscal_year, sum({amount}_change_amount) as amount from {{batch}} group by 1, 2, 3) as steps
        left join ({_BOTH_YEARS}) as years
        on steps.holder_type = years.holder_type and steps.holder_id = years.holder_id and steps.fiscal_year = years.fiscal_year
    """


def _wrong_end(step_number: int, shown: str, true: str) -> str:
    return f"""
        select ends.holder_type, ends.holder_id, ends.fiscal_year
        from (select * from {{batch}} where step_number = {step_number}) as ends
        inner join ({_BOTH_YEARS}) as years
        on ends.holder_type = years.holder_type and ends.holder_id = years.holder_id and ends.fiscal_year = years.fiscal_year
        where (ends.{shown} is null) <> (years.{true} is null) or abs(ends.{shown} - years.{true}) > 0.000001
    """


_GAPS = """
    select holder_type, holder_id, fiscal_year, step_number
    from (
        select *, lead(from_ratio) over (partition by holder_type, holder_id, fiscal_year order by step_number) as next_ratio,
            count(*) over (partition by holder_type, holder_id, fiscal_year) as steps
        from {batch}
    ) as followed
    where steps <> 6 or step_number < 6 and to_ratio is distinct from next_ratio
"""

RATIO_BRIDGE = suite(
    "ratio_bridge",
    "main.ratio_bridge",
    "answers",
    _KEYS,
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in _KEYS),
    unique_key(*_KEYS, severity=BLOCK, why=NO_KEY),
    in_set("holder_type", ("rep", "team", "manager", "territory", "company"), severity=BLOCK, why="each kind has the whole: one without a name is added"),
    rule("step_has_its_number", f"({_NAMED}) is not true", severity=BLOCK, why="the order of the steps is fixed: cost last"),
    rule(
        "unsplit_only_of_units",
        "unsplit_amount <> 0 and step not in ('retention', 'volume')",
        severity=BLOCK,
        why="what is not told apart by product is whole in retention or volume",
    ),
    rule(
        "change_is_the_way_between",
        "(change_ratio is null) <> (from_ratio is null) or (to_ratio is null) <> (from_ratio is null) or abs(to_ratio - from_ratio - change_ratio) > 0.000001",
        severity=BLOCK,
        why="a step changes the ratio by what lies between the two beside it",
    ),
    no_rows("steps_follow_each_other", _GAPS, keys=_KEYS, severity=BLOCK, why="six steps without a gap leave no rest"),
    no_rows(
        "begins_at_the_ratio_before", _wrong_end(1, "from_ratio", "earlier_ratio"), keys=_BRIDGE, severity=BLOCK, why="a bridge begins at last year's ratio"
    ),
    no_rows("ends_at_the_ratio", _wrong_end(6, "to_ratio", "this_ratio"), keys=_BRIDGE, severity=BLOCK, why="a bridge ends at this year's ratio"),
    ties_out("value_steps_are_the_change_of_value", _changes_tie("value"), keys=_BRIDGE, why="the steps of value leave no rest"),
    ties_out("cost_step_is_the_change_of_cost", _changes_tie("cost"), keys=_BRIDGE, why="cost has one step"),
)

SUITES = (RATIO_BRIDGE,)
