"""What a person reads when a model or a test of the warehouse fails: its name and why, and never a cell."""

from pathlib import Path

import pytest

from orchestration.errors import BuildError
from orchestration.settings import Home
from orchestration.warehouse.build import BuildResult, _without_cells, raise_for

HOME = Home(Path("home"))


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "Runtime Error in model pay (pay.sql)\n  Conversion Error: Could not convert string '98,765.43' to DECIMAL(18,4)\n  LINE 3",
            "Conversion Error: Could not convert string … to DECIMAL(18,4)",
        ),
        (
            "Out of Range Error: Overflow in multiplication of DECIMAL(18) (98765.43 * 120000)!",
            "Out of Range Error: Overflow in multiplication of DECIMAL(18) (… * …)!",
        ),
        ("Got 3 results, configured to fail if != 0", "Got … results, configured to fail if != …"),
        ('Binder Error: column "month_12" not found', 'Binder Error: column "month_12" not found'),
        ("", ""),
    ],
)
def test_a_database_message_is_shown_without_the_cell_it_quotes(message, shown):
    assert _without_cells(message) == shown


def _result(name, kind, status, failures=0):
    return BuildResult(f"{kind}.{name}", name, kind, status, "Binder Error: no such column", failures)


def test_the_first_that_failed_is_named_with_how_many_more():
    results = [_result("a", "model", "success"), _result("rows_tie_out", "test", "fail", 7), _result("b", "model", "skipped"), _result("c", "model", "error")]
    with pytest.raises(BuildError, match=r"^test rows_tie_out: found 7 rows that break its rule \(and 1 more\) → "):
        raise_for(results, HOME)
    with pytest.raises(BuildError, match=r"^model c: Binder Error: no such column → "):
        raise_for(results[2:], HOME)


def test_warnings_and_skipped_models_are_no_failure():
    raise_for([_result("a", "test", "warn", 2), _result("b", "model", "skipped"), _result("c", "test", "pass")], HOME)
