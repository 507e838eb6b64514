"""The published page: offline, the same bytes each time, readable by everyone, and right for the odd companies too."""

import datetime as dt
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from published_example import EMPTY, Example, write_published

from orchestration.book import wording
from orchestration.book.canvas import COST_TINTS
from orchestration.book.figures import Published, read_company
from orchestration.book.page import render_page
from orchestration.book.sections.company import cost_note
from orchestration.book.sections.reps import reps_section
from orchestration.book.sections.segments import segments_section

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
ODD_NAMES = ('<b onclick="x()">Bobby & "Co"</b>', "דנה לוי", "山田 太郎", "josé1", "\x07bell\u202e\ufffeturned", "'];alert(1)//")
EXAMPLES = {
    "usual": Example(),
    "empty": EMPTY,
    "online": Example(reps=0, goals=""),
    "one_rep_one_year": Example(reps=1, first_on=dt.date(2025, 1, 1), as_of=dt.date(2026, 1, 1), goals="rep", online_accounts=0, missing=None),
    "shrinking": Example(reps=3, shrinking=True, goals="team"),
    "names_and_huge": Example(names=ODD_NAMES, scale=10**6),
    "no_cost": Example(reps=2, with_cost=False, goals=""),
    "late_start": Example(reps=3, first_on=dt.date(2022, 9, 1), fiscal_year_start_month=7, goals=""),
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="session")
def page(folder):
    @cache
    def rendered(name: str) -> str:
        path = folder / f"{name}.duckdb"
        return render_page(path, write_published(path, EXAMPLES[name]))

    return rendered


def _text(page: str) -> str:
    """What a person reads, without drawings and style."""
    words = re.sub(r"<(style|svg)\b.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words)).replace("\u00a0", " ")


def _section(page: str, anchor: str) -> str:
    return re.search(rf'<section id="{anchor}">.*?</section>', page, re.S)[0]


def _rows(section: str, caption: str) -> list[list[str]]:
    """The first line of every cell of the table whose caption begins so."""
    table = re.search(rf"<caption[^>]*>{re.escape(caption)}.*?</table>", section, re.S)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.S)[1:]
    return [[_text(cell) for cell in re.findall(r"<bdi>(.*?)</bdi>", row)] for row in rows]


def _drawings(page: str) -> list[ET.Element]:
    return [ET.fromstring(svg) for svg in re.findall(r"<svg\b.*?</svg>", page, re.S)]


class _Balance(HTMLParser):
    """Which tags were opened and not closed in their place."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_company_has_a_whole_page(page, name):
    balance = _Balance()
    balance.feed(page(name))
    assert not balance.open
    assert not balance.wrong
    anchors = re.findall(r'<section id="([^"]+)">', page(name))
    assert anchors == ["company", "cost", "bridge", "reps", "cohorts", "segments", "goals", "changes", "reading", "tie-outs"]
    for nothing in ("nan", "None", "NaN", "undefined", "Infinity", "inf"):
        assert not re.search(rf"\b{nothing}\b", _text(page(name)))
        assert not any(re.search(rf"\b{nothing}\b", ET.tostring(drawing, encoding="unicode")) for drawing in _drawings(page(name)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_page_asks_the_network_for_anything(page, name):
    without_names = page(name).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|//[a-z0-9-]+\.|<script|<iframe|<img|<object|@import|url\(|\bsrc=|srcset", without_names.replace("alert(1)//", ""))
    assert re.findall(r'<link [^>]*href="([^"]*)"', without_names) == ["data:,"]
    assert set(re.findall(r'<a href="(.)', without_names)) == {"#"}
    assert "default-src 'none'" in without_names


def test_the_same_publication_gives_the_same_bytes_in_another_process(page, folder):
    here = page("late_start")
    path, facts = folder / "late_start.duckdb", EXAMPLES["late_start"].facts
    program = (
        "import datetime, sys\nfrom pathlib import Path\nfrom orchestration.book.page import *\nfrom orchestration.fiscal_years import FiscalYears\n"
        f"sys.stdout.buffer.write(render_page(Path({str(path)!r}), {facts!r}).encode())"
    )
    other = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": "5"}, capture_output=True, check=True).stdout
    assert here == other.decode()


def test_sixty_reps_and_ten_years_stay_below_a_megabyte(tmp_path):
    example = Example(reps=60, first_on=dt.date(2016, 1, 1), accounts_a_year=1, online_accounts=0)
    facts = write_published(tmp_path / "big.duckdb", example)
    assert 100_000 < len(render_page(tmp_path / "big.duckdb", facts).encode()) < 1_000_000


def test_the_publication_is_only_read(tmp_path):
    path = tmp_path / "repledger.duckdb"
    facts = write_published(path, EMPTY)
    before = path.read_bytes()
    render_page(path, facts)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["repledger.duckdb"]
    with Published(path, facts) as opened, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        opened.rows("delete from rep_value")


def test_html_in_a_name_is_shown_and_not_obeyed(page):
    assert "<b onclick" not in page("names_and_huge")
    assert "&lt;b onclick=&#34;x()&#34;&gt;Bobby &amp; &#34;Co&#34;&lt;/b&gt;" in page("names_and_huge")
    drawn = {text.text for drawing in _drawings(page("names_and_huge")) for text in drawing.iter(f"{SVG}text")}
    assert "'];alert(1)//" in drawn
    assert not any(element.tag.removeprefix(SVG) == "b" for drawing in _drawings(page("names_and_huge")) for element in drawing.iter())


def test_names_of_every_script_are_shown_and_control_characters_are_not(page):
    for name in ("דנה לוי", "山田 太郎", "josé1", "bell turned"):
        assert f"<bdi>{name}</bdi>" in page("names_and_huge")
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", page("names_and_huge"))


def test_the_faintest_tint_of_cost_is_seen_and_the_key_has_the_same(page):
    assert min(COST_TINTS) >= 0.28
    keys = re.findall(r"\.keys \.cost-\d[^{}]*\{[^}]*opacity: ([\d.]+)", page("usual"))
    assert tuple(map(float, keys)) == COST_TINTS[1:]


def test_every_drawing_has_words_a_table_and_a_size_for_phones(page):
    for name in EXAMPLES:
        for drawing in _drawings(page(name)):
            assert drawing.get("role") == "img"
            assert len(drawing.get("aria-label")) > 20
        assert page(name).count('<div class="wide">') == page(name).count('<div class="narrow">')
        for section in re.findall(r'<section id="[^"]+">.*?</section>', page(name), re.S):
            assert "<table>" in section or "<svg" not in section
    widths = [float(drawing.get("width")) for drawing in _drawings(page("usual"))]
    assert min(widths) >= 300
    assert all(width <= 400 for width in widths[1::2])


def test_no_two_things_share_an_id_and_drawings_have_none(page):
    ids = re.findall(r'\bid="([^"]+)"', page("usual"))
    assert len(ids) == len(set(ids))
    assert not any(element.get("id") or element.get("clip-path") for drawing in _drawings(page("usual")) for element in drawing.iter())


def test_drawings_take_their_colours_from_the_style_sheet(page):
    known = set(re.findall(r"(--[\w-]+):", page("usual")))
    for drawing in _drawings(page("usual")):
        for element in drawing.iter():
            for colour in (element.get("fill"), element.get("stroke")):
                assert colour in (None, "none", "transparent") or (colour.startswith("var(") and colour[4:-1] in known), colour


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_has_the_contrast_of_aa_and_marks_that_of_graphics(page):
    palettes = [dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", page("empty"), re.S)]
    assert len(palettes) == 3
    for palette in palettes:

        def contrast(text: str, ground: str, of: dict[str, str] = palette) -> float:
            high, low = sorted((_luminance(of[text]), _luminance(of[ground])), reverse=True)
            return (high + 0.05) / (low + 0.05)

        for text in ("--ink", "--muted"):
            assert all(contrast(text, ground) >= 4.5 for ground in ("--paper", "--ground", "--call"))
        assert contrast("--value", "--ground") >= 4.5
        assert all(contrast(mark, "--paper") >= 2.7 for mark in ("--value", "--cost", "--age-12", "--age-24", "--age-36"))


def test_the_header_says_what_it_is_and_what_cost_lacks(page):
    header = _text(re.search("<header>.*?</header>", page("usual"), re.S)[0])
    for words in ("Example GmbH", "As of 8 January 2026", "EUR", "A guide, never the decision.", "it lacks bonus and employer taxes"):
        assert words in header


def _note_on_cost(path: Path, missing: dict[int, str], **example) -> str:
    """What the banner says when just those components were missing in those years."""
    facts = write_published(path, Example(reps=1, missing=None, goals="", **example))
    with duckdb.connect(str(path)) as connection:
        for year, words in missing.items():
            connection.execute("update group_value set cost_components_missing = ? where group_type = 'company' and fiscal_year = ?", [words, year])
    with Published(path, facts) as opened:
        return cost_note(read_company(opened))


PARTS = "pay, commission, bonus, employer taxes, benefits, expense claims, tools, overhead and managers"
LOADED = f"Cost is fully loaded: {PARTS}, as far as cost is defined to hold them."


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({}, LOADED),
        ({2026: "base, taxes"}, LOADED),
        (dict.fromkeys(range(2021, 2026), "taxes"), "Cost is incomplete: it lacks employer taxes, so every ratio looks higher than it is."),
        (
            {2021: "taxes", 2022: "taxes", 2024: "taxes", 2025: "bonus", 2026: "base"},
            "Cost is incomplete in some years: it lacks employer taxes in 2021 to 2022 and 2024; bonus in 2025. "
            "Ratios of those years, and of careers, look higher than they are.",
        ),
    ],
)
def test_the_banner_judges_cost_by_the_years_that_are_over(tmp_path, missing, said):
    assert _note_on_cost(tmp_path / "years.duckdb", missing) == said


def test_the_banner_of_a_first_year_judges_what_there_is(tmp_path):
    young = {"first_on": dt.date(2026, 1, 1), "as_of": dt.date(2026, 4, 1)}
    assert _note_on_cost(tmp_path / "young.duckdb", {2026: "bonus"}, **young).startswith("Cost is incomplete: it lacks bonus")


def test_cost_of_a_year_is_fully_loaded_only_with_nothing_missing_in_it(page):
    assert "fully loaded" not in _text(page("usual"))
    assert "without bonus and employer taxes" in _text(page("usual"))
    assert _text(page("one_rep_one_year")).count("fully loaded") == 2


def test_titles_are_computed_and_leave_parts_of_years_out(page, tmp_path):
    title = re.search("<h2>(.*?)</h2>", _section(page("usual"), "company"))[1]
    assert re.fullmatch(r"Value per 1 of cost rose from [\d.]+ to [\d.]+ between 2021 and 2025", title)
    assert "Not full years, so not compared: 2026 to date." in _text(page("usual"))
    assert "Not full years, so not compared: 2023 from September and 2026 to date." in _text(page("late_start"))
    assert re.search(r"<h2>Value per 1 of cost was [\d.]+ in 2025</h2>", page("one_rep_one_year"))
    assert re.search(r"<h2>Value per 1 of cost fell from [\d.]+ to −[\d.]+ between 2021 and 2025</h2>", page("shrinking"))
    assert "<h2>Value rose from" in _section(page("no_cost"), "company")


def test_an_empty_company_says_so_everywhere(page):
    for words in ("Nothing sold and no cost on file so far", "No reps on file", "No customers acquired so far", "No sales to cut", "No goals delivered"):
        assert words in page("empty")
    assert "No cost was delivered, so there is no value per 1 of cost." in page("empty")


def test_a_company_without_reps_shows_its_sales_and_no_ratio(page):
    assert "No reps on file" in page("online")
    assert "no cost, so no ratio" in _text(page("online"))
    assert "value sold by reps" not in page("online")
    assert "sold without a rep" in page("online")


def test_cost_by_component_adds_up_to_the_cost_of_the_company(page):
    section = _section(page("usual"), "cost")
    assert re.search(r"<h2>Cost rose from EUR.[\d.]+.K to EUR.[\d.]+.K between 2021 and 2025; \d+.% of it was base pay</h2>", section)
    company = {row[0]: row[3] for row in _rows(_section(page("usual"), "company"), "The company by fiscal year")}
    through = _rows(section, "Cost by component and fiscal year")
    assert [row[0] for row in through] == ["base pay", "commission", "All cost"]
    assert through[-1][1:] == [company[str(year)] for year in range(2021, 2027)]
    changed = _rows(section, "Where cost changed from 2024 to 2025")
    assert changed[-1] == ["All cost", company["2024"], company["2025"], changed[-1][3]]
    assert "The largest change first, whichever way it went." in section
    assert "a part of a year" in section
    assert "No cost to cut by component" in page("no_cost")


def test_the_bridge_leads_from_last_years_ratio_to_this_years(page, folder):
    section = _section(page("usual"), "bridge")
    assert re.search(r"<h2>The ratio (rose|fell|stayed) .* between 2024 and 2025; .*(lifted it|pulled it down) most \([+−][\d.]+\)", section)
    steps = _rows(section, "What changed from 2024 to 2025")
    names = ("Exchange", "Price", "Mix", "Retention", "Volume", "Cost", "Whole change")
    assert [row[0].startswith(name) for row, name in zip(steps, names, strict=True)] == [True] * 7
    with duckdb.connect(str(folder / "usual.duckdb"), read_only=True) as connection:
        before, after = (row[0] for row in connection.execute(_RATIOS).fetchall())
        shown = connection.execute("select change_ratio from ratio_bridge where fiscal_year = 2025 order by step_number").fetchall()
    told = [float(row[3].replace(wording.MINUS, "-")) for row in steps]
    assert all(abs(float(change) - of) <= 0.01 for (change,), of in zip(shown, told, strict=False))
    first, last = (round(float(ratio), 2) for ratio in (before, after))
    assert round(sum(told[:-1]), 2) == told[-1] == round(last - first, 2), "what is shown adds up"
    assert f"from {first:.2f} to {last:.2f} between" in _text(section)
    assert "EUR 1.2 K of volume come of sales without a product" in _text(section)
    drawing = next(one for one in _drawings(section))
    assert {"Exchange", "Retention", "2024", "2025", f"{first:.2f}", f"{last:.2f}"} <= {text for text in drawing.itertext() if text.strip()}


_RATIOS = """
select value_ratio from group_value where group_type = 'company' and reading = 'year' and fiscal_year in (2024, 2025) order by fiscal_year
"""


def test_where_no_bridge_can_be_it_is_said_why(page, tmp_path):
    for name in ("empty", "one_rep_one_year"):
        assert "No two full fiscal years in a row to compare yet" in _section(page(name), "bridge")
        assert "<svg" not in _section(page(name), "bridge")
    facts = write_published(tmp_path / "b.duckdb", Example())
    with duckdb.connect(str(tmp_path / "b.duckdb")) as connection:
        connection.execute("update ratio_bridge set from_ratio = null, change_ratio = null, to_ratio = null")
        connection.execute("update group_value set cost_amount = 0, value_ratio = null where group_type = 'company' and fiscal_year = 2024")
    assert "No ratio of 2024, so nothing leads from one to the other" in _section(render_page(tmp_path / "b.duckdb", facts), "bridge")
    with duckdb.connect(str(tmp_path / "b.duckdb")) as connection:
        connection.execute("drop table ratio_bridge")
    assert "No bridge from 2024 to 2025 in this publication" in _section(render_page(tmp_path / "b.duckdb", facts), "bridge")


def test_many_components_are_drawn_as_four_and_the_rest_and_all_are_told(tmp_path):
    facts = write_published(tmp_path / "many.duckdb", Example(goals=""))
    others = ("bonus", "benefits", "taxes", "expenses", "clawback")
    with duckdb.connect(str(tmp_path / "many.duckdb")) as connection:
        for number, name in enumerate(others, 1):
            amount = f"{'-' if name == 'clawback' else ''}{1000 - 100 * number}"
            connection.execute(f"insert into fct_rep_cost values ('u001', 'e001', date '2025-03-01', '{name}', 'EUR', {amount}, {amount})")
        connection.execute("insert into fct_rep_cost values ('u001', 'e001', date '2025-03-01', 'management', 'EUR', 0, 0)")
    section = _section(render_page(tmp_path / "many.duckdb", facts), "cost")
    assert "3 others, in the table" in section
    names = [row[0] for row in _rows(section, "Cost by component and fiscal year")]
    assert names == ["base pay", "commission", "bonus", "benefits", "employer taxes", "expense claims", "commission taken back", "All cost"]


def test_a_declared_measure_stands_beside_what_was_sold(page, tmp_path):
    """Half of what was sold was collected: so are the ratios of the year, the reps and the segments."""
    example = EXAMPLES["usual"]
    facts = write_published(tmp_path / "measured.duckdb", example)
    with duckdb.connect(str(tmp_path / "measured.duckdb")) as connection:
        connection.execute("alter table segment_value add column value_amount decimal(18, 4)")
        connection.execute("update segment_value set value_amount = revenue_amount")
        half = "'collected' as value_measure, value_amount / 2 as value_amount, value_ratio / 2 as value_ratio"
        for table in ("rep_value", "group_value", "segment_value"):
            connection.execute(f"insert into {table} by name select * replace ({half}) from {table} where reading = 'year'")
    section = _section(render_page(tmp_path / "measured.duckdb", facts), "measure")
    assert "Collected revenue is what was paid, in the year of the payment." in _text(section)
    years = _rows(section, "Collected revenue by fiscal year")
    assert [row[0] for row in years] == [row[0] for row in _rows(_section(page("usual"), "company"), "The company by fiscal year")]
    told = re.search(r"Collected revenue per 1 of cost was ([\d.]+) in 2025; what was sold, ([\d.]+)", _text(section))
    assert float(told[1]) == pytest.approx(float(told[2]) / 2, abs=0.05)
    assert len(_rows(section, "Collected revenue of reps in 2025")) == example.reps
    assert "Collected revenue" in section and "Region, 2025, EUR" in section
    assert 'id="measure"' not in page("usual"), "a company that measures by revenue has no such section"


def test_pairs_of_region_and_industry_add_up_and_few_customers_have_no_ratio(page, folder):
    section = _section(page("usual"), "segments")
    grid = _rows(section, "Region × industry, 2025, EUR")
    assert len(grid) == 4
    assert {len(row) for row in grid} == {7}
    few = re.findall(r'<td class="number muted">(?:<span[^>]*></span>)?<bdi>[^<]*</bdi><small>(\d) customers?</small>', section)
    with duckdb.connect(str(folder / "usual.duckdb"), read_only=True) as connection:
        bought = connection.execute(
            "select count(distinct account_id) from fct_order_line join dim_customer using (account_id)"
            " join (select distinct account_id, region from customer_lifetime_value) using (account_id) where fiscal_year = 2025 group by region, industry"
        ).fetchall()
    assert sorted(map(int, few)) == sorted(count for (count,) in bought if count < 5)
    assert few
    assert re.search(r"The largest pair is [\w ]+ × [\w ]+, with EUR [\d.]+ [KM] of revenue, \d+ % of all\.", _text(section))
    assert "Region × industry" not in page("empty")


def test_the_smallest_regions_and_industries_are_put_together(tmp_path):
    facts = write_published(tmp_path / "wide.duckdb", EMPTY)
    pairs = [
        {
            "first_segment": f"r{number % 15:02d}", "second_segment": f"i{number % 11:02d}", "revenue_amount": Decimal(1000 - number),
            "cost_amount": Decimal(100), "value_ratio": None, "customers": 5,
        }
        for number in range(165)
    ]  # fmt: skip
    write_published(tmp_path / "focus.duckdb", Example(goals=""))
    with Published(tmp_path / "focus.duckdb", facts) as opened:
        company = read_company(opened)
    grid = segments_section(company, [{**pairs[0], "segment_type": "region", "segment": "r00"}], pairs).blocks[-1].table
    assert [row[0].text for row in grid.rows][-2:] == ["r11", "others"]
    assert [column.label for column in grid.columns][-2:] == ["i07", "others"]
    last = sum(pair["revenue_amount"] for pair in pairs if pair["first_segment"] > "r11" and pair["second_segment"] > "i07")
    assert (grid.rows[-1][-1].text, grid.rows[-1][-1].note) == (wording.short(last), wording.ratio(last / 900))


_YEAR = "reading=year, fiscal_year=2024, lens=as_sold, basis=nominal, value_measure="
_CHANGES = (
    ("group_value", f"group_type=company, group_id=company, {_YEAR}revenue, cost_basis=actual", "revenue_amount", "late", 500, 400),
    ("group_value", f"group_type=company, group_id=company, {_YEAR}gross_margin, cost_basis=actual", "revenue_amount", "late", 500, 400),
    ("company_revenue", "fiscal_year=2024, channel=rep, basis=nominal", "revenue_amount", "late", 500, 400),
    ("company_revenue", "fiscal_year=2025, channel=rep, basis=nominal", "revenue_amount", "new", 9000, 0),
    ("rep_value", f"crm_user_id=u001, {_YEAR}revenue, cost_basis=actual", "revenue_amount", "re-split", -700, 0),
    ("segment_value", f"segment_type=region, segment=Iberia, <b>south</b>, {_YEAR}revenue", "revenue_amount", "moved", 20, 0),
    ("fct_rep_cost", "crm_user_id=unknown, employee_number=e9, month_on=2024-03-01, component=base, currency=EUR", "cost_amount", "corrected", -30, -30),
    ("fct_rep_cost", "crm_user_id=unknown, employee_number=e9, month_on=2024-03-01, component=base, currency=EUR", "cost_local_amount", "corrected", -33, -33),
)


def test_changes_since_the_last_publication_are_told_by_cause_and_by_size(tmp_path):
    facts = write_published(tmp_path / "changed.duckdb", Example(goals=""))
    with duckdb.connect(str(tmp_path / "changed.duckdb")) as connection:
        connection.executemany("insert into restatement values (?, ?, ?, ?, 'before', 'after', ?, ?)", _CHANGES)
    section = _section(render_page(tmp_path / "changed.duckdb", facts), "changes")
    assert "7 figures changed; the company's revenue of days told before is EUR 500 higher" in _text(section).replace("&#39;", "'")
    assert _rows(section, "Changes of the company by cause") == [
        ["corrected", "2", "0.00", "0.00", "−30.00", "−30.00"],
        ["late", "3", "500.00", "400.00", "0.00", "0.00"],
        ["moved", "1", "0.00", "0.00", "0.00", "0.00"],
        ["re-split", "1", "0.00", "0.00", "0.00", "0.00"],
        ["new", "1", "9,000.00", "0.00", "0.00", "0.00"],
    ]
    largest = [[cell.replace("\u00a0", " ") for cell in row] for row in _rows(section, "The largest changes")]
    assert largest == [
        ["José Hazel 1", "2024", "revenue", "re-split", "−700.00", "0.00"],
        ["the company", "2024", "revenue", "late", "500.00", "400.00"],
        ["without a rep", "Mar 2024", "cost", "corrected", "−30.00", "−30.00"],
        ["Iberia, &lt;b&gt;south&lt;/b&gt;", "2024", "revenue", "moved", "20.00", "0.00"],
    ]


def test_a_publication_with_nothing_to_explain_says_so(page, tmp_path):
    assert "<h2>No published figure has a change to explain</h2>" in _section(page("usual"), "changes")
    facts = write_published(tmp_path / "former.duckdb", EMPTY)
    with duckdb.connect(str(tmp_path / "former.duckdb")) as connection:
        connection.execute("drop table restatement")
    assert "No published figure has a change to explain" in render_page(tmp_path / "former.duckdb", facts)


def test_only_new_days_leave_what_was_told_as_it_stood(tmp_path):
    facts = write_published(tmp_path / "new.duckdb", Example(goals=""))
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        connection.executemany("insert into restatement values (?, ?, ?, ?, 'before', 'after', ?, ?)", _CHANGES[3:4])
    section = _section(render_page(tmp_path / "new.duckdb", facts), "changes")
    assert "<h2>What was told before stands; all that changed is of days that came since</h2>" in section
    assert "The largest changes" not in section


def test_reps_stand_by_name_with_every_reading_and_a_reason_for_each_gap(page):
    section = _section(page("usual"), "reps")
    heads = [_text(head).strip() for head in re.findall(r"<th scope=\"col\".*?</th>", section, re.S)]
    assert heads[4:] == [
        "Year 2025",
        "Cohort 2024 at 12 months",
        "Cohort 2023 at 24 months",
        "Cohort 2022 at 36 months",
        "Cohort 2025 to date",
        "Book 2025",
        "Career to date",
    ]
    names = re.findall(r"<th scope=row[^>]*>\s*<bdi>(.*?)</bdi>", section)
    assert len(names) == 6
    assert names == sorted(names, key=str.casefold)
    reasons = re.findall(r"<bdi>–</bdi>(<small>[^<]+</small>)?", _section(page("no_cost"), "reps"))
    assert reasons
    assert set(reasons) == {"<small>no cost</small>"}


def test_a_young_company_shows_one_cohort_column_and_each_figure_once(tmp_path):
    example = Example(reps=2, first_on=dt.date(2025, 1, 1), as_of=dt.date(2026, 1, 8), goals="")
    facts = write_published(tmp_path / "young.duckdb", example)
    with duckdb.connect(str(tmp_path / "young.duckdb")) as connection:
        connection.execute("update rep_value set customers_acquired = 0, value_ratio = 0 where reading = 'cohort' and crm_user_id = 'u001'")
    page = render_page(tmp_path / "young.duckdb", facts)
    assert re.findall(r"Cohort<small>(.*?)</small>", page) == ["2025\u00a0to\u00a0date"]
    rows = re.findall(r"<tr>\s*<th scope=row.*?</tr>", _section(page, "reps"), re.S)
    assert ["none won" in row for row in rows] == [False, True]
    cohort = re.search(r"<tr>\s*<th scope=row[^>]*>\s*<bdi>2025.*?</tr>", _section(page, "cohorts"), re.S)[0]
    assert len(re.findall("≥", cohort)) == 2  # the value and the ratio at 12 months; 24 and 36 would repeat them


def test_a_rep_with_little_to_go_on_is_grey_with_the_reason(tmp_path):
    facts = write_published(tmp_path / "small.duckdb", Example(goals=""))
    with duckdb.connect(str(tmp_path / "small.duckdb")) as connection:
        connection.execute("update rep_value set customers_acquired = 3 where reading = 'career' and crm_user_id = 'u001'")
        connection.execute("update dim_rep set rep_role = 'manager' where crm_user_id = 'u002'")
        connection.execute("update rep_value set cost_amount = 0, value_ratio = null where fiscal_year = 2025 and crm_user_id = 'u003'")
    with Published(tmp_path / "small.duckdb", facts) as opened:
        yearly, _, below = reps_section(read_company(opened)).blocks
    cells = {row[0].text: row[0] for row in below.table.rows}
    assert [cell.note for cell in cells.values() if not cell.is_muted] == ["hunter"] * 4
    assert {cell.note for cell in cells.values() if cell.is_muted} == {"hunter, 3 customers acquired", "manager"}
    assert yearly.note == (
        "Counted: all 6 who had cost, sales or customers in 2025, joiners and leavers too; 3 can be compared. "
        "Not compared: 1 with fewer than 5 customers acquired, 1 with the role manager and 1 without cost (not drawn)."
    )
    assert any(key.mark == "hollow-muted" for key in yearly.keys)
    titles = [title.text for title in ET.fromstring(yearly.picture.wide).iter(f"{SVG}title")]
    assert len(titles) == 5
    assert [title for title in titles if title.endswith("(3 customers acquired)")] == [title for title in titles if title.startswith("José Hazel 1: ")]


def test_a_role_that_bears_no_credit_is_counted_in_the_group_and_not_drawn(tmp_path):
    facts = write_published(tmp_path / "withheld.duckdb", Example(goals=""))
    with duckdb.connect(str(tmp_path / "withheld.duckdb")) as connection:
        connection.execute("update dim_rep set rep_role = 'SDR' where crm_user_id = 'u002'")
        connection.execute("update rep_value set value_ratio = null, ratio_withheld_reason = 'counted in the group' where crm_user_id = 'u002'")
    with Published(tmp_path / "withheld.duckdb", facts) as opened:
        yearly, _, below = reps_section(read_company(opened)).blocks
    assert yearly.note.endswith("5 can be compared. Not compared: 1 with a role that bears no credit (not drawn).")
    withheld = next(row for row in below.table.rows if row[0].note == "SDR")
    assert {cell.note for cell in withheld[4:]} == {"in the group"}


def test_the_role_of_the_year_withholds_its_ratio_alone(tmp_path):
    """u002 was an SDR in 2025, is a hunter since, and has a ratio of the career."""
    facts = write_published(tmp_path / "promoted.duckdb", Example(goals=""))
    with duckdb.connect(str(tmp_path / "promoted.duckdb")) as connection:
        connection.execute("update dim_rep set rep_role = 'hunter' where crm_user_id = 'u002'")
        reason = "counted in the group: the role SDR bears no credit"
        connection.execute(f"update rep_value set value_ratio = null, ratio_withheld_reason = '{reason}' where crm_user_id = 'u002' and fiscal_year = 2025")
    with Published(tmp_path / "promoted.duckdb", facts) as opened:
        yearly, careers, below = reps_section(read_company(opened)).blocks
    assert yearly.note.endswith("1 with a role that bears no credit (not drawn).")
    assert "bears no credit" not in careers.note
    withheld = next(row for row in below.table.rows if row[0].note == "SDR")
    assert withheld[4].note == "in the group"
    assert withheld[-1].note != "in the group"


def test_who_is_no_employee_is_told_and_not_drawn(tmp_path):
    facts = write_published(tmp_path / "unmatched.duckdb", Example(goals=""))
    with duckdb.connect(str(tmp_path / "unmatched.duckdb")) as connection:
        reason = "no employee is matched: no pay is known"
        connection.execute(f"update rep_value set value_ratio = null, ratio_withheld_reason = '{reason}' where crm_user_id = 'u002'")
    with Published(tmp_path / "unmatched.duckdb", facts) as opened:
        yearly, _, below = reps_section(read_company(opened)).blocks
    assert yearly.note.endswith("5 can be compared. Not compared: 1 matched with no employee (not drawn).")
    assert [{cell.note for cell in row[4:]} for row in below.table.rows].count({"no pay known"}) == 1


def test_a_cost_below_0_is_told_and_not_drawn(tmp_path):
    facts = write_published(tmp_path / "below.duckdb", Example(goals=""))
    reason = "the cost is below 0: more was taken back than paid"
    with duckdb.connect(str(tmp_path / "below.duckdb")) as connection:
        year = "where reading = 'year' and fiscal_year = 2025 and crm_user_id = 'u002'"
        connection.execute(f"update rep_value set cost_amount = -5, value_ratio = null, ratio_withheld_reason = '{reason}' {year}")
    with Published(tmp_path / "below.duckdb", facts) as opened:
        yearly, _, below = reps_section(read_company(opened)).blocks
    assert yearly.note.endswith("5 can be compared. Not compared: 1 with a cost below 0 (not drawn).")
    told = [row for row in below.table.rows if "cost below 0" in {cell.note for cell in row}]
    assert len(told) == 1
    assert "in the group" not in {cell.note for cell in told[0]}, "a role is another reason"


def test_lines_of_equal_ratio_are_named_in_the_margin(page):
    texts = {text.text for drawing in _drawings(_section(page("usual"), "reps")) for text in drawing.iter(f"{SVG}text")}
    assert {"5 : 1", "10 : 1"} <= texts


def test_cohorts_that_cannot_be_compared_are_marked(page):
    section = _section(page("usual"), "cohorts")
    assert "Left-censored: in 2021 more than 10 % of the customers" in _text(section)
    assert "<bdi>2021 †</bdi>" in section
    assert "<bdi>2022</bdi>" in section
    assert "between cohort 2022 and 2024" in _text(section)
    assert "<bdi>≥\u00a0" in section


def test_goals_say_what_was_left_out(page):
    assert re.search(r"Reps attained \d+ % of their goals in 2025, after \d+ % in 2024", _text(page("usual")))
    assert "Left out, for their period is not over: 6 goals." in _text(page("usual"))
    assert "Goals were set for teams, seats or the company, none for a rep" in page("shrinking")
    assert "No goals of teams, seats or the company were delivered." in page("one_rep_one_year")


def test_goals_of_groups_whose_period_is_over_stand_first(page):
    table = re.search(r"<caption>Goals of teams.*?</table>", _section(page("usual"), "goals"), re.S)[0]
    periods = [_text(cell).strip() for cell in re.findall(r"</th>\s*<td>(.*?)</td>", table, re.S)]
    assert periods[:2] == ["Oct to Dec 2025", "Jul to Sep 2025"]
    assert "to date" not in table  # twelve are over


def test_every_published_tie_out_is_shown_and_those_that_differ_first(page, tmp_path):
    section = _section(page("usual"), "tie-outs")
    assert "<h2>All 2 pairs of sums tie out to the cent</h2>" in section
    assert "<table>" not in section.split("<details>")[0], "a long list in which nothing differs is folded"
    assert "<bdi>1,234</bdi>" in section  # lines, not money
    facts = write_published(tmp_path / "ties.duckdb", EMPTY)
    with duckdb.connect(str(tmp_path / "ties.duckdb")) as connection:
        connection.execute("update tie_out set left_amount = 2, difference_amount = 2, is_tied = false where unit = 'amount'")
    section = _section(render_page(tmp_path / "ties.duckdb", facts), "tie-outs")
    assert "<h2>1 of 2 pairs of sums does not tie out</h2>" in section
    assert re.findall("[✓✗] [a-z ]+", section) == ["✗ differs", "✓ ties out"]
    unfolded, folded = section.split("<details>")
    assert "<summary>Pairs that tie out (1), over all years, amounts in EUR</summary>" in f"<details>{folded}"
    assert "✗ differs" in unfolded


def test_very_large_and_negative_amounts_are_short(page):
    assert re.search(r"EUR [\d.,]+ T", _text(page("names_and_huge")))
    assert re.search(r"EUR −[\d.]+ M", _text(page("shrinking")))
