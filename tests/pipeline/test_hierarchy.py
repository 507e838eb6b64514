"""Who stands above whom: found at every depth, and a way that comes back to where it began blocks and names its members by their ids."""

import csv
import datetime as dt
from pathlib import Path

import duckdb

from orchestration.demo import Size, build_world
from orchestration.demo.calendar import AS_OF
from orchestration.settings import Home
from tests.pipeline.small_company import deliver, new_company, repledger


def test_on_any_day_everybody_above_is_found(first_night: Home) -> None:
    """Against the simulated company's own people, on its last day and in the middle of its first July, when two managers had just changed teams.

    Who is no longer in the CRM has nobody above.
    """
    persons = {person.crm_user_id: person for person in build_world(Size(reps=6, years=2)).users}
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        for day in (AS_OF - dt.timedelta(days=1), dt.date(2024, 7, 16)):
            true = set()
            there = {user: person for user, person in persons.items() if person.vanished_on is None or day < person.vanished_on or person.works_on(day)}
            for user, person in there.items():
                above, depth = person.user_on(day).manager_id, 1
                while above is not None:
                    true.add((user, above, depth))
                    above, depth = persons[above].user_on(day).manager_id, depth + 1
            question = (
                "select descendant_id, ancestor_id, depth from dim_hierarchy where hierarchy = 'manager' and valid_from_on <= $day and $day < valid_to_on"
            )
            assert set(connection.execute(question, {"day": day}).fetchall()) == true
            assert max(depth for _, _, depth in true) == 2


def test_a_cycle_blocks_and_is_named(tmp_path: Path) -> None:
    home = new_company(tmp_path / "home")
    users = [
        {"crm_user_id": "u1", "user_name": "Ann Secret", "manager_crm_user_id": "u2", "rep_role": "hunter"},
        {"crm_user_id": "u2", "user_name": "Bea Secret", "manager_crm_user_id": "u3"},
        {"crm_user_id": "u3", "user_name": "Cid Secret", "manager_crm_user_id": "u1"},
        {"crm_user_id": "u4", "user_name": "Dan Secret", "manager_crm_user_id": "u1"},
    ]
    deliver(home, "crm_user", "2026-01-01", users)
    deliver(home, "territory", "2026-01-01", [{"territory_id": "west", "territory_name": "West", "parent_territory_id": "west"}])
    blocked = repledger("nightly", home=home)
    assert blocked.returncode == 1
    assert "core_hierarchy.no_cycle: 4 rows, first hierarchy=manager, way=u1 → u2 → u3 → u1" in blocked.stderr
    with (home / "failed/gate/core_hierarchy/no_cycle.csv").open(encoding="utf-8", newline="") as file:
        ways = [row["way"] for row in csv.DictReader(file)]
    assert sorted(ways) == ["u1 → u2 → u3 → u1", "u2 → u3 → u1 → u2", "u3 → u1 → u2 → u3", "west → west"]
    assert "Secret" not in blocked.stderr
