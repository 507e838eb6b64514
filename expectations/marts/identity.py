"""Who is who: ids of two systems, users and employees, corrections, and what lost against another source."""

from expectations.vocabulary import BLOCK, NOTE, keyed_fact, names_a_row, no_rows, suite

# Chains are followed in the core, which keeps file and line; the ids of a claimant may be e-mails, so that only those are shown.
CROSSWALK = suite(
    "core_crosswalk",
    "core.core_crosswalk",
    "core",
    ("id_kind", "from_id"),
    no_rows(
        "chain_has_an_end",
        "select id_kind, _file, _line from {batch} where to_id is null and id_kind in ('crm_user', 'account', 'opportunity')",
        keys=("_file", "_line", "id_kind"),
        severity=BLOCK,
        why="the ids of these rows stand for each other in a circle, so that none of them is the one to show; take one row out",
    ),
    no_rows(
        "leads_to_what_is_delivered",
        """
        select links.id_kind, links._file, links._line
        from (select * from {batch}) as links
        left join (
            select 'crm_user' as id_kind, crm_user_id as id from core.core_crm_user_history
            union
            select 'employee', crm_user_id from core.core_crm_user_history
            union
            select 'claimant', crm_user_id from core.core_crm_user_history
            union
            select 'claimant', employee_number from core.core_employee_history
            union
            select 'account', account_id from core.core_account_history
            union
            select 'opportunity', opportunity_id from core.core_opportunity_history
        ) as delivered on links.id_kind = delivered.id_kind and links.to_id = delivered.id
        where delivered.id is null and links.to_id is not null
        """,
        keys=("_file", "_line", "id_kind"),
        severity=NOTE,
        why="nobody delivered the id that this one leads to: a user or claimant stays unmatched, an account or opportunity is unknown until it is delivered",
    ),
    no_rows(
        "each_merge_counts",
        """
        with links as (select id_kind, from_id, to_id from {batch}),
        merges as (
            select 'account' as id_kind, account_id as from_id, merged_into_account_id as to_id, _file, _line
            from core.core_account_history
            where is_last_known and merged_into_account_id <> account_id
            union all
            select 'opportunity', opportunity_id, merged_into_opportunity_id, _file, _line
            from core.core_opportunity_history
            where is_last_known and merged_into_opportunity_id <> opportunity_id
        )
        select merges.id_kind, merges._file, merges._line
        from merges
        left join links as froms on merges.id_kind = froms.id_kind and merges.from_id = froms.from_id
        left join links as tos on merges.id_kind = tos.id_kind and merges.to_id = tos.from_id
        where
            coalesce(froms.to_id, merges.from_id) <> coalesce(tos.to_id, merges.to_id)
            -- A circle blocks.
            and not (froms.from_id is not null and froms.to_id is null)
            and not (tos.from_id is not null and tos.to_id is null)
        """,
        keys=("_file", "_line", "id_kind"),
        severity=NOTE,
        why="the id is, by `crosswalk`, one with another that was merged into yet another: an id stands for one, so that this merge does not count and both "
        "customers (or deals) stand; say in `crosswalk` which of those that remain is which",
    ),
)

USER_EMPLOYEE = suite(
    "core_user_employee",
    "core.core_user_employee",
    "core",
    ("crm_user_id", "employee_number"),
    no_rows(
        "one_user_an_employee",
        """
        select users.employee_number, min(users.crm_user_id) as one_crm_user_id, max(users.crm_user_id) as other_crm_user_id, users._source
        from (select crm_user_id, employee_number, _source from core.core_crm_user_history where is_last_known) as users
        inner join (select * from {batch}) as matches on users.crm_user_id = matches.crm_user_id and users.employee_number = matches.employee_number
        group by users.employee_number, users._source
        having min(users.crm_user_id) <> max(users.crm_user_id)
        """,
        keys=("employee_number", "one_crm_user_id", "other_crm_user_id", "_source"),
        severity=NOTE,
        why="two users of one source have one employee number and are counted as one rep; if they are two people, mend the number of one",
    ),
    no_rows(
        "one_employee_a_user",
        """
        with employments as (
            select
                staff.employee_number,
                coalesce(staff.hired_on, date '0001-01-01') as hired_on,
                coalesce(staff.left_on, date '9999-12-31') as left_on,
                told.told_from_on, told.told_to_on
            from (select employee_number, hired_on, left_on from core.core_employee_history where is_last_known) as staff
            inner join (
                select employee_number, min(known_from_on) as told_from_on, max(valid_to_on) as told_to_on
                from core.core_employee_history
                where known_to_on = date '9999-12-31'
                group by employee_number
            ) as told on staff.employee_number = told.employee_number
        ),
        matches as (
            select match.crm_user_id, match.match_basis, employments.*
            from (select * from {batch}) as match
            inner join employments on match.employee_number = employments.employee_number
        )
        select one.crm_user_id, one.employee_number as one_employee_number, other.employee_number as other_employee_number
        from matches as one
        inner join matches as other on
            one.crm_user_id = other.crm_user_id
            and one.employee_number < other.employee_number
            and one.hired_on < other.left_on and other.hired_on < one.left_on
            and one.told_from_on < other.told_to_on and other.told_from_on < one.told_to_on
        where one.match_basis <> 'crosswalk' and other.match_basis <> 'crosswalk'
        """,
        keys=("crm_user_id", "one_employee_number", "other_employee_number"),
        severity=BLOCK,
        why="one user is two employees of the same time, who would be one rep with the pay of both; if the login was passed on, deliver a crm_user_id of "
        "their own for whoever has it now; if it is one person, say in `crosswalk` of one of the numbers (id_kind employee) that it is this user's",
    ),
)

# Where a correction came to nothing, somebody believes that a figure was mended.
CORRECTION = suite(
    "correction",
    "main.correction",
    "marts",
    ("correction_id",),
    *names_a_row("correction_id"),
    no_rows(
        "changes_something",
        "select correction_id, correction_state, entity, column_name from {batch} where correction_state in ('unmatched', 'waiting')",
        keys=("correction_id", "correction_state"),
        shows=("entity", "column_name"),
        severity=NOTE,
        why="it changes nothing: `waiting` is for a key that no row has, `unmatched` for a value that no row of its key says; mend it or leave it out",
    ),
)

_CONFLICT_KEY = ("entity", "lost_file", "lost_line")

CONFLICT = suite(
    "conflict",
    "main.conflict",
    "marts",
    _CONFLICT_KEY,
    *names_a_row(*_CONFLICT_KEY),
    # Of snapshots the raw suites say so, naming keys; of deltas that would be a look at every key of the largest entities.
    no_rows(
        "no_row_of_a_delta_lost",
        """
        with extracts as (
            select source, entity, extract_date, list(file) as files
            from raw.delivery
            where mode = 'delta' and state in ('loaded', 'repeated')
            group by source, entity, extract_date
        ),
        lost as (
            select
                conflicts.*,
                count(*) over (partition by entity) as lost_rows,
                row_number() over (partition by entity order by extract_date, lost_file, lost_line) as place
            from (select * from {batch}) as conflicts
            inner join extracts using (source, entity, extract_date)
            where $is_new_extract
        )
        select entity, lost_rows, lost_file, lost_line, kept_file, kept_line from lost where place = 1
        """,
        keys=("entity", "lost_rows", "lost_file", "lost_line"),
        shows=("kept_file", "kept_line"),
        severity=NOTE,
        why="one key came twice in one extract, and only one row of it counts; if they are two things, give each a key; the table conflict lists all",
    ),
)

SUITES = (
    CROSSWALK,
    USER_EMPLOYEE,
    CORRECTION,
    keyed_fact("taken_over", "entity", "source", "currency"),
    CONFLICT,
    keyed_fact("id_alias", "id_kind", "alias_id"),
    keyed_fact("unmatched_identity", "id_kind", "id", "source", "reason"),
)
