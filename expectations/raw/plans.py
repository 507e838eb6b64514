"""Plans: goals, rewards, coaching, potential, feedback, decisions. People type these."""

from expectations.raw.contract import raw_suites
from expectations.vocabulary import BLOCK, NOTE, in_codes, in_order, in_set, no_rows, not_after_extract, number_between, rule

SUITES = raw_suites(
    "standard",
    "plans",
    {
        "goal": (
            in_set(
                "owner_type", ("rep", "team", "territory", "company"), severity=BLOCK, why="a goal of an owner that we don't know is measured against nothing"
            ),
            in_codes("metric", ("revenue", "gross_margin", "new_customers"), severity=BLOCK, why="a metric that we don't know has no actual figure"),
            in_order("period_start_on", "period_end_on", severity=BLOCK, why="a period without a day has no actual figure"),
            number_between("target_amount", 0, None, severity=BLOCK, why="a negative target is reached by doing nothing"),
            number_between("goal_version", 1, None, severity=BLOCK, why="versions count from 1"),
            number_between("ramp_pct", 0, 100, severity=BLOCK, why="the ramp multiplies the target; 0.5 for 50 or a target above the full one is a slip"),
            rule(
                "owner_named",
                "owner_type <> 'company' and owner_id is null",
                severity=BLOCK,
                why="a goal of a rep, team or territory without its owner is measured against nobody",
            ),
        ),
        "allocation_rule": (
            in_codes("pool_kind", ("tools", "overhead", "management"), severity=BLOCK, why="a rule of another kind shares nothing"),
            in_codes("allocation_key", ("headcount", "full_time", "revenue"), severity=BLOCK, why="by another key nobody knows who carries what"),
            number_between("pool_pct", 0, 100, severity=BLOCK, why="more than all of a cost would make cost from nothing; 0.8 for 80 is a slip"),
            rule(
                "pool_has_a_key",
                "lower(pool_kind) <> 'management' and allocation_key is null",
                severity=BLOCK,
                why="a rule that does not say by what a pool is shared shares nothing",
            ),
            no_rows(
                "one_rule_a_day",
                """
                select lower(pool_kind) as pool_kind, effective_on, _source, _extract_date, count(*) as row_count
                from (select * from {batch}) as rules
                group by lower(pool_kind), effective_on, _source, _extract_date
                having count(*) > 1
                """,
                keys=("pool_kind", "effective_on", "_source", "_extract_date"),
                shows=("row_count",),
                severity=BLOCK,
                why="two rules of one kind from the same day on: nobody can say which of them holds; leave one out",
            ),
        ),
        "reward": (number_between("reward_amount", 0, None, severity=NOTE, why="a negative reward is a fine, which plans here don't have"),),
        "coaching": (
            in_set("chosen_by", ("rule", "lottery", "manager"), severity=NOTE, why="how people were chosen decides which comparison is fair"),
            number_between("hours", 0, 24, severity=NOTE, why="a session lasts no longer than a day"),
            number_between("coaching_cost_amount", 0, None, severity=NOTE, why="help has a cost or none"),
            rule(
                "cost_has_currency",
                "coaching_cost_amount is not null and currency is null",
                severity=BLOCK,
                why="a cost without a currency can't be converted, and would be lost",
            ),
        ),
        "market_potential": (
            number_between("potential_amount", 0, None, severity=NOTE, why="a market is never negative"),
            number_between("customer_count", 0, None, severity=NOTE, why="a market has no negative number of customers"),
            number_between("calendar_year", 1990, 2100, severity=NOTE, why="a year of two digits, or a slip"),
        ),
        "feedback": (not_after_extract("said_on", why="said after the extract is a slip of the year"),),
        "decision": (not_after_extract("decided_on", why="decided after the extract is a slip of the year"),),
    },
)
