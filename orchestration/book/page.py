"""The one page that people open: figures of a publication as a single offline file.

Belongs here: putting sections, style and template together. Doesn't: figures, charts, where the page is published.
"""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orchestration.book import wording
from orchestration.book.figures import Company, Published, figures_of, read_cohorts, read_company, read_goals, read_segments
from orchestration.book.publication_facts import PublicationFacts, TieOut
from orchestration.book.sections.cohorts import cohorts_section
from orchestration.book.sections.company import company_section
from orchestration.book.sections.goals import goals_section
from orchestration.book.sections.reps import reps_section
from orchestration.book.sections.segments import segments_section
from orchestration.book.sections.trust import reading_section, tie_outs_section
from orchestration.book.tie_outs import computed_tie_outs

_HERE = Path(__file__).resolve().parent


def render_page(published: Path, facts: PublicationFacts, tie_outs: Sequence[TieOut] = ()) -> str:
    """The page of a publication, the same text for the same publication.

    published: the publication's DuckDB file, opened read-only. tie_outs: those that the gate computed; without any, those that the
    published tables alone can show.
    """
    with Published(published, facts) as opened:
        company, goals, cohorts = read_company(opened), read_goals(opened), read_cohorts(opened)
        segments = read_segments(opened, company.focus.year) if company.focus else []
        ties = list(tie_outs) or computed_tie_outs(opened)
    sections = [
        company_section(company),
        reps_section(company),
        cohorts_section(company, cohorts),
        segments_section(company, segments),
        goals_section(company, goals),
        tie_outs_section(ties, facts.reporting_currency),
        reading_section(company),
    ]
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("page.html.j2").render(
        facts=facts, name=wording.shown_name(facts.company_name), as_of=wording.day(facts.as_of), cost_note=cost_note(company),
        figures=figures_of(company, goals), sections=sections,
    )  # fmt: skip


def cost_note(company: Company) -> str:
    """What is missing from cost, in plain words; fully loaded only if nothing is, in any year."""
    if not any(year.cost for year in company.years):
        return "No cost was delivered, so there is no value per 1 of cost."
    ever = wording.components(company.career["cost_components_missing"] if company.career else None)
    lately = wording.components(company.focus.missing if company.focus else None)
    if company.is_fully_loaded:
        return "Cost is fully loaded: pay, commission, bonus, employer taxes, benefits and expense claims were all delivered."
    if ever and lately and ever != lately and company.focus:
        return f"Cost is incomplete: it lacks {lately} in {company.focus.label} and {ever} in some years, so every ratio looks higher than it is."
    if ever and not lately and company.focus:
        return f"Cost is complete for {company.focus.label}, but lacks {ever} in other years; ratios of those years look higher than they are."
    return f"Cost is incomplete: it lacks {lately or ever or 'components in some years'}, so every ratio looks higher than it is."
