"""docs/command-line.md knows every command and every option, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from drtool.cli import cli

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
CONTEXT = click.Context(cli)


@pytest.mark.parametrize("name", cli.list_commands(CONTEXT))
def test_every_command_and_option_is_on_the_page(name: str) -> None:
    command = cli.get_command(CONTEXT, name)
    assert command is not None
    assert f"`drtool {name}" in PAGE
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.opts[0] in PAGE, f"{name} {option.opts[0]}"


def test_every_option_on_the_page_is_there() -> None:
    known = {"--help"}
    for name in cli.list_commands(CONTEXT):
        command = cli.get_command(CONTEXT, name)
        assert command is not None
        known |= {opt for option in command.params for opt in option.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known
