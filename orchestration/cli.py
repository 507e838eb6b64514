"""`repledger`: what a person types. A thin face over the rooms that do the work.

Belongs here: arguments, exit codes, the one line that an error ends with. Doesn't: work. Each command imports what it needs when
it runs, so that `--help` answers at once.
"""

import argparse
import atexit
import datetime as dt
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from orchestration.crash import as_one_line
from orchestration.errors import DONE, FAILED, ConfigurationError, LockedError, RepledgerError
from orchestration.hints import DEFAULT_HOME, pasteable
from orchestration.progress import Progress
from orchestration.settings import Home

if TYPE_CHECKING:
    from orchestration.phases import Run

_LOCAL = "127.0.0.1"
# `dagster dev` says at each start that another command supersedes it, which is not installed.
_SUPERSEDED = "ignore:Function `dev_command` is superseded"
_SHOWN_LINES = 20
Command = Callable[[argparse.Namespace, Home], int]


def main() -> NoReturn:
    """The console script. Leaving at once spares the second that the interpreter needs to take dbt and Dagster apart."""
    gc.disable()
    code = run(sys.argv[1:])
    atexit._run_exitfuncs()  # temporary folders and semaphores are given back all the same
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 nothing was published, 2 wrong use or configuration."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    home = Home(Path(options.home).resolve())
    os.umask(0o077)
    try:
        return int(options.command(options, home))
    except BrokenPipeError:
        return FAILED
    except (Exception, KeyboardInterrupt) as error:
        return _end(as_one_line(error, home), options.home)


def _end(error: RepledgerError, home: str) -> int:
    """What a person reads last: details where there are some, then one line."""
    told = [*error.details, f"repledger: {_one_line(error)}"]
    print(pasteable("\n".join(told), home), file=sys.stderr)
    return error.exit_code


def _one_line(error: RepledgerError) -> str:
    return " ".join(error.line.split())


def _init(_: argparse.Namespace, home: Home) -> int:
    from orchestration.assets.instance import refuse_path
    from orchestration.new_home import write_home

    refuse_path(home)
    write_home(home)
    print(f"{home.company_file} is there to be edited; put files at {home.landing}/<source>/<entity>/<extract date>/")
    return DONE


def _demo(options: argparse.Namespace, home: Home) -> int:
    from orchestration.assets.instance import refuse_path
    from orchestration.demo import write_demo

    refuse_path(home)
    progress = Progress(sys.stderr)
    write_demo(home, reps=options.reps, years=options.years, seed=options.seed, activities=options.activities, progress=progress.phase)
    return DONE


def _template(options: argparse.Namespace, _: Home) -> int:
    from orchestration.landing.template import template_text, write_templates

    if options.out is None:
        print(template_text(options.entities), end="")
        return DONE
    for path in write_templates(Path(options.out), options.entities):
        print(path)
    return DONE


def _check(options: argparse.Namespace, home: Home) -> int:
    from orchestration.landing.check import check_file
    from orchestration.settings import read_company

    report = check_file(Path(options.file), options.entity, read_company(home), home)
    print(pasteable(str(report), options.home))
    return FAILED if report.refused else DONE


def _nightly(options: argparse.Namespace, home: Home) -> int:
    import logging

    from orchestration.assets.instance import refuse_path
    from orchestration.phases import Run
    from orchestration.settings import read_company

    # Libraries log as they like; a person sees the progress and, if need be, the one line of an error.
    logging.getLogger().addHandler(logging.NullHandler())
    company = read_company(home)
    refuse_path(home)
    home = home.as_known(options.as_known_on) if options.as_known_on else home
    night = Run(home, company, Progress(sys.stderr), is_anew=options.anew)
    try:
        return _run_and_tell(night, options.home)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        _alert(night, as_one_line(error, home), options.home)
        raise


def _alert(night: "Run", error: RepledgerError, typed_home: str) -> None:
    """Have the company's own command tell of a night that failed. Not of a look back, whose asker reads it, nor of one that another night kept out."""
    from orchestration.alerts import Alert, send
    from orchestration.phases import NIGHTLY

    if error.exit_code == FAILED and not isinstance(error, LockedError) and not night.home.as_known_on:
        said = pasteable(_one_line(error), typed_home)
        problem = send(Alert(night.run_id, NIGHTLY, said, str(night.home.root)), night.company, night.home)
        print(f"repledger: {problem}\n" if problem else "", end="", file=sys.stderr)


def _run_and_tell(night: "Run", typed_home: str) -> int:
    from orchestration.nightly import NOTHING_NEW, left_out, notes, run_as_known_on, run_nightly

    home = night.home
    try:
        outcome, publication = run_as_known_on(night) if home.as_known_on else run_nightly(night)
    finally:
        night.progress.end_line()
        if line := left_out(night):
            print(pasteable(line, typed_home), file=sys.stderr)
    told = f"as of {publication.as_of}" + (f", as known on {publication.as_known_on}" if publication.as_known_on else "")
    if outcome == NOTHING_NEW:
        print(f"nothing new: {publication.id} stays ({told})")
        return DONE
    from orchestration.book.figures import five_figures

    print(f"published {publication.id} ({told})")
    print(f"look at {home.published / 'index.html'}, or open {home.published / 'repledger.duckdb'} read-only")
    for figure in five_figures(home.published / "repledger.duckdb", night.page_facts(publication)):
        print(f"  {figure.value:>14}  {figure.label} ({figure.note})" if figure.note else f"  {figure.value:>14}  {figure.label}")
    for line in notes(night):
        print(pasteable(line, typed_home))
    return DONE


def _compare(options: argparse.Namespace, home: Home) -> int:
    from orchestration.publication.compare import as_text, compare
    from orchestration.settings import read_company

    read_company(home)
    print(as_text(compare(home, options.left, options.right, all_rows=options.all)))
    return DONE


def _restatement(options: argparse.Namespace, home: Home) -> int:
    from orchestration.publication.restatement import as_text, restate
    from orchestration.settings import read_company

    read_company(home)
    Progress(sys.stderr).phase("following each figure's change (years apart: some minutes)")
    print(as_text(restate(home, options.left, options.right), None if options.all else _SHOWN_LINES))
    return DONE


def _explain(options: argparse.Namespace, home: Home) -> int:
    from orchestration.explain.explanation import explain
    from orchestration.explain.told import as_json, as_text
    from orchestration.settings import read_company

    given = dict(options.key)
    found = explain(home, read_company(home), options.table, options.column, given, most_lines=None if options.json or options.all else _SHOWN_LINES)
    print(as_json(found) if options.json else as_text(found))
    return DONE


def _compact(options: argparse.Namespace, home: Home) -> int:
    from orchestration.landing.compaction import compact, saved
    from orchestration.settings import read_company

    progress = Progress(sys.stderr)
    try:
        found = compact(home, read_company(home), dry_run=options.dry_run, progress=progress.step)
    finally:
        progress.end_line()
    for line in saved(found):
        print(line)
    gained = sum(one.bytes_before - one.bytes_after for one in found if one.is_worth)
    print(f"{gained:,} bytes {'would be ' if options.dry_run else ''}saved" if gained else "nothing to compact")
    return DONE


def _prune(options: argparse.Namespace, home: Home) -> int:
    from orchestration.landing.retention import as_text, prune
    from orchestration.settings import read_company

    found = prune(home, read_company(home), dt.datetime.now(dt.UTC), dry_run=options.dry_run)
    print(as_text(found, dry_run=options.dry_run))
    return DONE


def _withdraw(options: argparse.Namespace, home: Home) -> int:
    from orchestration.landing.withdrawal import withdraw
    from orchestration.settings import read_company

    read_company(home)
    gone = withdraw(home, options.file)
    kept = f"; the same bytes still count as {gone.same_as}" if gone.same_as not in (None, gone.file) else ""
    told = f"withdrawn: {gone.file}{kept}; raw keeps it, delivering it again brings it back; run `repledger nightly` for the figures without it"
    print(pasteable(told, options.home))
    return DONE


def _status(options: argparse.Namespace, home: Home) -> int:
    from orchestration.settings import read_company
    from orchestration.status import as_text, status

    read_company(home)
    found = status(home)
    print(json.dumps(found, indent=1, ensure_ascii=False) if options.json else pasteable(as_text(found), options.home))
    return DONE


def _ui(options: argparse.Namespace, home: Home) -> int:
    import signal

    from orchestration.assets.instance import instance_folder, refuse_path
    from orchestration.settings import PROJECT_DIR, read_company

    read_company(home)
    refuse_path(home, is_served=True)
    _refuse_taken(options.port)
    os.environ.update(DAGSTER_HOME=str(instance_folder(home)), REPLEDGER_HOME=str(home.root), PYTHONWARNINGS=_SUPERSEDED)
    dagster = Path(sys.executable).with_name("dagster")
    arguments = ["dev", "--workspace", str(PROJECT_DIR / "workspace.yaml"), "--host", _LOCAL, "--port", str(options.port)]
    print(f"serving {home.root} on http://{_LOCAL}:{options.port} (ready in about half a minute; Ctrl-C ends it)", flush=True)
    # A shell's `&` in a script has it ignored. Dagster does on SIGTERM what it does on SIGINT, and its parts end by sending themselves one.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(dagster, [str(dagster), *arguments])


def _refuse_taken(port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOCAL, port))
        except (OSError, OverflowError) as error:
            raise ConfigurationError(f"port {port} can't be used ({error})", where=_LOCAL, do="end what listens there, or name another --port") from error


def _parser() -> argparse.ArgumentParser:
    words = "What each sales rep brings in against what each costs, measured the same way for years."
    parser = argparse.ArgumentParser(prog="repledger", description=words, allow_abbrev=False)
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, words: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
        sub.add_argument("--home", default=DEFAULT_HOME, metavar="DIR", help="the company's folder (default: ./home)")
        sub.set_defaults(command=command)
        return sub

    add("init", _init, "write the folders and a commented company.toml")
    demo = add("demo", _demo, "write a simulated company whose true answers are known")
    for name, number in (("reps", 60), ("years", 10), ("seed", 1), ("activities", 200_000)):
        demo.add_argument(f"--{name}", type=_at_least(0 if name in ("seed", "activities") else 1), default=number, metavar="N", help=f"default: {number}")
    template = add("template", _template, "show an empty, commented CSV for each entity of the input layer, or write them to a folder")
    template.add_argument("entities", nargs="*", metavar="ENTITY", help="only these (default: all)")
    template.add_argument("--out", metavar="DIR", help="the folder to write them to, one file an entity (default: print them)")
    check = add("check", _check, "load one file dry and say what would happen")
    check.add_argument("file", metavar="FILE")
    check.add_argument("--entity", metavar="E", help="what the file holds, when its place below landing/ does not say so")
    night = add("nightly", _nightly, "land what is new, build, check, publish")
    night.add_argument("--as-known-on", type=_date, metavar="DATE", help="instead, publish aside what extracts dated up to this day say (2021-03-31)")
    night.add_argument("--anew", action="store_true", help="make the whole warehouse from raw, even when nothing is new")
    compared = add("compare", _compare, "say which rows of which published tables differ between two publications")
    for name, metavar in (("left", "A"), ("right", "B")):
        compared.add_argument(name, metavar=metavar, help="a publication's id, `current`, or the date of an as-known-on")
    compared.add_argument("--all", action="store_true", help="every row, not the first twenty of a table")
    restated = add("restatement", _restatement, "say why published figures differ between two publications, by cause")
    for name, metavar in (("left", "FROM"), ("right", "TO")):
        restated.add_argument(name, metavar=metavar, help="a publication's id, `current`, or the date of an as-known-on")
    restated.add_argument("--all", action="store_true", help="every figure, not twenty of those that changed most")
    explained = add("explain", _explain, "show how a published figure was made, down to the delivered lines")
    explained.add_argument("table", metavar="TABLE", help="an answer, or another table with amounts, like fct_rep_cost")
    explained.add_argument("column", metavar="COLUMN")
    explained.add_argument("key", nargs="*", type=_pair, metavar="KEY=VALUE", help="the row's key; what is left out takes the company's defaults")
    explained.add_argument("--json", action="store_true", help="one JSON object with every line")
    explained.add_argument("--all", action="store_true", help="every line, not the twenty largest")
    smaller = add("compact", _compact, "turn closed snapshots in raw into what changed in them; no figure changes")
    smaller.add_argument("--dry-run", action="store_true", help="say how many bytes it would save, and change nothing")
    old = add("prune", _prune, "remove what [retention] in company.toml says need not be kept")
    old.add_argument("--dry-run", action="store_true", help="say what would go, in bytes, and remove nothing")
    gone = add("withdraw", _withdraw, "take back a file that was loaded: it is kept and counts nowhere")
    gone.add_argument("file", metavar="FILE", help="as `status --json` names it: <source>/<entity>/<extract date>/<file>")
    shown = add("status", _status, "say what was delivered, loaded, rejected and published")
    shown.add_argument("--json", action="store_true", help="one JSON object")
    ui = add("ui", _ui, "serve the Dagster UI for this home")
    ui.add_argument("--port", type=_at_least(1), default=3000, metavar="N", help="default: 3000")
    return parser


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"repledger {version('repledger')}")
        parser.exit()


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is no KEY=VALUE like fiscal_year=2024")
    return name, value


def _date(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date like 2021-03-31") from error


def _at_least(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} on")
        return int(text)

    return whole_number
