"""A backup that is streamed to the engine: whose fault it is if it does not arrive, and what is left of the disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.sandbox import reach, sandbox
from drtool.sandbox.engine import Engine
from drtool.sandbox.image import Image
from drtool.sandbox.sandbox import Sandbox
from drtool.stores import StoredObject

IMAGE = Image(reference="mariadb:11.8", digest="sha256:1")
MIB = b"x" * 2**20


class Taking:
    """An engine that takes what is sent, with what requests makes of a body that breaks off; or stops by itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, stops: bool = False, full_after: int = 10**9) -> None:
        self.taken = 0
        self.guards: list[str] = []
        self._stops, self._left = stops, full_after
        monkeypatch.setattr(Sandbox, "volume", lambda *_: "volume")
        monkeypatch.setattr(Sandbox, "_unstarted", self._unstarted)
        monkeypatch.setattr(Sandbox, "room", self._room)
        monkeypatch.setattr(sandbox, "remove", lambda _: self.guards.append("removed"))

    def put_archive(self, _path: str, archive: Iterable[bytes]) -> bool:
        try:
            for piece in archive:
                self.taken += len(piece)
                if self._stops:
                    raise requests.ConnectionError("Broken pipe")
        except OSError as error:
            raise requests.ConnectionError(error) from error
        return True

    def raise_if_halted(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Unverifiable("disk-full", "The engine's disk is nearly full")

    @contextmanager
    def _unstarted(self, *_: object) -> Iterator[Taking]:
        yield self

    def _room(self, *_: object, **__: object) -> Any:
        self.guards.append("made")
        return SimpleNamespace(raise_if_halted=self.raise_if_halted, inner=None)


def stage(archive: Iterable[bytes]) -> str:
    made = Sandbox(cast(Engine, None), "drill", time_limit=timedelta(minutes=1), kept=False)
    return made.fill_volume(IMAGE, archive)


@pytest.mark.parametrize(
    ("breaks", "code"),
    [
        (Unverifiable("store-unreachable", "The store cannot be read"), "store-unreachable"),
        (RestoreFailed("backup-changed", "It was replaced"), "backup-changed"),
        (OSError(5, "Input/output error"), "backup-unreadable"),
        (ConnectionResetError(104, "reset by the store"), "backup-unreadable"),
    ],
)
def test_a_store_that_breaks_off_is_not_taken_for_the_engine(
    monkeypatch: pytest.MonkeyPatch, breaks: Exception, code: str
) -> None:
    def archive() -> Iterator[bytes]:
        yield MIB
        raise breaks

    Taking(monkeypatch)
    with pytest.raises(DrtoolError) as caught:
        stage(archive())
    assert caught.value.code == code


def test_an_engine_that_stops_is_not_taken_for_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    Taking(monkeypatch, stops=True)
    with pytest.raises(Unverifiable) as caught:
        stage([MIB])
    assert caught.value.code == "engine-lost"


@pytest.mark.parametrize(("mebibytes", "guards"), [(64, []), (65, ["made", "removed"])])
def test_the_disk_is_watched_while_much_is_staged(
    monkeypatch: pytest.MonkeyPatch, mebibytes: int, guards: list[str]
) -> None:
    engine = Taking(monkeypatch)
    stage([MIB] * mebibytes)
    assert (engine.taken, engine.guards) == (mebibytes * 2**20, guards)


def test_staging_ends_when_the_disk_gets_full(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Taking(monkeypatch, full_after=3)
    with pytest.raises(Unverifiable) as caught:
        stage([MIB] * 1000)
    assert (caught.value.code, engine.taken, engine.guards) == ("disk-full", 67 * 2**20, ["made", "removed"])


@pytest.mark.parametrize(("given", "code"), [(b"12345", None), (b"1234", "shorter"), (b"123456", "longer")])
def test_a_store_that_gives_what_it_did_not_promise_is_named(given: bytes, code: str | None) -> None:
    @contextmanager
    def open_(_found: StoredObject) -> Iterator[BytesIO]:
        yield BytesIO(given)

    found = StoredObject(location="s3://backups/db.sql", size_bytes=5, modified_at=datetime.now(UTC))
    backup: Any = SimpleNamespace(found=found, store=SimpleNamespace(open=open_))
    archive = reach._archive(backup, [(found, "/backup/input")], lambda _: None)
    if code is None:
        assert b"12345" in b"".join(archive)
        return
    with pytest.raises(Unverifiable) as caught:
        list(archive)
    assert caught.value.code == f"backup-{code}-than-listed"
