"""The command line: each command parses, calls one function, prints, and says how it went by its exit code."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from types import FrameType
from typing import NoReturn, TextIO, cast

import click

from drtool.cli import exit_codes
from drtool.cli.terminal import Outlet, open_what_is_closed
from drtool.errors import RestoreFailed, WrongUse, finding_of
from drtool.host.interruption import Interrupted
from drtool.host.plain import printable
from drtool.version import __version__

_COMMANDS = {
    "run": "Carry out drills.",
    "verify": "Restore one backup with no scenario and check it.",
    "baseline": "Capture what a database or folder holds, to keep beside its backup.",
    "exposure": "The worst RPA of a period, from a store's history.",
    "list": "Scenarios, their targets, last verdict and when the next drill is due.",
    "show": "A drill's report on the terminal.",
    "audit": "Check every signature and the whole ledger.",
    "archive": "Add evidence to a bucket with Object Lock that is not there yet.",
    "prune": "Remove what crashed drills left behind.",
    "doctor": "Whether drills can run here, one line each, with the mend.",
    "init": "Write a first scenario for your backups, and the signing key.",
}
"""All commands and what each is for; each has the module of its name here."""


class _LazyGroup(click.Group):
    """Imports a command's module only when that command is asked for, so that help comes at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS]  # list() is `drtool list` here, once that is imported

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f"drtool.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 (for the type checker)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*_COMMANDS.items()])


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 passed, 1 failed, 2 wrong use, 3 unverified, 130 interrupted.",
)
@click.version_option(__version__, prog_name="drtool")
def cli() -> None:
    """Disaster-recovery drills: would we get our data back, how fast, and how much of it?

    \b
    drtool init '/srv/backups/db-*.sql.zst' '/srv/backups/uploads-*.tar.zst'
    drtool run                                   every scenario in scenarios/
    drtool verify backup.sql.zst --rto 30m       one backup, no scenario
    drtool audit                                 the evidence of all drills
    """
    try:
        os.getcwd()  # noqa: PTH109 (whether there is one)
        os.chdir(".")
    except FileNotFoundError:
        raise WrongUse("no-such-folder", "The folder that drtool was started in is gone") from None
    except PermissionError:
        what = "The folder that drtool was started in may not be entered by this account"
        mend = "Start it in another one: `cd /`, and name files by their whole paths"
        raise WrongUse("no-such-folder", what, mend=mend) from None


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    open_what_is_closed()
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # each ends a command, not before it has cleaned up
        if signal.getsignal(one) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(one, _stop)
    for name in ("COLUMNS", "FORCE_COLOR"):
        if os.environ.get(name) == "0":  # nobody knows, and no; as they stand lines would be empty and colours forced
            del os.environ[name]
    output = Outlet(sys.stdout)
    with redirect_stdout(cast(TextIO, output)), redirect_stderr(cast(TextIO, Outlet(sys.stderr))):
        code = _run()
        output.flush()
        if output.failure and not isinstance(output.failure, BrokenPipeError):  # else its reader has had enough
            if code != exit_codes.UNVERIFIED:
                click.echo(f"drtool: what it printed is not whole: {output.failure.strerror}", err=True)
            code = code or exit_codes.UNVERIFIED
        sys.exit(code)


class _Stopped(KeyboardInterrupt):
    """One of our own: the plain one, come through an exec() of text, makes `python -m` die of SIGINT, caught or not."""


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Stopped


def _run() -> int:
    try:
        return cli(standalone_mode=False) or exit_codes.PASSED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt, Interrupted):
        click.echo("drtool: interrupted", err=True)
        return exit_codes.INTERRUPTED
    except Exception as error:
        found = finding_of(error)
        click.echo(f"drtool: {printable(str(found))} [{found.code}]", err=True)
        if isinstance(found, WrongUse):
            return exit_codes.WRONG_USE
        return exit_codes.FAILED if isinstance(found, RestoreFailed) else exit_codes.UNVERIFIED
