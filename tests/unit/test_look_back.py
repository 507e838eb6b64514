"""What a look back says before it builds: of a day still to come, of files that nobody has loaded yet."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestration import cli
from orchestration.landing.intake import take_in
from orchestration.settings import Home, read_company
from tests.pipeline.small_company import deliver, new_company

TODAY = dt.datetime.now(dt.UTC).date()


def look_back(capsys: pytest.CaptureFixture[str], home: Path, day: object) -> tuple[int, list[str]]:
    code = cli.run(["nightly", "--as-known-on", str(day), "--home", str(home)])
    return code, capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_day_is_still_to_come_until_it_begins_where_the_company_is(tmp_path: Path, capsys: pytest.CaptureFixture[str], zone: str) -> None:
    """At any time one of the two has another date than the clock that the world agrees on."""
    home = new_company(tmp_path, time_zone=zone)
    today = dt.datetime.now(ZoneInfo(zone)).date()
    assert look_back(capsys, home, today)[1][-1].startswith(f"repledger: {home / 'landing'}: nothing was ever loaded → put files at")
    code, told = look_back(capsys, home, today + dt.timedelta(days=1))
    assert code == 2
    assert "is still to come" in told[-1] and told[-1].endswith(f"ask for {today} or an earlier day")


def test_files_that_wait_in_the_landing_are_told_of_if_the_day_could_count_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = new_company(tmp_path)
    deliver(home, "account", "2025-02-01", [{"account_id": "a1"}])
    deliver(home, "account", "2025-02-02", [{"account_id": "a1"}])
    deliver(home, "account", "2025-03-01", [{"account_id": "a1"}])
    code, told = look_back(capsys, home, "2025-02-15")
    assert code == 1
    assert told[0].startswith("2 files in the landing are not loaded yet; run `") and told[0].endswith(f"repledger nightly --home {home}` first to count them")
    assert told[-1].startswith(f"repledger: {home / 'landing'}: nothing was ever loaded → run `")
    assert take_in(Home(home), read_company(Home(home)), TODAY).failed == ()
    deliver(home, "crm_user", "2025-01-01", [{"crm_user_id": "ann"}])
    code, told = look_back(capsys, home, "2025-01-31")
    assert code == 2
    assert told[0].startswith("1 file in the landing is not loaded yet; run `")
    assert "nothing was known on 2025-01-31: the first extract is of 2025-02-01" in told[-1]
    assert len(look_back(capsys, home, "2024-12-31")[1]) == 1, "no file of the landing would be known on that day"
