"""What of production's option file is not for the restored server is told, and never in silence."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drtool.errors import Unverifiable
from drtool.mariadb.option_file import read_option_file
from drtool.restore.interface import DatabaseOptions
from drtool.restore.provision import check_plugins, settings_for
from drtool.restore.server_settings import ServerSettings


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


class _Server:
    """A server that has one plugin, of a library and of none."""

    def cursor(self) -> _Server:
        return self

    def __enter__(self) -> _Server:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, *asked: object) -> None: ...

    def fetchall(self) -> list[tuple[str | None]]:
        return [(None,), ("disks.so",)]


def _entered(plugins: dict[str, bool], **applied: str) -> list[str]:
    told: list[str] = []
    context = SimpleNamespace(journal=SimpleNamespace(deviation=told.append))
    settings = ServerSettings(plugins=plugins, applied=applied)
    check_plugins(cast("Any", context), "db", cast("Any", _Server()), settings)
    return told


def test_plugins_that_may_be_missing_are_told_of_with_their_options() -> None:
    (told,) = _entered({"disks": True, "provider_x": False}, loose_provider_x="ON", loose_provider_x_y="1", disks="ON")
    assert told.endswith("does not have the plugin: the plugin provider_x, provider_x, provider_x_y")
    assert _entered({"disks": False}, disks="ON") == []


def test_plugins_that_are_missing_are_all_named_at_once() -> None:
    with pytest.raises(Unverifiable, match="no plugin provider_x, provider_y:") as caught:
        _entered({"provider_x": True, "disks": True, "provider_y": True})
    assert caught.value.code == "plugin-missing"
