"""Which published figures are restated, and on what each stands.

Belongs here: tables, rows and columns, the kinds of input of what is no sum of lines, what is left out and why. Doesn't: what moved (`restating/`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestration.landing.readers import literal


def _of_payments(kind: str) -> tuple[str, ...]:
    """A payment is told at the rate of its line's day, and is whose the line is."""
    return ("place", "rate", kind)


DECLARED: Mapping[str, tuple[str, ...]] = {
    "acv": ("line", "contract"),
    "booked": ("line", "contract"),
    "recognised": ("line", "contract", "earned", "running"),
    "invoiced": _of_payments("invoiced"),
    "collected": _of_payments("collected"),
}
"""What a value stands on in the amount that a company declares as its measure."""


@dataclass(frozen=True)
class Figures:
    """Rows and columns of a table. kinds: of what moved below, those that can move these; none where the figure is a sum of lines, which walk.

    holders, reading, lens, basis, fiscal_years: SQL, under which what moved below is looked up. beside: expressions that these need and that
    are no part of the key; each is a list of what either publication says.
    """

    where: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    holders: str = "[]"
    reading: str = "'year'"
    lens: str = "'as_sold'"
    basis: str = "'nominal'"
    fiscal_years: str = "[fiscal_year]"
    beside: Mapping[str, str] = field(default_factory=dict)


_VALUE = ("realised_ltv_amount", "value_amount")
_COST = ("cost_amount", "direct_cost_amount", "shared_cost_amount", "management_cost_amount")
_OF_LINES = "value_measure in ('revenue', 'gross_margin')"
_ANY_YEAR = "[if(reading = 'career', -1, fiscal_year)]"
_YEAR_OR_CAREER = "if(reading = 'career', 'career', 'year')"
_COMPANY = "group_type=company, group_id=company"


def _holder(*columns: str) -> str:
    told = " || ', ' || ".join(f"'{column}=' || {column}" for column in columns)
    return f"[{told}]"


def _declared(holders: str) -> list[Figures]:
    return [
        Figures(f"value_measure = {literal(measure)}", _VALUE, kinds, holders, "reading", "lens", "basis", _ANY_YEAR) for measure, kinds in DECLARED.items()
    ]


_REP, _GROUP, _SEGMENT, _CUT = (
    _holder(*columns) for columns in (("crm_user_id",), ("group_type", "group_id"), ("segment_type", "segment"), ("cut_type", "cut_id"))
)
_TYPED, _ALL_DEALS = _holder("crm_user_id", "opportunity_type"), "cut_type=company, cut_id=company"
_BRIDGE: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("won",): ("deal_won",),
    ("booked", "net"): ("line", "contract"),
    ("partner share",): ("partner",),
    ("without a deal",): ("no_deal",),
    ("refunded",): ("refund",),
    ("terminated early",): ("refund", "contract"),
    (
        "won without a line",
        "changed after the win",
        "won without an amount",
        "exchange since the win",
        "booked in another year",
        "won in another year",
        "of a deal not won",
    ): ("deal_won", "of_deal"),
}
_POOLED = "standard_cost_level not in ('person', 'years')"
_IS_POOLED = "list_contains(if(reading = 'career', is_ever_pooled, is_pooled), true)"

FIGURES: Mapping[str, list[Figures]] = {
    "company_revenue": [Figures("true", ("revenue_amount",))],
    "contract_value": [
        Figures("true", columns, kinds, _TYPED, basis="basis")
        for columns, kinds in (
            (("tcv_amount",), ("line",)),
            (("acv_amount", "bookings_amount"), ("line", "contract")),
            (("partner_share_amount",), ("partner",)),
            (("recognised_amount",), DECLARED["recognised"]),
            (("unrecognised_amount",), ("term", "contract", "running")),
            (("early_terminated_amount",), ("refund", "contract")),
            *(((f"{kind}_amount",), _of_payments(kind)) for kind in ("invoiced", "collected", "written_off", "open")),
        )
    ],
    "credit_policy_comparison": [
        Figures(f"policy = '{policy}'", ("credited_amount",), kinds, _REP, basis="basis")
        for policy, kinds in {
            "acquirer": ("to_acquirer",),
            "owner": ("to_owner",),
            "split": ("to_seller",),
            "handover": ("to_acquirer", "to_heir"),
        }.items()
    ],
    "customer_lifetime_value": [Figures("true", ("realised_ltv_amount", "realised_margin_amount"), fiscal_years="[]")],
    "deal_bridge": [
        Figures(f"bridge_step in ({', '.join(map(literal, steps))})", ("bridge_amount",), kinds, f"['company', {literal(_ALL_DEALS)}]", basis="basis")
        for steps, kinds in _BRIDGE.items()
    ],
    "deal_funnel": [
        *(
            Figures("true", (f"{amount}_amount",), (kind,), _CUT, basis="basis")
            for amount, kind in (("won", "deal_won"), ("lost", "deal_lost"), ("pipeline", "deal_open"))
        ),
        Figures("true", ("list_amount", "discount_amount"), ("listed",), _CUT, basis="basis"),
    ],
    "fct_rep_cost": [Figures("true", ("cost_amount", "cost_local_amount", "constant_cost_amount", "real_cost_amount"))],
    "fct_credit": [Figures("true", ("credited_amount",), fiscal_years="[]")],
    "goal_attainment": [Figures("metric in ('revenue', 'gross_margin')", ("actual_amount",), fiscal_years="[]")],
    "group_value": [
        Figures("true", ("revenue_amount", "tcv_amount")),
        Figures(_OF_LINES, _VALUE, reading="reading"),
        Figures("true", (*_COST, "net_value_amount")),
        *_declared(_GROUP),
    ],
    "rep_value": [
        Figures("true", ("revenue_amount", "tcv_amount")),
        Figures(_OF_LINES, _VALUE, reading="reading"),
        Figures("cost_basis = 'actual'", _COST),
        Figures(
            "cost_basis = 'standard'",
            _COST,
            ("cost", "pooled"),
            f"if({_IS_POOLED}, list_append({_REP}, {literal(_COMPANY)}), {_REP})",
            _YEAR_OR_CAREER,
            "lens",
            "basis",
            _ANY_YEAR,
            {"is_pooled": _POOLED, "is_ever_pooled": f"bool_or({_POOLED}) over (partition by crm_user_id)"},
        ),
        Figures("true", ("net_value_amount",)),
        *_declared(_REP),
    ],
    "segment_value": [
        Figures("true", ("revenue_amount",)),
        Figures(_OF_LINES, _VALUE),
        *(
            Figures("true", (column,), ("segment_cost", "segment_share", *more), _SEGMENT, _YEAR_OR_CAREER, "lens", "basis", _ANY_YEAR)
            for column, *more in (("cost_amount",), ("next_key_cost_amount", "segment_count"))
        ),
        Figures("true", ("before_amount", "gross_retained_amount", "net_retained_amount"), ("kept",), _SEGMENT, basis="basis"),
        *_declared(_SEGMENT),
    ],
    "tenure_value": [
        Figures(
            "true",
            (column,),
            (kind,),
            _REP,
            basis="basis",
            fiscal_years="range(coalesce(year(list_min(tenure_start_on)), 1950), coalesce(year(list_max(tenure_end_on)), 2150) + 2)",
            beside={"tenure_start_on": "tenure_start_on", "tenure_end_on": "tenure_end_on"},
        )
        for column, kind in (("revenue_amount", "line"), ("cost_amount", "cost"))
    ],
}
"""By table, the rows and columns that are restated; each column of a row once."""

_REPEATS = "repeats cells of rep_value, group_value and segment_value"
_DELIVERED = "what was delivered: there is nothing below it that could have moved it"
_TIES = "compares two sums, which are restated where they are published"
_PLANS = "what was planned, not what came of it"
LEFT_OUT: Mapping[str, str] = {
    "customer_lifetime_value.projected_ltv_amount": "not measured yet: null in every row",
    "customer_lifetime_value.projected_ltv_low_amount": "not measured yet: null in every row",
    "customer_lifetime_value.projected_ltv_high_amount": "not measured yet: null in every row",
    "rep_value.projected_ltv_amount": "not measured yet: null in every row",
    "rep_value.projected_ltv_low_amount": "not measured yet: null in every row",
    "rep_value.projected_ltv_high_amount": "not measured yet: null in every row",
    "group_value.projected_ltv_amount": "not measured yet: null in every row",
    "group_value.projected_ltv_low_amount": "not measured yet: null in every row",
    "group_value.projected_ltv_high_amount": "not measured yet: null in every row",
    "company_revenue.declared_amount": "by channel what rep_value has by rep, where it is restated",
    "segment_value.standard_cost_amount": "divides the standard cost of years, which rep_value has, where it is restated",
    "deal_funnel.mean_deal_amount": "a ratio, which follows from its two sides",
    "deal_funnel.target_amount": _PLANS,
    "goal_attainment.target_amount": _PLANS,
    "rep_year": _REPEATS,
    "group_year": _REPEATS,
    "segment_year": _REPEATS,
    "like_for_like": "who is in either population changes as well: its sides are the years of rep_value",
    "ratio_bridge": "the change from year to year, of figures that are restated themselves",
    "fct_customer_value": "a customer's months add up to customer_lifetime_value",
    "fct_order_line": _DELIVERED,
    "fct_revenue_share": _DELIVERED,
    "fct_opportunity": _DELIVERED,
    "fct_goal": _PLANS,
    "fct_seat_quota": _PLANS,
    "fct_clawback": _DELIVERED,
    "unattributed_cost": _DELIVERED,
    "unmatched_identity": "money under a member that nobody knows: rep_value has it as unknown",
    "taken_over": _DELIVERED,
    "period_status": "what came late, itself",
    "restatement": "itself",
    "ledger_tie": _TIES,
    "pay_reconciliation": _TIES,
    "tie_out": _TIES,
}
"""Published amounts that are not restated, by table or by column, and why."""
