"""Drills side by side: the process of each is given every option that its parent was given."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from drtool.cli import cli
from drtool.cli.options import values_of
from drtool.drill.crew import command_line
from drtool.drill.options import DrillOptions, VerifyOptions, as_environment, options_of
from drtool.drill.verification import verifications
from drtool.record.model import decode

AUTHORITY = "https://ops:pass%20word@tsa.example.org/tsr?key=secret"
GIVEN = (
    "--at", "2026-11-24T04:00:00.25+01:00", "--profile", "fast", "--image", "ours:1", "--keep", "--key", "-odd key",
    "--unsigned", "--statement", "--archive", "s3://evidence/shop", "--archive-retention", "2557d12h",
    "--archive-mode", "governance", "--environment", "each night", "--jobs", "3", "--junit", "j.xml", "--reports", "r",
    "--json", "--rto", "1h30m", "--rpo", "0.5s", "--zone", "Europe/Berlin", "--database", "--shop",
    "--freshness", "SELECT MAX(at) FROM a.b",
    "--into", "11.8", "--config", "my.cnf", "--backup-key", "env:A_KEY", "--account", "a@%",
    "--account", "'b c'@'10.%'",
)  # fmt: skip


def parsed(*arguments: str) -> tuple[DrillOptions, VerifyOptions, dict[str, Any]]:
    command = cli.get_command(click.Context(cli), "verify")
    assert command is not None
    given = command.make_context("verify", [*arguments]).params
    return values_of(DrillOptions, given), values_of(VerifyOptions, given), given


@pytest.fixture
def every_option(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[DrillOptions, VerifyOptions]:
    """Return all options, each given another value than it has by default."""
    monkeypatch.chdir(tmp_path)
    Path("my.cnf").write_text("[mariadbd]\n")
    monkeypatch.setenv("DRTOOL_TSA", AUTHORITY)
    options, verify, _ = parsed(*GIVEN, "backup.sql")
    monkeypatch.delenv("DRTOOL_TSA")
    left = [
        one.field
        for values in (options, verify)
        for one in options_of(type(values))
        if getattr(values, one.field) == one.default
    ]
    assert left == [], "the test gives these no value of their own"
    return options, verify


def test_every_option_reaches_the_process_that_carries_out_a_drill(
    every_option: tuple[DrillOptions, VerifyOptions], monkeypatch: pytest.MonkeyPatch
) -> None:
    options, verify = every_option
    (planned,) = verifications(("-backup.sql",), verify)
    for name, value in as_environment(options).items():
        monkeypatch.setenv(name, value)
    line = command_line(planned, options)
    assert line[5] == "verify"
    drill, verified, given = parsed(*line[6:])
    of_the_whole = {one.field for one in options_of(DrillOptions) if one.stated.whole}
    assert of_the_whole == {"jobs", "junit", "as_json"}
    assert drill == dataclasses.replace(options, jobs=1, junit=None, as_json=True)
    assert verified == verify
    assert given["backups"] == ("-backup.sql",)


@pytest.mark.parametrize("module", ["docker", "email", "secrets", "drtool"])
def test_a_file_of_the_folder_is_no_module_of_that_process(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{module}.py").write_text("raise SystemExit('not this one')\n")
    monkeypatch.setattr(sys, "path", [*filter(None, sys.path)])
    (planned,) = verifications(("backup.sql",), VerifyOptions())
    line = command_line(planned, DrillOptions(unsigned=True))
    nowhere = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/nowhere.sock"}
    ran = subprocess.run(line, cwd=tmp_path, env=nowhere, capture_output=True, timeout=60)
    assert [found.code for found in decode(ran.stdout).findings] == ["engine-unreachable"], ran


def test_a_password_goes_there_on_no_command_line(every_option: tuple[DrillOptions, VerifyOptions]) -> None:
    options, verify = every_option
    (planned,) = verifications(("backup.sql",), verify)
    line = command_line(planned, options)
    assert as_environment(options) == {"DRTOOL_TSA": AUTHORITY}
    assert not [argument for argument in line if "tsa" in argument or "secret" in argument]
