"""A night that only adds, through gate and publication, publishes the bytes of a night that made everything anew."""

from pathlib import Path

from orchestration.publication import manifest
from orchestration.settings import Home
from tests.pipeline.interrupted_night import deliver_first, is_told_on, only_add, two_nights
from tests.pipeline.small_company import new_company, nightly, published


def test_what_comes_late_is_told_on_to_the_bytes_of_one_night_that_found_it_all(shared: Path, tmp_path: Path) -> None:
    """What `only_add` says, after a first night; and the same landing in a fresh home."""
    delivered, told_on = two_nights(shared, "adds")
    assert is_told_on(told_on)
    anew = new_company(tmp_path / "anew")
    deliver_first(anew)
    only_add(anew)
    nightly(anew)
    assert not is_told_on(anew)
    assert _sha256(told_on) == _sha256(anew)
    changed = {name for name, sha256 in _sha256(told_on).items() if sha256 != _sha256(delivered)[name]}
    assert changed >= {"fct_order_line", "fct_credit", "fct_opportunity", "fct_activity_daily", "rep_value"}, "or it was told nothing"
    assert published(told_on, "from fct_order_line order by all") == published(anew, "from fct_order_line order by all")


def _sha256(home: Path) -> dict[str, str]:
    shown = manifest.current(Home(home))
    assert shown is not None
    return {table.name: table.sha256 for table in shown[0].tables}
