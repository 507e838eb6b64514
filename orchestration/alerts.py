"""Telling somebody that a run failed: the command that company.toml names, with one JSON object on its standard input.

Belongs here: calling it, and what is said of one that fails. Doesn't: which runs failed (`cli`, `assets.alerting`), an error's words.
Whatever the command does, the run ended as it ended.
"""

import json
import os
import signal
import subprocess
from dataclasses import asdict, dataclass

from orchestration.settings import Company, Home

# Dagster gives a sensor a minute.
TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class Alert:
    """What the command is told.

    run_id: Dagster's; None of a night that failed before Dagster was needed. error: the one line that a person reads, without any cell.
    """

    run_id: str | None
    job: str
    error: str
    home: str


def send(alert: Alert, company: Company, home: Home, timeout_seconds: float = TIMEOUT_SECONDS) -> str:
    """Call the command, if one is named. Returns one line that says why nobody may have heard of it, or nothing."""
    if not company.alert_command:
        return ""
    try:
        with subprocess.Popen(
            company.alert_command, cwd=home.root, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            found = _hand_over(process, json.dumps(asdict(alert), ensure_ascii=False) + "\n", timeout_seconds)
    except (OSError, ValueError) as error:
        found = f"could not be started ({getattr(error, 'strerror', None) or error})"
    return f"the alert command {company.alert_command[0]} {found} → mend [alerts] in {home.company_file}; the run ended as told" if found else ""


def _hand_over(process: "subprocess.Popen[bytes]", message: str, timeout_seconds: float) -> str:
    """What is wrong with how the command took it. One that hangs is killed, with all that it started."""
    try:
        process.communicate(message.encode(), timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return f"did not end within {timeout_seconds:g} s and was killed"
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        return "was stopped by hand"
    return f"ended with exit code {process.returncode}" if process.returncode else ""
