"""The UI, as a script keeps it running."""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
from pathlib import Path

from tests.pipeline.conftest import REPLEDGER
from tests.pipeline.small_company import new_company


def test_a_ui_in_the_background_of_a_script_ends_with_all_its_parts_once_it_is_told_to(tmp_path: Path) -> None:
    """A shell has what it puts there ignore SIGINT, on which Dagster ends."""
    home = new_company(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = f"{shlex.quote(str(REPLEDGER))} ui --home {shlex.quote(str(home))} --port {port} & echo $!; wait"
    shell = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        pid = int(shell.stdout.readline())
        assert any("Serving dagster-webserver" in line for line in shell.stdout)
        os.kill(pid, signal.SIGTERM)
        # Reading ends once every part has closed what it writes to.
        rest, _ = shell.communicate(timeout=20)
        assert "Traceback" not in rest
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
