"""What `repledger check` and `repledger template` say: the same as the next night, before it."""

import datetime as dt
import gzip
from pathlib import Path

import pytest

from orchestration import cli
from orchestration.landing.declarations import standard_entities
from orchestration.landing.intake import take_in
from orchestration.new_home import write_home
from orchestration.settings import Home, read_company

TODAY = dt.date(2026, 1, 31)
NAMES = [column.name for column in standard_entities()["campaign"].columns]
CAMPAIGNS = (",".join(NAMES) + "\n" + "1,one" + "," * (len(NAMES) - 2) + "\n").encode()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    write_home(home)
    return home


def put(path: Path, content: bytes = CAMPAIGNS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def check(capsys: pytest.CaptureFixture, home: Home, path: Path, *more: str) -> tuple[int, str]:
    code = cli.run(["check", str(path), *more, "--home", str(home.root)])
    told = capsys.readouterr()
    return code, told.out + told.err


PLACES = [
    "crm/campaign/2099-01-01/a.csv",
    "crm/campaign/1200-01-01/a.csv",
    "crm/campaign/january/a.csv",
    "crm/campaign/2026-01-01/a.xlsx",
    "crm/campaign/2026-01-01/more/a.csv",
    "crm/invoice/2026-01-01/a.csv",
    "erp/campaign/2026-01-01/a.csv",
    "a.csv",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_place_where_nothing_belongs_is_told_as_the_night_would(home: Home, capsys: pytest.CaptureFixture, place: str) -> None:
    path = put(home.landing / place)
    (failed,) = take_in(home, read_company(home), TODAY).failed
    code, told = check(capsys, home, path)
    assert code == 1
    assert failed.reason.split(" (today")[0] in told and failed.do in told


def test_what_would_load_is_0_and_what_would_fail_is_1(home: Home, capsys: pytest.CaptureFixture) -> None:
    good = put(home.landing / "crm/campaign/2026-01-01/a.csv")
    assert check(capsys, home, good)[0] == 0
    bad = put(home.landing / "crm/campaign/2026-01-01/b.csv", CAMPAIGNS.replace(b"\n1,", b"\n,"))
    code, told = check(capsys, home, bad)
    assert (code, told.count("is required and empty")) == (1, 1)
    assert "failed/deliveries" not in told


def test_a_link_to_the_home_leads_to_the_same_landing(home: Home, capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(home.root)
    put(home.landing / "crm/campaign/2099-01-01/a.csv")
    assert "in the future" in check(capsys, home, tmp_path / "linked/landing/crm/campaign/2099-01-01/a.csv")[1]


def test_bytes_that_are_loaded_already_are_told(home: Home, capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    loaded = put(home.landing / "crm/campaign/2026-01-01/a.csv")
    take_in(home, read_company(home), TODAY)
    for path in (loaded, put(home.landing / "crm/campaign/2026-01-01/b.csv")):
        code, told = check(capsys, home, path)
        assert (code, "Nothing would happen: the same bytes are loaded already" in told) == (0, True)
    for path in (put(home.landing / "crm/campaign/2026-01-02/a.csv"), put(tmp_path / "campaign.csv")):
        told = check(capsys, home, path)[1]
        assert "1 of 1 line would be loaded" in told and "same bytes: crm/campaign/2026-01-01/a.csv" in told


def test_what_is_not_there_yet_does_nothing(home: Home, capsys: pytest.CaptureFixture) -> None:
    code, told = check(capsys, home, put(home.landing / "crm/campaign/2026-01-01/a.csv.part"))
    assert (code, "not there yet" in told) == (0, True)


def test_what_is_no_file_is_called_what_it_is(home: Home, capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    assert check(capsys, home, tmp_path / "nothing.csv") == (
        2,
        f"repledger: {tmp_path}/nothing.csv: there is no such file → name a .csv, .csv.gz or .zip file\n",
    )
    assert check(capsys, home, tmp_path) == (2, f"repledger: {tmp_path}: is a folder → name one file in it\n")


def test_a_file_that_its_place_names_keeps_its_name_when_it_can_not_be_read(home: Home, capsys: pytest.CaptureFixture) -> None:
    for name, content in (("a.csv.gz", gzip.compress(CAMPAIGNS)[:-9]), ("a.csv", b"")):
        code, told = check(capsys, home, put(home.landing / "crm/campaign/2026-01-01" / name, content))
        assert (code, "campaign (by its place)" in told) == (1, True)


def test_an_entity_that_contradicts_the_place_is_wrong_use(home: Home, capsys: pytest.CaptureFixture) -> None:
    path = put(home.landing / "crm/campaign/2026-01-01/a.csv")
    assert check(capsys, home, path, "--entity", "campaign")[0] == 0
    code, told = check(capsys, home, path, "--entity", "account")
    assert (code, "its place says that it holds campaign" in told) == (2, True)


def test_missing_columns_are_named_once_with_the_line_that_takes_the_others(home: Home, capsys: pytest.CaptureFixture) -> None:
    path = put(home.landing / "crm/campaign/2026-01-01/a.csv", b"campaign_id,campaign_name\n1,one\n")
    code, told = check(capsys, home, path)
    assert code == 1
    assert f"and {len(NAMES) - 2 - 5} more" in told
    assert [name for name in NAMES if told.count(f"`{name}`") > 1] == []
    assert "looks like" not in told, "a column that we know looks like nothing else"
    line = 'campaign = ["campaign_id", "campaign_name"]'
    assert "[sources.crm.columns]" in told and line in told
    with home.company_file.open("a") as company:
        company.write(f"\n[sources.crm.columns]\n{line}\n")
    assert check(capsys, home, path)[0] == 0


def test_a_column_that_nobody_knows_may_look_like_a_missing_one(home: Home, capsys: pytest.CaptureFixture) -> None:
    content = CAMPAIGNS.replace(b"campaign_name", b"Campaign Name", 1)
    told = check(capsys, home, put(home.landing / "crm/campaign/2026-01-01/a.csv", content))[1]
    assert "'Campaign Name' looks like campaign_name" in told and "company.toml" not in told


def test_a_template_is_shown_and_several_stand_under_their_names(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    assert cli.run(["template", "campaign"]) == 0
    shown = capsys.readouterr().out
    assert cli.run(["template", "campaign", "--out", str(tmp_path)]) == 0
    assert shown == (tmp_path / "campaign.csv").read_text()
    capsys.readouterr()
    assert cli.run(["template", "campaign", "account"]) == 0
    both = capsys.readouterr().out
    assert shown in both and "# account.csv\n" in both and "# campaign.csv\n" in both


def test_templates_never_overwrite_and_name_the_first_that_are_there(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    assert cli.run(["template", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    assert cli.run(["template", "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert f"and {len(standard_entities()) - 5} more are there already" in error
    assert error.count(".csv") == 5
