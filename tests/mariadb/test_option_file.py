"""Option files are read as MariaDB reads them: groups, comments, quotes, escapes, options given more than once.

That MariaDB reads them so is shown in tests/e2e/test_option_files_against_mariadb.py.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from drtool.errors import WrongUse
from drtool.mariadb.option_file import read_client_options, read_option_file

SAMPLE = r"""# ours
; theirs

[client]
password = secret
[mysqld]
sql-mode = "ANSI_QUOTES,NO_ZERO_DATE"   # both
Skip_Name_Resolve
plugin_load_add=a
plugin_load_add = b
init_connect='SET NAMES utf8 # no comment'
ft_boolean_syntax = ' +-><()~*:""&|'
ignore_db_dirs = a\sb\\c
[mariadb-10.11 ]
max_allowed_packet=32M
[mariadb-11]
max_allowed_packet=64M
[mariadb-10.5]
max_allowed_packet=1M
"""


def _read(folder: Path, text: str, series: str = "10.11") -> list[tuple[str, str | None]]:
    path = folder / "server.cnf"
    path.write_text(text)
    return [(option.name, option.value) for option in read_option_file(path).of_server(series)]


def test_server_reads_its_own_groups_and_those_of_its_series(tmp_path: Path) -> None:
    assert _read(tmp_path, SAMPLE) == [
        ("sql_mode", "ANSI_QUOTES,NO_ZERO_DATE"),
        ("skip_name_resolve", None),
        ("plugin_load_add", "a"),
        ("plugin_load_add", "b"),
        ("init_connect", "SET NAMES utf8 # no comment"),
        ("ft_boolean_syntax", ' +-><()~*:""&|'),
        ("ignore_db_dirs", "a b\\c"),
        ("max_allowed_packet", "32M"),
    ]
    assert _read(tmp_path, SAMPLE, "11.8")[-1] == ("max_allowed_packet", "64M")


def test_file_is_recorded_by_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "server.cnf"
    path.write_text(SAMPLE)
    assert read_option_file(path).sha256 == hashlib.sha256(SAMPLE.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("[mysqld]\n!includedir /etc/mysql/conf.d\n", "config-includes", "2"),
        ("[mysqld]\n!include /etc/other.cnf\n", "config-includes", "2"),
        ("a = 1\n", "config-unreadable", "1"),
        ("[mysqld\na = 1\n", "config-unreadable", "1"),
        ("#\n[mysqld]\n" + 9000 * "x" + "\n[broken\n", "config-unreadable", "4"),
    ],
)
def test_file_that_cannot_be_read_whole_is_refused_by_its_line(tmp_path: Path, text: str, code: str, line: str) -> None:
    with pytest.raises(WrongUse) as caught:
        _read(tmp_path, text)
    assert caught.value.code == code
    assert f"ine {line}" in caught.value.what


def test_what_my_print_defaults_printed_counts_as_it_stands(tmp_path: Path) -> None:
    printed = '--sql_mode=ANSI\n\n--init-connect=SET @a="x" # \\n \n--skip-name-resolve\n--a=\n'
    said = [("sql_mode", "ANSI"), ("init_connect", 'SET @a="x" # \\n '), ("skip_name_resolve", None), ("a", "")]
    assert _read(tmp_path, printed) == said
    for other in (printed + "of a value\n", "[mysqld]\n" + printed):
        with pytest.raises(WrongUse) if other[0] != "[" else nullcontext():
            assert _read(tmp_path, other) != said


def test_what_a_terminal_printed_says_the_same(tmp_path: Path) -> None:
    printed = "--innodb_strict_mode=ON\n\n--sql_mode=\n--skip-name-resolve\n"
    path = tmp_path / "server.cnf"
    for ends in ("\r\n", "\r\r\n", "\n"):
        path.write_bytes(printed.replace("\n", ends).encode())
        said = [(option.name, option.value) for option in read_option_file(path).options]
        assert said == [("innodb_strict_mode", "ON"), ("sql_mode", ""), ("skip_name_resolve", None)]


@pytest.mark.parametrize("second", [" --lower-case-table-names=1", " --skip-log-bin", "\t--a", "='x y' --b=2"])
def test_several_options_on_one_line_are_refused_and_not_lost(tmp_path: Path, second: str) -> None:
    with pytest.raises(WrongUse, match=r"line 2.*a line of its own") as caught:
        _read(tmp_path, f"--a=1\n--sql_mode{second}\n")
    assert caught.value.code == "config-unreadable"
    kept = """SET @a='x --b=1', @b=" --c" -- a comment"""
    assert _read(tmp_path, f"--init_connect={kept}\n") == [("init_connect", kept)]


def test_a_zero_byte_in_what_was_printed_is_refused_and_ends_a_line_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as caught:
        _read(tmp_path, "--file_key_management_filename=/a\0b\n")
    assert caught.value.code == "config-unreadable"
    assert _read(tmp_path, "[mysqld]\ndatadir=/a\0b\n") == [("datadir", "/a")]


def test_missing_file_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as caught:
        read_option_file(tmp_path / "none.cnf")
    assert caught.value.code == "config-unreadable"
    assert "No such file" in str(caught.value)


@pytest.mark.parametrize("series", ["10.5", "10.11"])
def test_groups_of_a_major_version_are_known_since_11(tmp_path: Path, series: str) -> None:
    text = "[mariadb-10]\na\n[mysqld-11]\nb\n[mariadb-11]\nc\n[ mysqld]\nd\n[MySQLd ] e\nf\n"
    assert _read(tmp_path, text, series) == [("f", None)]
    assert _read(tmp_path, text, "11.8") == [("c", None), ("f", None)]


def test_settings_are_text_and_comments_may_be_anything(tmp_path: Path) -> None:
    path = tmp_path / "server.cnf"
    path.write_bytes(b"# f\xfcr uns\n[mysqld]\na = 1 # \xfc\n")
    assert [option.value for option in read_option_file(path).options] == ["1"]
    path.write_bytes(b"[mysqld]\ninit_connect = '\xfc'\n")
    with pytest.raises(WrongUse, match="cannot be read"):
        read_option_file(path)


def test_an_unknown_directive_is_none(tmp_path: Path) -> None:
    assert _read(tmp_path, "[mysqld]\n!includes /x\n! INCLUDE /x\na\n") == [("a", None)]


def test_files_that_include_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.cnf").write_text(f"[client]\npassword=hunter2\n!includedir {tmp_path}\n")
    (tmp_path / "b.cnf").write_text(f"!include {tmp_path}/a.cnf\n")
    with pytest.raises(WrongUse) as caught:
        read_client_options(tmp_path / "b.cnf")
    assert "more than ten deep" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_what_mariadb_would_include_under_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.cnf").write_text(f"!include {tmp_path}/a.cnf")
    with pytest.raises(WrongUse, match="line 1"):
        read_client_options(tmp_path / "b.cnf")


def test_a_file_that_nobody_can_write_is_read_whatever_its_mode_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.cnf"
    path.write_text("[client]\nuser=app\n")
    path.chmod(0o777)
    mounted = os.statvfs(path)
    for read_only in (os.ST_RDONLY, 0):
        monkeypatch.setattr(os, "fstatvfs", lambda _, flag=read_only: SimpleNamespace(f_flag=mounted.f_flag | flag))
        with nullcontext() if read_only else pytest.raises(WrongUse, match="written by everybody"):
            assert read_client_options(path)


def test_nothing_is_read_of_a_file_that_everybody_can_write(tmp_path: Path) -> None:
    (tmp_path / "b.cnf").write_text("[client]\nhost=elsewhere\n")
    (tmp_path / "b.cnf").chmod(0o666)
    (tmp_path / "a.cnf").write_text(f"!include {tmp_path}/b.cnf\n")
    for name in ("a.cnf", "b.cnf"):
        with pytest.raises(WrongUse) as caught:
            read_client_options(tmp_path / name)
        assert f"{tmp_path}/b.cnf can be written by everybody" in caught.value.what


def test_an_included_file_that_may_not_be_read_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.cnf"
    secret.write_text("[client]\nuser=b\n")
    (tmp_path / "all.cnf").write_text(f"[client]\nuser=a\n!include {secret}\npassword=c\n")

    def said() -> dict[str, str | None]:
        return {one.name: one.value for one in read_client_options(tmp_path / "all.cnf")}

    assert said() == {"user": "b", "password": "c"}
    monkeypatch.setattr("os.access", lambda path, _: Path(path) != secret)  # root may read everything
    assert said() == {"user": "a", "password": "c"}


def test_a_name_behind_a_no_break_space_is_another(tmp_path: Path) -> None:
    path = tmp_path / "client.cnf"
    path.write_text("[client]\nuser=a\n\N{NO-BREAK SPACE}user=b\n\tuser=c\n", encoding="utf-8")
    assert [(one.name, one.value) for one in read_client_options(path)] == [
        ("user", "a"), ("\N{NO-BREAK SPACE}user", "b"), ("user", "c"),
    ]  # fmt: skip


def test_what_a_newer_series_includes_where_it_is_there_is_read_and_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.cnf").write_text("[client]\nhost=db1\n")
    path = tmp_path / "client.cnf"
    path.write_text(
        f"[client]\nuser=a\n? includedir {tmp_path}/more\n?includedir {tmp_path}/none\n?include {tmp_path}/none.cnf\n"
        "password=b\n"
    )
    assert [(one.name, one.value) for one in read_client_options(path)] == [
        ("user", "a"), ("host", "db1"), ("password", "b"),
    ]  # fmt: skip
    path.write_text(f"[client]\n!includedir {tmp_path}/none\n")
    with pytest.raises(WrongUse, match="cannot be read"):
        read_client_options(path)
    (tmp_path / "server.cnf").write_text("[mysqld]\n?includedir /etc/mysql/conf.d\nport=1\n")
    with pytest.raises(WrongUse) as refused:
        read_option_file(tmp_path / "server.cnf")
    assert refused.value.code == "config-includes"
