"""Which published figures are restated, and on what each stands.

Belongs here: tables, rows and columns, the kinds of input of what is no sum of lines, what is left out and why. Doesn't: what moved (`restating/`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.landing.readers import literal

LINES, COSTS = ("line",), ("cost",)
DECLARED: Mapping[str, tuple[str, ...]] = {
    "acv": ("line", "contract"),
    "booked": ("line", "contract"),
    "recognised": ("line", "contract", "earned", "running"),
    "invoiced": ("place", "invoiced"),
    "collected": ("place", "collected"),
}
"""What a value stands on in the amount that a company declares as its measure."""


@dataclass(frozen=True)
class Figures:
    """Rows and columns of a table. kinds: of what moved below, those that can move these; none where the figure is a sum of lines, which walk.

    holder, reading, lens, basis, fiscal_years: SQL, under which what moved below is looked up.
    """

    where: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    holder: str = "null"
    reading: str = "'year'"
    lens: str = "'as_sold'"
    basis: str = "'nominal'"
    fiscal_years: str = "[fiscal_year]"


_VALUE = ("revenue_amount", "tcv_amount", "realised_ltv_amount", "value_amount")
_COST = ("cost_amount", "direct_cost_amount", "shared_cost_amount", "management_cost_amount")
_OF_LINES = "value_measure in ('revenue', 'gross_margin')"
_YEAR_OR_CAREER = "[if(reading = 'career', -1, fiscal_year)]"


def _holder(*columns: str) -> str:
    return " || ', ' || ".join(f"'{column}=' || {column}" for column in columns)


def _declared(where: str, columns: tuple[str, ...], holder: str) -> list[Figures]:
    return [
        Figures(f"{where} and value_measure = {literal(measure)}", columns, kinds, holder, "reading", "lens", "basis", _YEAR_OR_CAREER)
        for measure, kinds in DECLARED.items()
    ]


_REP, _GROUP, _SEGMENT = _holder("crm_user_id"), _holder("group_type", "group_id"), _holder("segment_type", "segment")

FIGURES: Mapping[str, list[Figures]] = {
    "company_revenue": [Figures("true", ("revenue_amount",))],
    "customer_lifetime_value": [Figures("true", ("realised_ltv_amount", "realised_margin_amount"), fiscal_years="[]")],
    "fct_rep_cost": [Figures("true", ("cost_amount", "cost_local_amount", "constant_cost_amount", "real_cost_amount"))],
    "fct_credit": [Figures("true", ("credited_amount",), fiscal_years="[]")],
    "goal_attainment": [Figures("metric in ('revenue', 'gross_margin')", ("actual_amount",), fiscal_years="[]")],
    "rep_value": [
        Figures(_OF_LINES, _VALUE, reading="reading"),
        Figures("cost_basis = 'actual'", _COST),
        Figures("true", ("net_value_amount",)),
        *_declared("true", ("value_amount", "realised_ltv_amount"), _REP),
    ],
    "group_value": [
        Figures(_OF_LINES, _VALUE, reading="reading"),
        Figures("true", _COST),
        Figures("true", ("net_value_amount",)),
        *_declared("true", ("value_amount", "realised_ltv_amount"), _GROUP),
    ],
    "segment_value": [
        Figures(f"lens = 'as_sold' and {_OF_LINES}", ("revenue_amount", "realised_ltv_amount", "value_amount")),
        *_declared("lens = 'as_sold'", ("value_amount", "realised_ltv_amount"), _SEGMENT),
    ],
    "contract_value": [
        Figures("true", ("tcv_amount", "acv_amount", "bookings_amount", "partner_share_amount"), ("line", "contract"), _REP, basis="basis"),
        Figures("true", ("recognised_amount",), ("line", "contract", "earned", "running"), _REP, basis="basis"),
        Figures("true", ("unrecognised_amount", "early_terminated_amount"), ("line", "contract", "running"), _REP, basis="basis"),
        *(Figures("true", (f"{kind}_amount",), ("place", kind), _REP, basis="basis") for kind in ("invoiced", "collected", "written_off", "open")),
    ],
}
"""By table, the rows and columns that are restated; each column of a row once."""
