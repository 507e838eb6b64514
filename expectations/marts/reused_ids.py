"""Ids that a new CRM gives to others than the old one did: what both deliver under one id must be one and the same.

Belongs here: by what it is seen that it is another person, account or opportunity, and how to accept that it is not. Doesn't:
who answers for which day (dbt's `takeover` macros), the rest of what a history must hold (`history`).
"""

from expectations.vocabulary import BLOCK, Check, no_rows

_APART = "two are counted as one; deliver those of one source under ids of their own, with a prefix say, and what is the same in `crosswalk`"

# What each version says of who or what it is: of the older source's rows and of the newer's, no two may agree.
# A number that the crosswalk says to be this user's, like one that is missing, is as the crosswalk says.
_USER = """
    select
        users.crm_user_id as id, users._source,
        case when said.to_id is null then users.employee_number else concat('as said: ', said.to_id) end as claim,
        lower(trim(users.email)) as second_claim
    from (select * from {batch}) as users
    left join core.core_crosswalk as said on
        said.id_kind = 'employee' and said.to_id = users.crm_user_id and said.from_id = coalesce(users.employee_number, said.from_id)
    where users.known_to_on = date '9999-12-31'
"""

# Case and signs are no name.
_ACCOUNT = r"""
    select
        accounts.account_id as id, accounts._source,
        nullif(trim(regexp_replace(lower(accounts.account_name), '[^\p{L}\p{N}]+', ' ', 'g')), '') as claim, cast(null as varchar) as second_claim
    from (select * from {batch}) as accounts
    left join core.core_crosswalk as said on said.id_kind = 'account' and said.match_basis = 'crosswalk' and said.from_id = accounts.account_id
    where accounts.known_to_on = date '9999-12-31' and said.from_id is null
"""

# A deal has no name; it is with an account. Where nobody says which of the older source's accounts that is, it says nothing.
_OPPORTUNITY = """
    select
        deals.opportunity_id as id, deals._source,
        coalesce(said.to_id, accounts.account_id) as claim, cast(null as varchar) as second_claim
    from (select * from {batch}) as deals
    left join core.core_crosswalk as said on said.id_kind = 'account' and said.from_id = deals.account_id
    left join (
        select distinct delivered.account_id
        from core.core_account_history as delivered
        inner join core.core_takeover as takeover on takeover.entity = 'account' and takeover.taken_source = delivered._source
    ) as accounts on deals.account_id = accounts.account_id
    left join core.core_crosswalk as own on own.id_kind = 'opportunity' and own.match_basis = 'crosswalk' and own.from_id = deals.opportunity_id
    where deals.known_to_on = date '9999-12-31' and own.from_id is null
"""

_EQUAL = "older.{0} = newer.{0}"
# A company that one source knows by a longer name than the other ("Alpha", "Alpha Inc.") is the same one.
_ALIKE = """
    (
        replace(older.{0}, ' ', '') = replace(newer.{0}, ' ', '')
        or starts_with(concat(older.{0}, ' '), concat(newer.{0}, ' '))
        or starts_with(concat(newer.{0}, ' '), concat(older.{0}, ' '))
    )
"""

MEANS_ANOTHER = {
    "crm_user": (
        _USER,
        _EQUAL,
        f"two sources deliver this id with different employee numbers, or e-mails where a number is missing: {_APART}; "
        "if it is one person with two numbers, say in `crosswalk` of both (id_kind employee) that they are this user's",
    ),
    "account": (
        _ACCOUNT,
        _ALIKE,
        f"two sources deliver this id with different names: {_APART}; "
        "if it is one account that was renamed, let one source deliver the other's name, or say it in `correction`",
    ),
    "opportunity": (
        _OPPORTUNITY,
        _EQUAL,
        f"two sources deliver this id for different accounts: {_APART}; "
        "if it is one that moved to another account, let one source deliver the other's account_id, or say it in `correction`",
    ),
}


def id_not_reused(entity: str, key: str) -> Check:
    """Of both sources of a takeover, no id means another. Only ids are shown, whatever they were compared by.

    It looks at the crosswalk too, so that keys that are not new may break it.
    """
    claims, agree, why = MEANS_ANOTHER[entity]
    return no_rows(
        "id_not_reused",
        f"""
        with told as (
            select takeover.taken_source, takeover.taking_source, claims.*
            from ({claims}) as claims
            inner join core.core_takeover as takeover on
                takeover.entity = '{entity}' and claims._source in (takeover.taken_source, takeover.taking_source)
        )
        select older.id as {key}, older.taken_source, older.taking_source
        from told as older
        inner join told as newer on
            older.id = newer.id
            and older._source = older.taken_source and newer._source = newer.taking_source
            and older.taken_source = newer.taken_source and older.taking_source = newer.taking_source
        group by older.id, older.taken_source, older.taking_source
        having
            case
                when count(older.claim) > 0 and count(newer.claim) > 0
                then count(case when {agree.format("claim")} then 1 end) = 0
                else count(older.second_claim) > 0 and count(newer.second_claim) > 0 and count(case when {agree.format("second_claim")} then 1 end) = 0
            end
        """,
        keys=(key, "taken_source", "taking_source"),
        severity=BLOCK,
        why=why,
    )
