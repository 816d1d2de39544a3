"""Help comes at once, for every command, and without what only drills need."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pkgutil import iter_modules

import click
import pytest
from click.testing import CliRunner

import drtool.cli as package
from drtool.cli import cli, main

COMMANDS = tuple(cli.list_commands(click.Context(cli)))
HEAVY = ("docker", "boto3", "botocore", "pymysql", "rich", "zstandard", "jinja2", "tabulate", "psutil", "requests")
ASK = (
    "import sys; from drtool.cli import main\n"
    "try: main()\n"
    f"finally: print('loaded:', *sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)\n"
)


def in_a_new_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", ASK, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def help_of(*arguments: str) -> str:
    result = CliRunner().invoke(cli, [*arguments, "--help"], prog_name="drtool", catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_every_module_of_a_command_is_in_the_table_and_no_other() -> None:
    modules = {one.name: importlib.import_module(f"drtool.cli.{one.name}") for one in iter_modules(package.__path__)}
    assert {name for name, module in modules.items() if hasattr(module, "command")} == set(COMMANDS)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("run", "--help"), ("verify", "--help")])
def test_help_and_version_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    done = in_a_new_process(*arguments)
    assert (done.returncode, done.stderr) == (0, "loaded:\n")


def test_listing_scenarios_needs_neither_engine_nor_cloud() -> None:
    done = in_a_new_process("list", "--help")
    assert done.returncode == 0
    assert not {"docker", "boto3", "pymysql"} & set(done.stderr.split())


def test_help_names_every_command_and_the_exit_codes() -> None:
    text = help_of()
    for command in COMMANDS:
        assert f"\n  {command} " in text
    assert "0 passed, 1 failed, 2 wrong use, 3 unverified, 130 interrupted" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    usage, _, rest = help_of(command).partition("\n")
    assert usage.startswith(f"Usage: drtool {command}")
    assert f"drtool {command}" in rest


@pytest.mark.parametrize("arguments", [("frobnicate",), ("run", "--nonsense"), ("verify",), ("list", "no-such.py")])
def test_wrong_use_has_its_own_exit_code_and_says_what_is_wrong(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["drtool", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    output, error = capsys.readouterr()
    assert (ended.value.code, output) == (2, "")
    assert error


def test_ctrl_c_while_the_rest_is_loaded_finds_the_command_line_there() -> None:
    command = [sys.executable, "-c", "import sys, drtool.cli; print(*sys.modules)"]
    loaded = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()
    assert not [name for name in loaded if name.startswith(("drtool.drill", "drtool.record.model", "msgspec"))]
