"""Reference: exchange rates, price indices, calendars, code maps, corrections."""

from expectations.raw.contract import raw_suites
from expectations.raw.correction import correction_checks
from expectations.vocabulary import BLOCK, NOTE, first_of_month, in_order, in_set, no_rows, not_after_extract, number_between, rule

# What an id of the crosswalk can be of.
ID_KINDS = ("crm_user", "employee", "claimant", "account", "opportunity")

SUITES = raw_suites(
    "standard",
    "reference",
    {
        "fx_rate": (
            rule("rate_positive", "try_cast(rate as decimal(38, 10)) <= 0", severity=BLOCK, why="a rate of zero or less wipes money out or turns its sign"),
            number_between(
                "rate", None, 10_000_000, severity=NOTE, why="a unit worth ten million of another: one of a very weak currency, or rate and pair are swapped"
            ),
            rule("pair_differs", "from_currency = to_currency", severity=NOTE, why="a currency is 1 of itself; such a rate is never read"),
            not_after_extract("rate_on", why="a rate of a day after the extract is a forecast, and would be taken for a rate"),
        ),
        "price_index": (
            first_of_month("month_on", severity=BLOCK, why="an index is per month; another day means that the source counts otherwise"),
            rule("index_positive", "try_cast(index_value as decimal(38, 10)) <= 0", severity=BLOCK, why="amounts are divided by it"),
        ),
        "fiscal_calendar": (
            in_order("starts_on", "ends_on", severity=BLOCK, why="a period without a day holds no sale"),
            number_between("fiscal_period", 1, 53, severity=NOTE, why="months or weeks of a year"),
            no_rows(
                "one_version",
                """
                with delivered as (select * from {batch} where not coalesce(try_cast(is_deleted as boolean), false))
                select distinct one.calendar_code, one.fiscal_year, one.fiscal_period, one._file, one._line
                from delivered as one
                inner join delivered as other on
                    one.calendar_code = other.calendar_code
                    and one.fiscal_year = other.fiscal_year
                    and one.fiscal_period = other.fiscal_period
                    and one._extract_date = other._extract_date
                    and one.updated_at is not distinct from other.updated_at
                    and (one.starts_on <> other.starts_on or one.ends_on <> other.ends_on)
                """,
                keys=("calendar_code", "fiscal_year", "fiscal_period", "_file", "_line"),
                severity=BLOCK,
                why="two versions of this period in one extract, and no updated_at that says which is the later: leave the row that is true",
            ),
        ),
        "code_map": (),
        "correction": correction_checks(),
        "crosswalk": (
            in_set("id_kind", ID_KINDS, severity=BLOCK, why="ids of a kind that we don't know would be matched with nothing"),
            rule(
                "not_itself",
                "from_id = to_id and id_kind in ('crm_user', 'account', 'opportunity')",
                severity=BLOCK,
                why="an id that stands for itself leads nowhere; take the row out",
            ),
            no_rows(
                "one_target",
                """
                with delivered as (select id_kind, lower(from_id) as id, from_id, to_id, is_deleted, _source, _extract_date, _file, _line from {batch})
                select distinct one.id_kind, one._file, one._line
                from delivered as one
                inner join delivered as other on
                    one.id_kind = other.id_kind
                    and (one.from_id = other.from_id or (one.id_kind = 'claimant' and one.id = other.id))
                    and one._extract_date = other._extract_date
                    and one.to_id <> other.to_id
                where not coalesce(try_cast(one.is_deleted as boolean), false) and not coalesce(try_cast(other.is_deleted as boolean), false)
                """,
                keys=("id_kind", "_file", "_line"),
                severity=BLOCK,
                why="the from_id of these rows stands for two others, in whatever case an e-mail is written; leave the row that is true",
            ),
            rule("has_a_reason", "reason is null", severity=NOTE, why="who looks at a match in three years wants to know why it was made"),
        ),
    },
)
