"""The one page that people open: figures of a publication as a single offline file.

Belongs here: putting sections, style and template together. Doesn't: figures, charts, where the page is published.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orchestration.book import wording
from orchestration.book.figures import (
    Published,
    figures_of,
    read_bridge,
    read_changes,
    read_cohorts,
    read_company,
    read_cost,
    read_goals,
    read_measured,
    read_pairs,
    read_segments,
    read_tie_outs,
)
from orchestration.book.publication_facts import PublicationFacts
from orchestration.book.sections.bridge import bridge_section
from orchestration.book.sections.changes import changes_section
from orchestration.book.sections.cohorts import cohorts_section
from orchestration.book.sections.company import company_section, cost_note
from orchestration.book.sections.cost import cost_section
from orchestration.book.sections.goals import goals_section
from orchestration.book.sections.measure import measure_section
from orchestration.book.sections.reps import reps_section
from orchestration.book.sections.segments import segments_section
from orchestration.book.sections.trust import reading_section, tie_outs_section

_HERE = Path(__file__).resolve().parent


def render_page(published: Path, facts: PublicationFacts) -> str:
    """The page of a publication, the same text for the same publication. published: its DuckDB file, opened read-only."""
    with Published(published, facts) as opened:
        company, goals, cohorts = read_company(opened), read_goals(opened), read_cohorts(opened)
        segments = read_segments(opened, company.focus.year) if company.focus else []
        pairs = read_pairs(opened, company.focus.year) if company.focus else []
        measured = read_measured(opened, company.focus.year) if company.focus else None
        cost, bridge, changes, tie_outs = read_cost(opened), read_bridge(opened), read_changes(opened), read_tie_outs(opened)
    sections = [
        company_section(company),
        *measure_section(company, measured),
        cost_section(company, cost),
        bridge_section(company, bridge),
        reps_section(company),
        cohorts_section(company, cohorts),
        segments_section(company, segments, pairs),
        goals_section(company, goals),
        changes_section(company, changes),
        reading_section(company),
        tie_outs_section(tie_outs, facts.reporting_currency),
    ]
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("page.html.j2").render(
        facts=facts, name=wording.shown_name(facts.company_name), as_of=wording.day(facts.as_of), cost_note=cost_note(company),
        figures=figures_of(company, goals), sections=sections,
    )  # fmt: skip
