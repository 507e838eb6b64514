"""From events to what the systems hand over whole: the rows of snapshot entities, extract by extract.

Belongs here: which extract tells what, in the contract's columns. Doesn't: entities of which only changes are delivered (`changes`),
files (`files`), what counts in the end (`facts`).

A snapshot entity is a stream of changes (extract, key, row or None for gone): each extract holds all rows as they stand then.
- account, employee, territory, assignment, campaign, goal and reward keep no date of a change: it holds since the extract.
- crm_user and job carry `effective_on`, so their extracts hold every version so far; some versions come late, some are withdrawn.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from orchestration.demo.calendar import AS_OF, eve
from orchestration.demo.corrections import corrections
from orchestration.demo.crm_change import crosswalk, told_by
from orchestration.demo.events import Account, World
from orchestration.demo.money import text

Row = dict[str, Any]
Change = tuple[dt.date, tuple[Any, ...], Row | None]


def crm_users(world: World) -> Iterator[Change]:
    """A row a version, all of them in every extract from the one that first told of it; gone when it is withdrawn."""
    for person in world.users:
        for version in person.users:
            if version.effective_on == person.left_on and person.vanished_on is not None:
                continue
            is_back = person.second is not None and version.effective_on >= person.second.hired_on
            seen_on = told_by(world, version.effective_on, version.seen_on)
            row = {
                "crm_user_id": person.crm_user_id,
                "user_name": person.name_on(version.effective_on),
                "email": person.crm_email if person.name_on(version.effective_on) == person.name else person.former_email,
                "employee_number": person.second.employee_number if is_back and person.second else person.crm_employee_number,
                "rep_role": person.role_on(version.effective_on),
                "manager_crm_user_id": version.manager_id,
                "team_id": version.team_id,
                "team_name": world.teams.get(version.team_id or ""),
                "is_active": version.is_active,
                "effective_on": version.effective_on,
                "updated_at": eve(seen_on),
            }
            key = (person.crm_user_id, version.effective_on)
            yield seen_on, key, row
            if version.gone_on is not None:
                yield version.gone_on, key, None
            elif person.vanished_on is not None and not is_back:
                yield person.vanished_on, key, None


def accounts(world: World) -> Iterator[Change]:
    """A row whenever the extract before didn't hold the account so."""
    for account in world.accounts:
        seen = world.calendar.seen
        first_seen = seen(account.entered_on)
        days = {first_seen: account.entered_on} | {max(first_seen, seen(day)): day for day, _ in account.owners}
        if account.mended_on is not None and account.mended_on < AS_OF:
            days[max(first_seen, seen(account.mended_on))] = account.mended_on
        away = (seen(account.away_from_on), seen(account.away_to_on)) if account.away_from_on and account.away_to_on else ()
        for seen_on in sorted({*days, *({seen(account.merged_on)} if account.merged_on else ()), *away}):
            if away and seen_on == away[0]:
                yield seen_on, (account.account_id,), None
            elif not away or not away[0] <= seen_on < away[1]:
                yield seen_on, (account.account_id,), _account(world, account, seen_on)
        if account.gone_on is not None and account.gone_on < AS_OF:
            yield seen(account.gone_on), (account.account_id,), None


def _account(world: World, account: Account, extract_on: dt.date) -> Row:
    owner_id = [owner for day, owner in account.owners if day < extract_on][-1]
    is_mended = account.mended_on is None or account.mended_on < extract_on
    return {
        "account_id": account.account_id,
        "account_name": account.name,
        "industry": account.industry if is_mended else account.told_industry,
        "region": account.region,
        "country_code": account.country,
        "owner_crm_user_id": owner_id,
        "acquiring_crm_user_id": account.acquirer_id,
        "acquisition_method": account.method,
        "campaign_id": account.campaign_id,
        "created_on": account.created_on,
        "merged_into_account_id": world.merged[account.account_id] if account.merged_on and account.merged_on < extract_on else None,
        "created_by": account.owners[0][1],
        "updated_at": eve(extract_on),
    }


def territories(world: World) -> Iterator[Change]:
    """A row a territory."""
    for territory in world.territories:
        row = {
            "territory_id": territory.territory_id,
            "territory_name": territory.name,
            "parent_territory_id": territory.parent_id,
            "region": territory.region,
            "country_code": territory.country,
        }
        yield territory.seen_on, (territory.territory_id,), row


def assignments(world: World) -> Iterator[Change]:
    """A row a seat, again when it ends."""
    for seat in world.assignments:
        row: Row = {"territory_id": seat.territory_id, "crm_user_id": seat.crm_user_id, "assigned_from_on": seat.from_on}
        yield seat.seen_on, tuple(row.values()), row
        if seat.closed_seen_on is not None:
            seen_on = told_by(world, seat.to_on or seat.closed_seen_on, seat.closed_seen_on)
            yield seen_on, tuple(row.values()), None if seat.vanishes else row | {"assigned_to_on": seat.to_on}


def campaigns(world: World) -> Iterator[Change]:
    """A row a campaign."""
    for campaign in world.campaigns:
        row = {
            "campaign_id": campaign.campaign_id,
            "campaign_name": campaign.name,
            "acquisition_method": campaign.method,
            "starts_on": campaign.starts_on,
            "ends_on": campaign.ends_on,
        }
        yield world.calendar.seen(campaign.starts_on), (campaign.campaign_id,), row


def employees(world: World) -> Iterator[Change]:
    """A row an employee, again on leaving."""
    for person in world.people:
        if person.employee_number is None:
            continue
        row: Row = {
            "employee_number": person.employee_number,
            "employee_name": person.name_on(person.hired_on),
            "email": person.email_on(person.hired_on),
            "hired_on": person.hired_on,
            "country_code": person.country,
        }
        yield world.calendar.seen(person.hired_on), (person.employee_number,), row
        if person.renamed_on is not None:
            row = row | {"employee_name": person.name, "email": person.email}
            yield world.calendar.seen(person.renamed_on), (person.employee_number,), row
        if person.left_on is not None:
            yield world.calendar.seen(person.left_on), (person.employee_number,), row | {"left_on": person.left_on}


def jobs(world: World) -> Iterator[Change]:
    """A row a version, all of them in every extract."""
    for person in world.people:
        for version in person.jobs:
            row = {
                "employee_number": person.employee_number,
                "job_title": person.title_on(version.effective_on),
                "rep_role": person.role_on(version.effective_on),
                "full_time_pct": version.full_time_pct,
                "manager_employee_number": version.manager_employee_number,
                "team_id": version.team_id,
                "cost_centre": "SALES" if person.rep_role else "GENERAL",
                "effective_on": version.effective_on,
            }
            yield version.seen_on, (person.employee_number, version.effective_on), row


def goals(world: World) -> Iterator[Change]:
    """A row a goal version, again when its owner acknowledges it."""
    for goal in world.goals:
        row: Row = {
            "goal_id": goal.goal_id,
            "goal_version": goal.version,
            "owner_type": goal.owner_type,
            "owner_id": goal.owner_id,
            "metric": goal.metric,
            "period_start_on": goal.start_on,
            "period_end_on": goal.end_on,
            "target_amount": text(goal.target),
            "ramp_pct": goal.ramp_pct,
            "set_on": goal.set_on,
            "approved_by": goal.approved_by,
            "reason": goal.reason,
        }
        set_seen = world.calendar.seen(goal.set_on)
        yield set_seen, (goal.goal_id, goal.version), row
        if goal.acknowledged_on is not None:
            yield max(set_seen, world.calendar.seen(goal.acknowledged_on)), (goal.goal_id, goal.version), row | {"acknowledged_on": goal.acknowledged_on}


def rewards(world: World) -> Iterator[Change]:
    """A row a reward, again when it is earned and when it is paid."""
    for reward in world.rewards:
        row: Row = {"goal_id": reward.goal_id, "crm_user_id": reward.crm_user_id, "reward_amount": text(reward.amount), "currency": reward.currency}
        key = (reward.goal_id, reward.crm_user_id)
        yield world.calendar.seen(reward.set_on), key, row
        if reward.earned_on is not None:
            yield world.calendar.seen(reward.earned_on), key, row | {"earned_on": reward.earned_on}
        if reward.paid_on is not None:
            yield world.calendar.seen(reward.paid_on), key, row | {"earned_on": reward.earned_on, "paid_on": reward.paid_on}


def rules(world: World) -> Iterator[Change]:
    """A row a version of an allocation rule, all of them in every extract."""
    for rule in world.rules:
        row = {
            "pool_kind": rule.kind,
            "allocation_key": rule.key,
            "pool_pct": rule.pct,
            "approved_by": "U0001",
            "reason": rule.reason,
            "effective_on": rule.effective_on,
        }
        yield world.calendar.seen(rule.effective_on), (rule.kind, rule.effective_on), row


def balances(world: World) -> Iterator[Change]:
    """A row a balance."""
    for balance in world.balances:
        row = {
            "ledger_account": balance.account,
            "cost_centre": balance.cost_centre,
            "month_on": balance.month_on,
            "balance_amount": text(balance.amount),
            "currency": balance.currency,
        }
        yield world.calendar.seen(balance.month_on), (balance.account, balance.cost_centre, balance.month_on), row


def codes(world: World) -> Iterator[Change]:
    """What each ledger account is of, where its name does not say so."""
    for account, kind in sorted({(balance.account, balance.kind) for balance in world.balances if balance.account != balance.kind}):
        row = {"map_name": "ledger_account", "from_code": account, "to_code": kind}
        yield world.calendar.extracts[0], (account,), row


SNAPSHOTS = {
    "crm_user": crm_users,
    "account": accounts,
    "territory": territories,
    "territory_assignment": assignments,
    "campaign": campaigns,
    "employee": employees,
    "job": jobs,
    "goal": goals,
    "allocation_rule": rules,
    "ledger_balance": balances,
    "code_map": codes,
    "reward": rewards,
    "correction": corrections,
    "crosswalk": crosswalk,
}
