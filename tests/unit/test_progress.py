"""Progress is short in a log and alive on a terminal."""

import io

from orchestration.progress import Progress


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def _count_to_three(stream):
    progress = Progress(stream)
    progress.phase("building")
    for number in (1, 2, 3):
        progress.step("model", number, 3)
    progress.phase("done")
    return stream.getvalue()


def test_a_log_gets_a_line_a_phase_and_the_last_of_the_steps():
    assert [line[11:] for line in _count_to_three(io.StringIO()).splitlines()] == ["building", "model 3 of 3", "done"]


def test_a_terminal_sees_each_step_in_one_place():
    shown = _count_to_three(_Terminal())
    assert shown.count("\n") == 3
    assert shown.count("\r") == 2


def test_an_error_after_an_open_line_begins_on_its_own():
    terminal = _Terminal()
    progress = Progress(terminal)
    progress.step("model", 1, 3)
    progress.end_line()
    progress.end_line()
    assert terminal.getvalue().endswith("model 1 of 3\n")


def test_silent_progress_writes_nothing(capsys):
    Progress().phase("building")
    assert capsys.readouterr() == ("", "")
