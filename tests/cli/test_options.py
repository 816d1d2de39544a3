"""Options that several commands share: what is nonsense is refused before anything runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from drtool.archive.retention import Mode
from drtool.cli import cli
from drtool.cli.options import DURATION, INSTANT, options, values_of
from drtool.drill.options import DrillOptions
from drtool.errors import Unverifiable, WrongUse
from drtool.record.environment import Profile


@click.command
@click.option("--rto", type=DURATION, default=timedelta(minutes=5))
@options(DrillOptions)
def command(rto: timedelta, **values: Any) -> None:
    """Stand for a command that carries out drills."""
    seen.append((rto, values_of(DrillOptions, values)))


seen: list[tuple[timedelta, DrillOptions]] = []


def parsed(*arguments: str) -> tuple[timedelta, DrillOptions]:
    seen.clear()
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return seen[0]


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    return result.output


def test_without_options_a_drill_is_careful() -> None:
    rto, chosen = parsed()
    assert rto == timedelta(minutes=5)
    assert (chosen.reports, chosen.at, chosen.profile) == (Path("reports"), None, Profile.FAITHFUL)
    assert (chosen.image, chosen.keep, chosen.key, chosen.unsigned) == (None, False, None, False)
    assert (chosen.environment, chosen.jobs, chosen.junit, chosen.as_json) == ("manual", 1, None, False)


def test_every_option_arrives() -> None:
    rto, chosen = parsed(
        "--rto", "1h30m", "--at", "2026-11-24T04:00:00+01:00", "--profile", "fast", "--image", "mariadb:10.11",
        "--keep", "--key", "k", "--environment", "ci", "--jobs", "3", "--junit", "j.xml", "--reports", "r", "--json",
    )  # fmt: skip
    assert rto == timedelta(minutes=90)
    assert chosen.at == datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert (chosen.profile, chosen.image, chosen.keep) == (Profile.FAST, "mariadb:10.11", True)
    assert (chosen.key, chosen.environment, chosen.jobs) == (Path("k"), "ci", 3)
    assert (chosen.junit, chosen.reports, chosen.as_json) == (Path("j.xml"), Path("r"), True)


def test_nothing_is_asked_for_beyond_the_signed_report_unless_somebody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = parsed()[1]
    assert (chosen.authority, chosen.statement) == (None, False)
    chosen = parsed("--tsa", "https://tsa.example.org:8443/tsr", "--statement")[1]
    assert chosen.authority is not None
    assert (chosen.authority.name, chosen.statement) == ("https://tsa.example.org:8443/tsr", True)
    monkeypatch.setenv("DRTOOL_STATEMENT", "1")
    monkeypatch.setenv("DRTOOL_TSA", "https://ops:pass%3Aword@tsa.example.org/?key=secret")
    chosen = parsed()[1]
    assert chosen.authority is not None
    assert (chosen.authority.name, chosen.statement) == ("https://tsa.example.org/", True)
    assert chosen.authority.credentials == "ops:pass:word"
    assert "word" not in repr(chosen)
    assert "secret" not in repr(chosen)


def test_a_password_on_the_command_line_is_refused_and_not_repeated() -> None:
    output = refused("--tsa", "https://ops:word@tsa.example.org/")
    assert "DRTOOL_TSA" in output
    assert ":word" not in output


def test_the_environment_stands_in_for_options_and_they_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRTOOL_REPORTS", "elsewhere")
    monkeypatch.setenv("DRTOOL_MARIADB_IMAGE", "ours:1")
    monkeypatch.setenv("DRTOOL_ENVIRONMENT", "monthly")
    chosen = parsed()[1]
    assert (chosen.reports, chosen.image, chosen.environment) == (Path("elsewhere"), "ours:1", "monthly")
    assert parsed("--reports", "here")[1].reports == Path("here")


@pytest.mark.parametrize("text", ["", "0s", "30", "soon", "-5m", "1.5h"])
def test_a_duration_that_is_none_is_wrong_use_and_names_the_option(text: str) -> None:
    assert "--rto" in refused("--rto", text)


def test_what_is_refused_has_its_code() -> None:
    assert "[bad-duration]" in refused("--rto", "30")
    assert "[bad-instant]" in refused("--at", "2026-11-24")


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-24T03:00:00", "2026-11-24", "2026-11-24T23:59:60Z"])
def test_a_time_that_is_none_or_has_no_zone_is_wrong_use_and_names_the_option(text: str) -> None:
    assert "--at" in refused("--at", text)


@pytest.mark.parametrize("arguments", [("--profile", "quick"), ("--jobs", "0"), ("--jobs", "many"), ("--nonsense",)])
def test_other_nonsense_is_wrong_use(arguments: tuple[str, ...]) -> None:
    refused(*arguments)


@pytest.mark.parametrize("option", ["--image", "--key", "--environment", "--junit", "--reports"])
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_value_is_not_taken_for_the_default(option: str, value: str) -> None:
    said = refused(option, value)
    assert option in said
    assert "perhaps a variable is not set" in said


@pytest.mark.parametrize(
    "arguments",
    [
        *(("verify", f"{option}=", "x.sql") for option in ("--freshness", "--database", "--into", "--config")),
        *(("verify", f"{option}=", "x.sql") for option in ("--backup-key", "--account")),
        *(("baseline", f"{option}=", "/") for option in ("--beside", "--out", "--defaults-file")),
        *(("audit", ""), ("audit", "--html="), ("show", "--pdf=", "/"), ("archive", "", "s3://evidence")),
        *(("audit", f"{option}=", "/") for option in ("--scenario", "--retired")),
        ("init", "--key="),
    ],
)
def test_nothing_is_no_value_whatever_the_command(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert (result.exit_code, "it is empty" in result.output) == (2, True), result.output


@pytest.mark.parametrize("name", ["class", "None", "to-day", "2nd", "shop/db", ""])
def test_a_scenario_is_called_what_a_function_can_be_called(name: str) -> None:
    error = CliRunner().invoke(cli, ("init", "--name", name)).exception
    assert isinstance(error, WrongUse)
    assert error.code == "bad-name"


def test_an_option_file_that_cannot_be_read_is_told_as_one_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "client.cnf"
    file.write_text("[client]\n")
    monkeypatch.setattr("os.access", lambda *_: False)  # root may read everything
    assert parsed("--key", str(file), "--reports", str(tmp_path / "none"))[1].key == file  # it is tried out
    for place, reads in ((file, 1), (tmp_path / "none.cnf", 3)):
        given = ("baseline", "mariadb://u@127.0.0.1:9/d", "--unsigned", "--defaults-file", str(place))
        error = CliRunner().invoke(cli, given).exception
        assert isinstance(error, Unverifiable)
        assert error.code == {1: "server-unreachable", 3: "option-file"}[reads]


def test_a_tilde_that_the_shell_has_left_is_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parsed("--reports=~/r", "--key", "~/k")[1].reports == tmp_path / "r"
    monkeypatch.setenv("DRTOOL_REPORTS", "~/of the job")
    assert parsed()[1].reports == tmp_path / "of the job"
    assert parsed("--reports", "a~b")[1].reports == Path("a~b")


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "--reports", "s3://evidence/shop", "x.sql"),
        ("verify", "--junit", "s3://evidence/drills.xml", "x.sql"),
        ("baseline", "--out", "s3://backups/b.json", "/"),
        ("verify", "--reports", '"/srv/reports"', "x.sql"),
        ("verify", "--reports", "reports\r", "x.sql"),
        ("baseline", "--beside", "https://backups.example.org/db.sql?X-Amz-Signature=hunter2", "/"),
    ],
)
def test_what_is_no_path_is_refused(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert (result.exit_code, "a path on this host belongs here" in result.output) == (2, True), result.output
    assert "hunter2" not in result.output


@pytest.mark.parametrize(
    "source",
    ["Server=db1;Uid=backup;Pwd=hunter2;", "DBI:mysql:database=shop;password=hunter2", "host=db1 password=hunter2",
     "backup:hunter2@tcp(db1)/shop", "//db1/shop?password=hunter2"],
)  # fmt: skip
def test_where_a_password_may_be_in_a_source_it_is_not_repeated(source: str) -> None:
    error = CliRunner().invoke(cli, ("baseline", source)).exception
    assert isinstance(error, WrongUse)
    assert (error.code, "hunter2" in str(error)) == ("bad-source", False)
    plain = CliRunner().invoke(cli, ("baseline", "/srv/uploda")).exception
    assert "/srv/uploda is no folder" in str(plain)


def test_values_that_are_already_understood_pass_through() -> None:
    assert DURATION.convert(timedelta(1), None, None) == timedelta(1)
    at = datetime(2026, 11, 24, tzinfo=UTC)
    assert INSTANT.convert(at, None, None) is at


def test_an_archive_is_asked_for_with_options_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = parsed()[1]
    assert (chosen.archive, chosen.archive_retention, chosen.archive_mode) == (None, None, None)
    asked = ("--archive", "s3://evidence/shop/", "--archive-retention", "2557d", "--archive-mode", "compliance")
    chosen = parsed(*asked)[1]
    assert str(chosen.archive) == "s3://evidence/shop"
    assert (chosen.archive_retention, chosen.archive_mode) == (timedelta(days=2557), Mode.COMPLIANCE)
    monkeypatch.setenv("DRTOOL_ARCHIVE", "s3://evidence")
    monkeypatch.setenv("DRTOOL_ARCHIVE_MODE", "GOVERNANCE")
    chosen = parsed()[1]
    assert (str(chosen.archive), chosen.archive_mode) == ("s3://evidence", Mode.GOVERNANCE)


def test_an_archive_that_makes_no_sense_is_refused() -> None:
    assert "s3://bucket/prefix" in refused("--archive", "/srv/archive")
    assert "30m" in refused("--archive-retention", "7y")
    assert "secret" not in refused("--archive", "s3://key:secret@evidence/shop")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["audit", "b", "--reports", "a"], "two-places"),
        (["audit", "s3://evidence/shop", "--reports", "a"], "two-places"),
        (["archive", "b", "s3://evidence/shop", "--reports", "a"], "two-places"),
        (["archive", "a", "b"], "two-places"),
        (["baseline", ".", "--key", "k", "--unsigned"], "key-and-unsigned"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_one_thing_said_in_two_ways_is_refused(arguments: list[str], code: str) -> None:
    error = CliRunner().invoke(cli, arguments).exception
    assert isinstance(error, WrongUse)
    assert error.code == code


def test_an_address_is_no_reports_folder() -> None:
    ran = CliRunner().invoke(cli, ["archive", "r1", "gs://b/x"])
    assert ran.exit_code == 2
    assert "a path on this host belongs here" in ran.output


@pytest.mark.parametrize(
    ("since", "said"),
    [("30d", "There is no evidence"), ("30d \r", "There is no evidence"), ("2026-11-01T00:00:00Z", "no evidence"),
     ("1w", "bad-duration"), ("2026-11-01", "bad-instant"), ("yesterday", "bad-duration")],
)  # fmt: skip
def test_a_period_begins_at_a_time_or_so_long_ago(since: str, said: str, tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["audit", str(tmp_path), "--since", since])
    assert said in ran.output + str(ran.exception)


def test_an_exposure_of_nothing_has_a_code(tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["exposure", f"{tmp_path}/db-*.sql"], standalone_mode=False)
    assert (ran.return_value, "[store-empty]" in ran.stderr) == (3, True)


def test_a_variable_is_no_second_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRTOOL_REPORTS", "elsewhere")
    monkeypatch.setenv("DRTOOL_SIGNING_KEY", "elsewhere.key")
    error = CliRunner().invoke(cli, ["audit", str(tmp_path)]).exception
    assert isinstance(error, Unverifiable)
    assert error.code == "no-evidence"
    done = CliRunner().invoke(cli, ["baseline", str(tmp_path), "--unsigned"], standalone_mode=False)
    assert done.exception is None
