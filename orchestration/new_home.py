"""A home for a company of one's own: the folders and a commented company.toml to be edited.

Belongs here: what `repledger init` writes. Doesn't: the words of company.toml (`company_file`).
"""

import datetime as dt

from orchestration.company_file import render_company_toml, standard_sources
from orchestration.errors import ConfigurationError, RepledgerError
from orchestration.settings import Home


def keep_out_of_git(home: Home) -> None:
    """A home holds pay and personal data: `git add` in a folder around it takes nothing of it."""
    (home.root / ".gitignore").write_text("*\n")


def write_home(home: Home) -> None:
    """Make the home. Refuses one that has a company.toml already."""
    if home.company_file.exists():
        raise ConfigurationError("there already is a company.toml", where=str(home.company_file), do="edit it, or choose another --home")
    text = render_company_toml(
        name="Example Company",
        reporting_currency="USD",
        fiscal_year_start_month=1,
        time_zone="UTC",
        credit_policy="acquirer",
        constant_currency_on=dt.date(2026, 1, 1),
        sources=standard_sources(),
    )
    try:
        for folder in (home.root, home.landing, home.raw, home.failed, home.published, home.work):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_out_of_git(home)
        home.company_file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RepledgerError(f"the home can't be written to ({error.strerror})", where=str(home.root), do="choose another --home") from error
