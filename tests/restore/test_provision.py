"""What of production's option file is not for the restored server is told, and never in silence."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drtool.mariadb.option_file import read_option_file
from drtool.restore.interface import DatabaseOptions
from drtool.restore.provision import settings_for


def _told(folder: Path, content: str) -> list[str]:
    path = folder / "production.cnf"
    path.write_text(content)
    told: list[str] = []
    context = SimpleNamespace(journal=SimpleNamespace(deviation=told.append))
    backup = SimpleNamespace(recognised=SimpleNamespace(series="10.11"))
    options = SimpleNamespace(version=None, config=read_option_file(path), settings={}, folder=folder)
    settings_for(cast("Any", context), cast("Any", backup), "db", cast("DatabaseOptions", options))
    return told


@pytest.mark.parametrize(
    ("content", "groups"),
    [
        ("[mysqld_multi]\nuser=x\n[mysqld1]\nport=3307\ninnodb_strict_mode=0\n", "[mysqld_multi], [mysqld1]"),
        ("[client]\npassword=dont-tell\n[mariadb-10.6]\nsql_mode=ANSI\n", "[client], [mariadb-10.6]"),
        ("[mysqld]\n# nothing yet\n", "it is empty"),
    ],
)
def test_file_with_nothing_for_this_server_is_told_of_with_its_groups(
    tmp_path: Path, content: str, groups: str
) -> None:
    assert _told(tmp_path, content) == [f"db: nothing in production.cnf is for this server: {groups}"]


def test_file_with_one_group_for_this_server_is_not(tmp_path: Path) -> None:
    assert _told(tmp_path, "[mysqld1]\nport=3307\n[mariadb-10.11]\nsql_mode=ANSI\n") == []
