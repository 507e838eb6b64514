"""Who stands above whom, and who holds which seat: no cycles, no day without a word, quotas that add up."""

from expectations.vocabulary import BLOCK, NO_KEY, NOTE, between, in_set, no_rows, not_null, rule, suite, ties_out, unique_key

_KINDS = ("manager", "territory", "account")
_WAY = ("hierarchy", "descendant_id", "ancestor_id", "depth", "valid_from_on")
_CYCLE = "select hierarchy, descendant_id, ancestor_id, depth, valid_from_on, valid_to_on, way from {batch} where is_cycle"
_NOW = "valid_from_on < $as_of and valid_to_on >= $as_of"

CORE_HIERARCHY = suite(
    "core_hierarchy",
    "core.core_hierarchy",
    "core",
    _WAY,
    no_rows(
        "no_cycle",
        f"{_CYCLE} and {_NOW}",
        keys=("hierarchy", "way", "valid_from_on"),
        severity=BLOCK,
        why="whoever stands above themselves is counted in their own total again and again; `way` names the members: mend one of them in the source",
    ),
    no_rows(
        "no_cycle_in_the_past",
        f"{_CYCLE} and not ({_NOW})",
        keys=("hierarchy", "way", "valid_from_on"),
        severity=NOTE,
        why="a cycle that is over; on its days the hierarchy ends where it begins",
    ),
)

DIM_HIERARCHY = suite(
    "dim_hierarchy",
    "main.dim_hierarchy",
    "marts",
    ("hierarchy", "descendant_id", "depth", "valid_from_on"),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("hierarchy", "descendant_id", "ancestor_id", "depth", "valid_from_on")),
    unique_key("hierarchy", "descendant_id", "depth", "valid_from_on", severity=BLOCK, why=NO_KEY),
    in_set("hierarchy", _KINDS, severity=BLOCK, why="another hierarchy has no members to join to"),
    rule("nobody_above_themselves", "descendant_id = ancestor_id", severity=BLOCK, why="a total that holds itself has no end"),
    rule("span_not_empty", "coalesce(valid_from_on >= valid_to_on, true)", severity=BLOCK, why="a span without a day holds nothing"),
)

_GROUP_KEY = ("crm_user_id", "valid_from_on")
DIM_REP_GROUP = suite(
    "dim_rep_group",
    "main.dim_rep_group",
    "marts",
    _GROUP_KEY,
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in (*_GROUP_KEY, "team_id", "manager_crm_user_id", "territory_id")),
    unique_key(*_GROUP_KEY, severity=BLOCK, why=NO_KEY),
    rule("span_not_empty", "coalesce(valid_from_on >= valid_to_on, true)", severity=BLOCK, why="a span without a day holds nothing"),
)

_OWNER_KEY = ("account_id", "valid_from_on")
DIM_ACCOUNT_OWNER = suite(
    "dim_account_owner",
    "main.dim_account_owner",
    "marts",
    _OWNER_KEY,
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in (*_OWNER_KEY, "crm_user_id")),
    unique_key(*_OWNER_KEY, severity=BLOCK, why=NO_KEY),
    rule("span_not_empty", "coalesce(valid_from_on >= valid_to_on, true)", severity=BLOCK, why="a span without a day holds nothing"),
)

# Of a seat that several hold, fct_seat says so; of a rep who holds several, one is read.
CORE_SEAT = suite(
    "core_seat",
    "core.core_seat",
    "core",
    ("territory_id", "crm_user_id", "assigned_from_on"),
    no_rows(
        "one_seat_a_rep",
        """
        with held as (
            select crm_user_id, territory_id, assigned_from_on, least(coalesce(assigned_to_on, date '9999-12-31'), valid_to_on) as assigned_to_on
            from {batch}
        )
        select
            one.crm_user_id, one.territory_id, other.territory_id as other_territory_id,
            min(greatest(one.assigned_from_on, other.assigned_from_on)) as both_from_on
        from held as one
        inner join held as other on
            one.crm_user_id = other.crm_user_id
            and one.territory_id < other.territory_id
            and one.assigned_from_on < other.assigned_to_on
            and other.assigned_from_on < one.assigned_to_on
        where one.assigned_from_on < one.assigned_to_on and other.assigned_from_on < other.assigned_to_on
        group by one.crm_user_id, one.territory_id, other.territory_id
        """,
        keys=("crm_user_id", "territory_id", "other_territory_id"),
        shows=("both_from_on",),
        severity=NOTE,
        why="the rep holds both on some days, and what is counted by territory counts under the first of them; mend it if one took the place of the other",
    ),
)

SEAT = suite(
    "fct_seat",
    "main.fct_seat",
    "marts",
    ("territory_id", "held_from_on", "crm_user_id"),
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in ("territory_id", "held_from_on", "crm_user_id", "held_to_on")),
    unique_key("territory_id", "held_from_on", "crm_user_id", severity=BLOCK, why=NO_KEY),
    rule("empty_has_no_holder", "(holder_count = 0) <> (crm_user_id = 'unknown')", severity=BLOCK, why="a seat is held by somebody or it is empty"),
    no_rows(
        "no_gap",
        """
        select territory_id, held_from_on, held_to_on, next_from_on
        from (
            select territory_id, held_from_on, held_to_on, lead(held_from_on, 1, date '9999-12-31') over (partition by territory_id order by held_from_on)
                as next_from_on
            from (select distinct territory_id, held_from_on, held_to_on from {batch}) as spans
        ) as followed
        where held_to_on is distinct from next_from_on
        """,
        keys=("territory_id", "held_from_on"),
        shows=("held_to_on", "next_from_on"),
        severity=BLOCK,
        why="a day in no span is neither held nor empty, and one in two is counted twice",
    ),
)

_QUOTA_KEY = ("goal_id", "goal_version", "held_from_on", "crm_user_id")


def _of_quota(amount: str, whole: str) -> str:
    return f"""
        select
            coalesce(whole.goal_id, parts.goal_id) as goal_id, coalesce(whole.goal_version, parts.goal_version) as goal_version,
            whole.amount as left_amount, parts.amount as right_amount
        from ({whole}) as whole
        full join (
            select goal_id, goal_version, case when count(*) = count({amount}) then sum({amount}) end as amount from {{batch}} group by goal_id, goal_version
        ) as parts on whole.goal_id = parts.goal_id and whole.goal_version = parts.goal_version
        where not (whole.goal_id is not null and parts.goal_id is not null and whole.amount is null and parts.amount is null)
    """


SEAT_QUOTA = suite(
    "fct_seat_quota",
    "main.fct_seat_quota",
    "marts",
    _QUOTA_KEY,
    *(not_null(column, severity=BLOCK, why=NO_KEY) for column in (*_QUOTA_KEY, "quota_amount")),
    unique_key(*_QUOTA_KEY, severity=BLOCK, why=NO_KEY),
    between("day_count", 1, None, severity=BLOCK, why="a holder who held no day has no quota"),
    ties_out(
        "quota_is_the_target",
        _of_quota("quota_amount", "select goal_id, goal_version, target_amount as amount from main.fct_goal where owner_type = 'territory'"),
        keys=("goal_id", "goal_version"),
        shows=("left_amount", "right_amount"),
        why="each day of a seat's quota is a holder's, or nobody's and named so",
    ),
    ties_out(
        "actual_is_the_seats",
        _of_quota(
            "actual_amount",
            "select goal_id, goal_version, actual_amount as amount from main.goal_attainment"
            " where owner_type = 'territory' and lens = 'as_sold' and basis = 'nominal'",
        ),
        keys=("goal_id", "goal_version"),
        shows=("left_amount", "right_amount"),
        why="what the territory sold on a day is credited to whoever held it then, once",
    ),
)

SUITES = (CORE_HIERARCHY, DIM_HIERARCHY, DIM_REP_GROUP, DIM_ACCOUNT_OWNER, CORE_SEAT, SEAT, SEAT_QUOTA)
