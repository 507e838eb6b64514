"""Do the published tables say the same whichever way they are cut?

Belongs here: tie-outs that published tables alone can show. Doesn't: those of deliveries and the build, which the gate passes in.
"""

from decimal import Decimal

from orchestration.book.figures import COST, DEFAULTS, Published
from orchestration.book.publication_facts import TieOut

CENT = Decimal("0.005")

# Each side: fiscal year and amount. Costs by acquisition method are left out: marketing spend joins them.
_REVENUE = "select fiscal_year, revenue_amount as amount from company_revenue where basis = 'nominal'"
_REPS = f"select fiscal_year, {{column}} as amount from rep_value where reading = 'year' and {DEFAULTS} and {COST}"
_GROUPS = f"select fiscal_year, {{column}} as amount from group_value where group_type = '{{kind}}' and reading = 'year' and {DEFAULTS} and {COST}"
_SEGMENTS = f"select fiscal_year, {{column}} as amount from segment_value where segment_type = '{{kind}}' and reading = 'year' and {DEFAULTS}"
_KINDS = {"team": "teams", "manager": "managers", "territory": "territories"}
_CUTS = {"region": "regions", "industry": "industries", "acquisition_method": "acquisition methods"}


def computed_tie_outs(published: Published) -> list[TieOut]:
    """Company = reps = groups = segments, credited + uncredited = order lines, cost = cost."""
    kinds = {row["group_type"] for row in published.rows("select distinct group_type from group_value")}
    cuts = {row["segment_type"] for row in published.rows("select distinct segment_type from segment_value")}
    checks = [
        ("Company revenue = company's value", _REVENUE, _GROUPS.format(column="value_amount", kind="company")),
        ("Company revenue = sum of reps, sold without a rep included", _REVENUE, _REPS.format(column="revenue_amount")),
    ]
    checks += [
        (f"Company revenue = sum of {word}", _REVENUE, _GROUPS.format(column="value_amount", kind=kind)) for kind, word in _KINDS.items() if kind in kinds
    ]
    checks += [
        (f"Company revenue = sum of {word}", _REVENUE, _SEGMENTS.format(column="revenue_amount", kind=kind)) for kind, word in _CUTS.items() if kind in cuts
    ]
    cost = _GROUPS.format(column="cost_amount", kind="company")
    checks.append(("Company cost = sum of reps", cost, _REPS.format(column="cost_amount")))
    checks += [(f"Company cost = sum of {word}", cost, _GROUPS.format(column="cost_amount", kind=kind)) for kind, word in _KINDS.items() if kind in kinds]
    checks += [
        (f"Company cost = sum of {word}", cost, _SEGMENTS.format(column="cost_amount", kind=kind))
        for kind, word in _CUTS.items()
        if kind in cuts and kind != "acquisition_method"
    ]
    return [_by_year(published, *check) for check in checks] + _totals(published)


def _by_year(published: Published, name: str, left: str, right: str) -> TieOut:
    """Differences are added up year by year without their sign, so that one year can't hide another."""
    row = published.rows(f"""
        with left_side as (select fiscal_year, sum(amount) as amount from ({left}) group by fiscal_year),
        right_side as (select fiscal_year, sum(amount) as amount from ({right}) group by fiscal_year)
        select coalesce(sum(left_side.amount), 0) as left_amount, coalesce(sum(right_side.amount), 0) as right_amount,
            coalesce(sum(abs(coalesce(left_side.amount, 0) - coalesce(right_side.amount, 0))), 0) as difference,
            coalesce(bool_and(abs(coalesce(left_side.amount, 0) - coalesce(right_side.amount, 0)) < {CENT}), true) as ok
        from left_side full join right_side using (fiscal_year)
    """)[0]
    return TieOut(name, row["left_amount"], row["right_amount"], row["difference"], row["ok"])


def _totals(published: Published) -> list[TieOut]:
    as_of = published.facts.as_of
    totals = published.rows(
        f"""select (select sum(credited_amount) from fct_credit where credited_on < $1 and crm_user_id <> 'unknown') as credited,
            (select sum(credited_amount) from fct_credit where credited_on < $1 and crm_user_id = 'unknown') as uncredited,
            (select sum(cost_amount) from fct_rep_cost where month_on < $1) as paid, (select sum(amount) from ({_REVENUE})) as revenue,
            (select sum(amount) from ({_GROUPS.format(column="cost_amount", kind="company")})) as cost""",
        as_of,
    )[0]
    credited, uncredited, paid, revenue, cost = (value or Decimal(0) for value in totals.values())
    return [
        _total("Order lines, credited + uncredited = company revenue", credited + uncredited, revenue),
        _total("Cost by month and component = company cost", paid, cost),
    ]


def _total(name: str, left: Decimal, right: Decimal) -> TieOut:
    return TieOut(name, left, right, left - right, abs(left - right) < CENT)
