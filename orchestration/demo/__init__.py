"""A simulated company whose true answers are known, delivered the way a real one would be.

Belongs here: what happened (`company`, `territories`, `marketing`, `sales`, `deals`, `mishaps`, `payments`, `adjustments`, `pay`, `pools`,
`books`, `plans`, `activity`), how it is told (`snapshots`, `changes`, `crm_change`, `files`), what it adds up to (`facts`, `loaded`, `lenses`,
`truth`, `truth_more`, `truth_seats`, `truth_credit`, `truth_identity`, `truth_years`, `bases`, `closes`, `answers`). Doesn't: the warehouse's rules; the
truth is worked out from the events, never from a delivered file or a model.

What happens, and the rule that it tries (tests/unit/test_demo_features.py counts each):
- money: reps, orders, claims and spend in EUR, rates of five decimals, some corrected later: conversion by the event's date; a price
  index of which a month was never published: each answer in nominal, constant and real money;
- edges: moves, a team of which half goes over to another, managers who swap in mid-year, moves told late or withdrawn: both clocks;
- seats: held, shared, empty, and two that are swapped in mid-month, with quotas: credit by days;
- two CRMs: a new one in the fourth year with a month of both, merged accounts and deals, a crosswalk kept by hand;
- identity: a rep hired again, a new name, a manager who sells, users, seats and accounts that vanish, a user matched by e-mail in capitals,
  an agent without payroll, a contractor without a CRM user, staff, claims by nobody known;
- credit: splits of 60/40 and thirds, splits that change or don't add up, overlays, online sales, unknown sellers: revenue of a rep, parts
  equal the whole; renewals, refunds of more than was sold or within a term, write-offs of lines and orders: whose credit they undo;
  adjustments by hand, in a chain, of what was refunded, and taken back: the total stays;
- acquisition: declared, inferred and left-censored customers, online ones won later by a rep, a tie that ids decide as numbers;
- books: handovers seen a month late, accounts of the house or of nobody, accounts that vanish: owner at a month's end;
- versions: refunds, late, corrected, deleted lines and twins in one extract; corrected pay, claims and spend: the latest counts;
- segments: unknown industries, methods and territories, industries mended later, spend of a campaign, a method or nobody;
- goals: reps, teams and company, three metrics, second versions, ramps, periods that aren't over;
- pay apart: clawbacks (some that name no commission), severance, sign-on bonuses, recruiting fees, taxes that are estimates: fct_clawback, careers;
- leave: parental, paid, then unpaid, then by halves, long sickness and care that overlap, a manager's, vacation: what leaves both sides;
- shared cost: pools in two currencies, by headcount, full time and revenue, rules that change, coaches' hours, managers: loaded cost;
- books: balances in another cost centre, forgotten parts, accrued amounts: the tie to the ledger;
- cost: part-timers, joiners and leavers in mid-month, commission paid a month later, claims told in the nights, rejected and withdrawn claims;
- closes: quarters that finance closed, lines that came later, a month that was opened again: what is late, and of which month;
- corrections: a country that the CRM never mends, an industry that it mends later: applied, and expired;
- value: a heavy tail, seasons and growth; activity is drawn apart and explains nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from orchestration.company_file import render_company_toml, standard_sources
from orchestration.demo.absences import build_absences
from orchestration.demo.activity import activity_rows
from orchestration.demo.adjustments import build_adjustments
from orchestration.demo.answers import write_truth
from orchestration.demo.bases import CONSTANT_ON, INDEX_CODE
from orchestration.demo.books import build_books
from orchestration.demo.calendar import Calendar
from orchestration.demo.changes import DELTAS
from orchestration.demo.company import build_people
from orchestration.demo.crm_change import MOVED, NEW, OLD, crm_change, deltas_by_source, snapshots_by_source
from orchestration.demo.events import REPORTING_CURRENCY, World
from orchestration.demo.facts import Facts
from orchestration.demo.files import write_deltas, write_snapshots
from orchestration.demo.identities import merge, send_away
from orchestration.demo.marketing import build_campaigns, build_rates
from orchestration.demo.mishaps import age_lines
from orchestration.demo.pay import build_expenses, build_pay
from orchestration.demo.payments import build_payments
from orchestration.demo.plans import build_plans
from orchestration.demo.pools import build_pools
from orchestration.demo.sales import build_sales
from orchestration.demo.snapshots import SNAPSHOTS
from orchestration.demo.territories import build_territories
from orchestration.errors import ConfigurationError
from orchestration.landing.declarations import standard_entities
from orchestration.new_home import keep_out_of_git
from orchestration.settings import BASES, COST_BASES, Home, Source, Takeover

NAME = "Vantor Supplies"
_LIMITS = {"reps": (2, 500), "years": (1, 30), "seed": (0, 2**32 - 1), "activities": (0, 10_000_000), "fiscal_year_start_month": (1, 12)}


@dataclass(frozen=True)
class Size:
    """How large a company, and which of the many that could be."""

    reps: int = 60
    years: int = 10
    seed: int = 1
    activities: int = 200_000
    fiscal_year_start_month: int = 1
    changes_crm: bool = True


def write_demo(
    home: Home,
    *,
    reps: int = 60,
    years: int = 10,
    seed: int = 1,
    activities: int = 200_000,
    fiscal_year_start_month: int = 1,
    changes_crm: bool = True,
    progress: Callable[[str], None] = print,
) -> None:
    """Write company.toml, the landing and the truth of a simulated company. The same arguments give the same bytes.

    Raises ConfigurationError when an argument is out of range, or when the landing already holds something.
    """
    size = Size(reps, years, seed, activities, fiscal_year_start_month, changes_crm)
    _refuse(home, size)
    progress(f"simulating {years} years of a company with {reps} reps")
    world = build_world(size)
    progress(f"  {len(world.accounts):,} accounts, {len(world.lines):,} order lines, {len(world.pay):,} pay items")
    _write_company_file(home, world, size)
    _deliver(home, world, size)
    progress(f"  {sum(1 for _ in home.landing.rglob('*.csv')):,} files in {home.landing}")
    progress("  working out the true answers, which the tests compare with; that takes longest")
    write_truth(home.truth, Facts(world), fiscal_year_start_month)
    progress(f"  true answers in {home.truth}")


def build_world(size: Size) -> World:
    """All that happened. Each part draws from a stream of its own, so that more activities don't change what is sold."""
    world = World(NAME, Calendar(size.years))
    world.crm_change = crm_change(world.calendar) if size.changes_crm else None

    def stream(number: int) -> np.random.Generator:
        return np.random.default_rng([size.seed, number])

    build_rates(world, stream(1))
    build_people(world, stream(2), size.reps)
    build_absences(world)
    build_territories(world, stream(3), size.reps)
    build_campaigns(world, stream(4), size.reps)
    build_sales(world, stream(5), size.reps)
    age_lines(world, stream(6))
    send_away(world)
    merge(world)
    build_payments(world)
    facts = Facts(world)
    build_adjustments(world, facts)
    build_pay(world, stream(7), facts)
    build_expenses(world, stream(8))
    build_plans(world, stream(9), facts)
    build_pools(world, size.reps)
    build_books(world)
    return world


def _refuse(home: Home, size: Size) -> None:
    for name, (low, high) in _LIMITS.items():
        if not low <= getattr(size, name) <= high:
            raise ConfigurationError(f"{name} is {getattr(size, name)}", do=f"give a whole number from {low:,} to {high:,}")
    if any(path.is_file() for path in home.landing.rglob("*")):
        raise ConfigurationError("the landing already holds files", where=str(home.landing), do="choose another --home, or empty this one first")
    if home.company_file.exists():
        raise ConfigurationError("there already is a company.toml", where=str(home.company_file), do="choose another --home, or move it away first")


def _write_company_file(home: Home, world: World, size: Size) -> None:
    text = render_company_toml(
        name=NAME,
        reporting_currency=REPORTING_CURRENCY,
        fiscal_year_start_month=size.fiscal_year_start_month,
        time_zone="UTC",
        credit_policy="acquirer",
        constant_currency_on=CONSTANT_ON,
        bases=BASES,
        cost_bases=COST_BASES,
        real_index=INDEX_CODE,
        sources=_sources(world),
    )
    home.root.mkdir(parents=True, exist_ok=True)
    keep_out_of_git(home)
    home.company_file.write_text(text, encoding="utf-8")


def _sources(world: World) -> tuple[Source, ...]:
    """One an area; and the new CRM, which takes over from the old one."""
    sources, change = standard_sources(), world.crm_change
    if change is None:
        return sources
    old = next(source for source in sources if source.name == OLD)
    return (*sources, Source(NEW, "standard", {entity: old.entities[entity] for entity in MOVED}, takeover=Takeover(OLD, change.on)))


def _deliver(home: Home, world: World, size: Size) -> None:
    areas = {name: entity.area for name, entity in standard_entities().items()}
    for entity, changes in SNAPSHOTS.items():
        for source, extracts, told in snapshots_by_source(world, entity, areas[entity], changes(world)):
            write_snapshots(home.landing, source, entity, extracts, told)
    activities = activity_rows(world, np.random.default_rng([size.seed, 10]), size.activities)
    for entity, rows in (*((name, rows(world)) for name, rows in DELTAS.items()), ("activity", activities)):
        for source, told_rows in deltas_by_source(world, entity, areas[entity], rows):
            write_deltas(home.landing, source, entity, told_rows)
