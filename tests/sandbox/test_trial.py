"""What `drtool doctor` finds out by making a sandbox for nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from drtool.errors import Unverifiable
from drtool.sandbox import trial
from drtool.sandbox.engine import Engine
from drtool.sandbox.image import Image

IMAGE = Image(reference="mariadb:11.8", digest="sha256:1")


def tried(monkeypatch: pytest.MonkeyPatch, *said: tuple[str, str]) -> int:
    """Return how much room is found where the script says this; whatever comes of it, the sandbox must go."""
    destroyed: list[bool] = []
    room = SimpleNamespace(talk=lambda *_, **__: iter(said))
    made: Any = SimpleNamespace(
        volume=lambda _: "volume", room=lambda *_, **__: room, destroy=lambda: destroyed.append(True)
    )
    monkeypatch.setattr(trial, "Sandbox", lambda *_, **__: made)
    try:
        return trial.try_sandbox(cast(Engine, None), IMAGE)
    finally:
        assert destroyed == [True]


def test_the_room_on_the_engines_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tried(monkeypatch, ("free", "4096")) == 4096


def test_an_image_that_can_be_no_server_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unverifiable) as caught:
        tried(monkeypatch, ("lacks", "mariadbd"), ("lacks", "socat"), ("free", "4096"))
    assert caught.value.code == "program-missing"
    assert caught.value.what == "The image mariadb:11.8 has no mariadbd, socat"
