"""A publication is whole, described, the same bytes for the same rows, and flipped at once."""

import dataclasses
import datetime as dt
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import BuildError
from orchestration.publication import manifest, publish
from orchestration.settings import Home, Retention
from orchestration.warehouse.models import MadeAnew, Model, ModelColumn

_COLUMNS = (ModelColumn("crm_user_id", "varchar", "The CRM's id; it's text."), ModelColumn("fiscal_year", "integer", "Named by the year it ends in."))
REP_VALUE = Model(
    "model.repledger.rep_value", "rep_value", "answers", "main", False, "One row a rep and year.", "", (), _COLUMNS, ("crm_user_id", "fiscal_year"), (), ()
)
REP_YEAR = dataclasses.replace(REP_VALUE, name="rep_year", is_view=True, upstream=("rep_value",))
MODELS = (REP_VALUE, REP_YEAR)
IMPRINT = publish.Imprint("A company", "2024-01-31", "f1", "c1", "s1", 3, "2024-02-01T01:00:00+00:00")


def _page(folder, publication):
    assert (folder / "repledger.duckdb").is_file()
    (folder / "index.html").write_text(publication.company)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    _fill(home)
    return home


def _fill(home, rows="('b', 2024), ('a', 2023), ('a', null)"):
    home.warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(f"create table rep_value as select * from (values {rows}) as v(crm_user_id, fiscal_year)")
        connection.execute('create view rep_year as select * from "warehouse"."main"."rep_value" where fiscal_year is not null')


def _read(home, sql):
    with duckdb.connect(str(home.published / "repledger.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_readers_find_tables_in_the_order_of_their_key_views_and_words(home):
    publish.publish(home, MODELS, IMPRINT, _page)
    assert _read(home, "from rep_value") == [("a", None), ("a", 2023), ("b", 2024)]
    assert _read(home, "select count(*) from rep_year") == [(2,)]
    comments = "select table_name, column_name, comment from duckdb_columns() where column_index = 1 and schema_name = 'main' and not internal order by all"
    assert _read(home, comments) == [(name, "crm_user_id", "The CRM's id; it's text.") for name in ("rep_value", "rep_year")]
    assert (
        _read(home, "select comment from duckdb_views() where not internal union all select comment from duckdb_tables()") == [("One row a rep and year.",)] * 2
    )


def test_it_is_for_its_owner_alone_and_reached_through_one_link(home):
    made = publish.publish(home, MODELS, IMPRINT, _page)
    assert home.published.stat().st_mode & 0o777 == 0o700
    assert (home.published / "current").readlink() == Path("publications") / made.id
    assert [(home.published / name).readlink() for name in manifest.FILES] == [Path("current") / name for name in manifest.FILES]
    assert manifest.current(home) == (made, IMPRINT.published_at)


def test_the_same_rows_give_the_same_bytes_at_whatever_time_and_in_whatever_order(tmp_path):
    made = []
    for name, rows in (("one", "('b', 2024), ('a', 2023)"), ("two", "('a', 2023), ('b', 2024)")):
        (tmp_path / name).mkdir()
        home = Home(tmp_path / name)
        _fill(home, rows)
        publish.publish(home, MODELS, dataclasses.replace(IMPRINT, published_at=name), _page)
        made.append(
            [(home.published / "parquet" / f"{model.name}.parquet").read_bytes() for model in MODELS] + [(home.published / "manifest.json").read_bytes()]
        )
    assert made[0] == made[1]


@pytest.mark.parametrize(
    "damaged",
    [
        dataclasses.replace(REP_VALUE, columns=_COLUMNS[:1]),
        dataclasses.replace(REP_VALUE, columns=(_COLUMNS[0], dataclasses.replace(_COLUMNS[1], description=""))),
        dataclasses.replace(REP_VALUE, description=""),
        dataclasses.replace(REP_VALUE, key=()),
        dataclasses.replace(REP_VALUE, key=("account_id",)),
    ],
)
def test_nothing_is_published_without_words_and_key_and_the_old_stays(home, damaged):
    before = publish.publish(home, MODELS, IMPRINT, _page)
    with pytest.raises(BuildError, match="published rep_value"):
        publish.publish(home, (damaged, REP_YEAR), dataclasses.replace(IMPRINT, fingerprint="f2"), _page)
    assert manifest.current(home) == (before, IMPRINT.published_at)


def test_a_night_that_broke_leaves_the_old_whole_and_its_leftovers_are_cleared(home):
    before = publish.publish(home, MODELS, IMPRINT, _page)
    _fill(home, "('c', 2024)")

    def broken(folder, publication):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        publish.publish(home, MODELS, IMPRINT, broken)
    (home.published / ".current").symlink_to("publications/half")
    assert _read(home, "select count(*) from rep_value") == [(3,)]
    after = publish.publish(home, MODELS, IMPRINT, _page)
    assert _read(home, "select count(*) from rep_value") == [(1,)]
    assert sorted(path.name for path in (home.published / "publications").iterdir()) == sorted([before.id, after.id])
    assert sorted(path.name for path in home.published.iterdir()) == sorted(["publications", "current", *manifest.FILES])


def test_a_publication_made_again_is_kept_and_shown_again(home):
    first = publish.publish(home, MODELS, IMPRINT, _page)
    publish.publish(home, MODELS, dataclasses.replace(IMPRINT, fingerprint="f2"), _page)
    inode = (home.published / "publications" / first.id / "repledger.duckdb").stat().st_ino
    publish.publish(home, MODELS, dataclasses.replace(IMPRINT, published_at="later"), _page)
    assert manifest.current(home) == (first, IMPRINT.published_at)
    assert (home.published / "repledger.duckdb").stat().st_ino == inode


def test_readers_with_the_old_file_open_keep_it(home):
    publish.publish(home, MODELS, IMPRINT, _page)
    with duckdb.connect(str(home.published / "repledger.duckdb"), read_only=True) as reader:
        _fill(home, "('c', 2024)")
        publish.publish(home, MODELS, dataclasses.replace(IMPRINT, fingerprint="f2"), _page)
        assert reader.execute("select count(*) from rep_value").fetchone() == (3,)
    assert _read(home, "select count(*) from rep_value") == [(1,)]


def test_the_last_nights_and_every_months_end_are_kept(home):
    days = [f"2024-0{month}-{day:02}" for month in (1, 2) for day in range(1, 21)]
    for day in days:
        publish.publish(home, MODELS, dataclasses.replace(IMPRINT, as_of=day), _page)
    kept = sorted(path.name[:10] for path in (home.published / "publications").iterdir())
    assert kept == ["2024-01-20", *days[-Retention().publications :]]


@pytest.mark.parametrize("manifest_text", [None, "", "{}", "[1]", '{"tables": [], "as_of": 7}'])
def test_what_is_no_publication_is_left_alone_and_fails_no_night(home, manifest_text):
    publish.publish(home, MODELS, IMPRINT, _page)
    publications = home.published / "publications"
    (publications / "notes of somebody").write_text("not even a folder")
    (publications / "stray").mkdir()
    if manifest_text is not None:
        (publications / "stray" / manifest.MANIFEST).write_text(manifest_text)
    after = publish.publish(home, MODELS, dataclasses.replace(IMPRINT, fingerprint="f2"), _page)
    assert manifest.current(home) == (after, IMPRINT.published_at)
    assert (publications / "stray").is_dir()


@pytest.mark.parametrize("lost", [*manifest.FILES, "current/manifest.json"])
def test_a_publication_that_lost_a_part_is_no_publication(home, lost):
    publish.publish(home, MODELS, IMPRINT, _page)
    (home.published / lost).unlink()
    assert manifest.current(home) is None


SALE = Model(
    unique_id="model.repledger.fct_sale",
    name="fct_sale",
    layer="marts",
    schema="main",
    is_view=False,
    description="One row a sale.",
    owner="",
    tags=(),
    columns=(ModelColumn("sale_id", "", "Its id."), ModelColumn("sold_on", "", "Day of the sale; null when nobody knows.")),
    key=("sale_id",),
    upstream=(),
    sources=(),
    made_anew=MadeAnew("core_sale_change", "sold_on", ("sale_id",)),
)


def _fill_sales(home, rows, *months):
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(f"create or replace table fct_sale as select * from (values {rows}) as sales (sale_id, sold_on)")
        connection.execute("create schema if not exists core; create or replace table core.core_sale_change (month_on date)")
        for month in months:
            connection.execute("insert into core.core_sale_change values (?)", [month])


def test_months_that_did_not_change_are_linked_and_the_rest_is_as_if_made_anew(tmp_path):
    """A sale moves from March to February, one comes to the sales without a day, January stays; May is new."""
    homes = [Home(tmp_path / name) for name in ("told", "anew")]
    later = "('1', date '2024-01-31'), ('2', date '2024-02-29'), ('3', null), ('4', null), ('5', date '2024-05-01')"
    for home in homes:
        home.root.mkdir()
        _fill_sales(home, "('1', date '2024-01-31'), ('2', date '2024-03-01'), ('3', null)")
        first = publish.publish(home, (SALE,), IMPRINT, _page)
        _fill_sales(home, later, dt.date.min, dt.date(2024, 2, 1), dt.date(2024, 3, 1), dt.date(2024, 5, 1))
    second = dataclasses.replace(IMPRINT, fingerprint="f2")
    told = publish.publish(homes[0], (SALE,), second, _page, told_on_from=IMPRINT.fingerprint)
    anew = publish.publish(homes[1], (SALE,), second, _page)
    assert told == anew
    assert sorted(told.tables[0].files) == ["0001-01.parquet", "2024-01.parquet", "2024-02.parquet", "2024-05.parquet"]
    folders = [homes[0].published / "publications" / each.id / "parquet" / "fct_sale" for each in (first, told)]
    assert [name for name in sorted(told.tables[0].files) if (folders[0] / name).exists() and (folders[0] / name).samefile(folders[1] / name)] == [
        "2024-01.parquet"
    ]
    assert [_read(home, "from fct_sale order by all") for home in homes] == [_read(homes[1], "from fct_sale order by all")] * 2


def test_what_readers_do_not_see_is_no_base(tmp_path):
    """The warehouse was told on from another one than that of the publication: nothing is taken from it."""
    home = Home(tmp_path)
    _fill_sales(home, "('1', date '2024-01-31')")
    publish.publish(home, (SALE,), IMPRINT, _page)
    _fill_sales(home, "('1', date '2024-01-30')")
    publish.publish(home, (SALE,), dataclasses.replace(IMPRINT, fingerprint="f2"), _page, told_on_from="another")
    assert _read(home, "from fct_sale") == [("1", dt.date(2024, 1, 30))]


def test_a_table_that_came_out_the_same_is_linked(tmp_path):
    """Of two tables without months one did not change: its file is that of the publication before, no copy."""
    home = Home(tmp_path)
    same, other = (dataclasses.replace(SALE, name=name, unique_id=f"model.repledger.{name}", made_anew=None) for name in ("dim_same", "dim_other"))

    def night(day, fingerprint, told_on_from=""):
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute("create or replace table dim_same as select '1' as sale_id, date '2024-01-31' as sold_on")
            connection.execute(f"create or replace table dim_other as select '1' as sale_id, date '{day}' as sold_on")
        publication = publish.publish(home, (same, other), dataclasses.replace(IMPRINT, fingerprint=fingerprint), _page, told_on_from=told_on_from)
        return home.published / "publications" / publication.id / "parquet"

    before = night("2024-01-31", "f1")
    after = night("2024-02-29", "f2", told_on_from="f1")
    assert {name: (after / name).samefile(before / name) for name in ("dim_same.parquet", "dim_other.parquet")} == {
        "dim_same.parquet": True,
        "dim_other.parquet": False,
    }


def test_a_file_that_is_a_third_holes_is_written_afresh_and_its_parquet_is_still_linked(tmp_path):
    """Of many sales in February all but one are taken back: the night that says so leaves holes, and the next one does not take them along."""
    home = Home(tmp_path)

    def sales(day, count):
        return f"select hash('{day}' || range) as sale_id, date '{day}' as sold_on from range({count})"

    def night(number, january, february, made_anew):
        _fill_sales(home, "(null, null)", made_anew)
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute(f"create or replace table fct_sale as {sales('2024-01-31', january)} union all {sales('2024-02-29', february)}")
        made = publish.publish(home, (SALE,), dataclasses.replace(IMPRINT, fingerprint=f"f{number}"), _page, told_on_from=f"f{number - 1}")
        used, free = _read(home, "select used_blocks, free_blocks from pragma_database_size()")[0]
        return home.published / "publications" / made.id, free / (used + free)

    night(1, 1, 200_000, dt.date(2024, 2, 1))
    holed, holes = night(2, 1, 1, dt.date(2024, 2, 1))
    afresh, holes_afresh = night(3, 2, 1, dt.date(2024, 1, 1))
    assert holes > 1 / 3 > holes_afresh
    assert (afresh / "repledger.duckdb").stat().st_size < (holed / "repledger.duckdb").stat().st_size / 2
    assert _read(home, "select sold_on, count(*) from fct_sale group by 1 order by 1") == [(dt.date(2024, 1, 31), 2), (dt.date(2024, 2, 29), 1)]
    assert [(afresh / name).samefile(holed / name) for name in ("parquet/fct_sale/2024-02.parquet", "parquet/fct_sale/2024-01.parquet")] == [True, False]
