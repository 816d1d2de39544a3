"""Option files are read as the server reads them: groups, comments, quotes, escapes, options given more than once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from drtool.errors import WrongUse
from drtool.mariadb.option_file import read_option_file

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
[ mariadb-10.11 ]
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
    ],
)
def test_file_that_cannot_be_read_whole_is_refused_by_its_line(tmp_path: Path, text: str, code: str, line: str) -> None:
    with pytest.raises(WrongUse) as caught:
        _read(tmp_path, text)
    assert caught.value.code == code
    assert f"ine {line}" in caught.value.what


def test_missing_file_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as caught:
        read_option_file(tmp_path / "none.cnf")
    assert caught.value.code == "config-unreadable"
    assert "No such file" in str(caught.value)
