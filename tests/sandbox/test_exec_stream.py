"""What a process in a container says arrives whole, however the engine cuts it; what this rests on is there."""

from __future__ import annotations

import http.client
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from socket import socket
from typing import Any

import docker
import pymysql
import pytest
from pymysql.connections import MySQLResult

from drtool.errors import Unverifiable
from drtool.sandbox import exec_stream
from drtool.sandbox.exec_stream import ExecSocket, lines
from tests.sandbox.small_engine import ERRORS, OUTPUT, engine, frame
from tests.syntax import modules

PACKAGE = Path(__file__).parents[2] / "drtool"


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a name that is short enough for a socket."""
    return tmp_path_factory.mktemp("e")


@pytest.mark.parametrize("cut", [0, 3, 8, 11, 20, 40])
def test_output_is_whole_wherever_it_is_cut_and_errors_are_passed_over(folder: Path, cut: int) -> None:
    sent = frame(OUTPUT, b"one\ntw") + frame(ERRORS, b"noise\n") + frame(OUTPUT, b"") + frame(OUTPUT, b"o\n\xff\n")
    with engine(folder, sent[:cut], sent[cut:]) as client:
        assert list(lines(client, "0")) == ["one", "two", "�"]


def test_more_than_a_buffer_holds_arrives_in_order(folder: Path) -> None:
    content = b"".join(b"%07d\n" % number for number in range(50_000))
    frames = (frame(OUTPUT, content[start : start + 32_768]) for start in range(0, len(content), 32_768))
    with engine(folder, *frames) as client:
        process = ExecSocket(client, client.containers.model(attrs={"Id": "0"}), ["cat"])
        assert process.makefile("rb").read() == content
        process.close()


def test_a_silent_process_is_waited_for_no_longer_than_was_said(folder: Path) -> None:
    with engine(folder, frame(OUTPUT, b"first"), ends=False) as client:
        process = ExecSocket(client, client.containers.model(attrs={"Id": "0"}), ["sleep", "infinity"])
        process.settimeout(0.2)
        reading = process.makefile("rb")
        assert reading.read(5) == b"first"
        with pytest.raises(TimeoutError):
            reading.read(1)
        process.close()


def test_a_wait_without_a_limit_keeps_to_the_bound(folder: Path) -> None:
    with engine(folder, frame(OUTPUT, b"first"), ends=False) as client:
        process = ExecSocket(client, client.containers.model(attrs={"Id": "0"}), ["sleep", "infinity"])
        process.bound(0.2)
        process.settimeout(None)  # as PyMySQL does while it connects
        reading = process.makefile("rb")
        assert reading.read(5) == b"first"
        with pytest.raises(TimeoutError):
            reading.read(1)
        process.close()


def test_a_script_that_falls_silent_is_given_up_where_that_was_said(folder: Path) -> None:
    with engine(folder, frame(OUTPUT, b"first\n"), ends=False) as client:
        heard = lines(client, "0", bound=0.2)
        assert next(heard) == "first"
        with pytest.raises(TimeoutError):
            next(heard)


def test_what_a_process_says_is_taken_up_to_its_bound(folder: Path) -> None:
    with engine(folder, frame(OUTPUT, b"12345678"), frame(OUTPUT, b"9")) as client:
        process = ExecSocket(client, client.containers.model(attrs={"Id": "0"}), ["yes"])
        process.bound_answer(8)
        reading = process.makefile("rb")
        assert reading.read(8) == b"12345678"
        with pytest.raises(Unverifiable) as caught:
            reading.read(1)
        assert caught.value.code == "answer-too-large"
        process.close()


@pytest.mark.parametrize(("size_bytes", "taken"), [(99, True), (101, False)])
def test_a_line_without_an_end_is_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, size_bytes: int, taken: bool
) -> None:
    monkeypatch.setattr(exec_stream, "_LONGEST_LINE_BYTES", 100)
    with engine(folder, frame(OUTPUT, b"x" * size_bytes + b"\n")) as client:
        if taken:
            assert list(lines(client, "0")) == ["x" * size_bytes]
            return
        with pytest.raises(Unverifiable) as caught:
            list(lines(client, "0"))
        assert caught.value.code == "answer-too-large"


def test_who_waits_for_an_answer_hears_why_its_container_was_stopped(folder: Path) -> None:
    def broken() -> None:
        raise Unverifiable("disk-full", "The engine's disk is nearly full")

    with engine(folder, frame(OUTPUT, b"first")) as client:
        process = ExecSocket(client, client.containers.model(attrs={"Id": "0"}), ["cat"], broken=broken)
        reading = process.makefile("rb")
        assert reading.read(5) == b"first"
        with pytest.raises(Unverifiable) as caught:
            reading.read(1)
        assert caught.value.code == "disk-full"
        process.close()


def private_names(client: docker.DockerClient) -> Iterator[tuple[str, object, str, type]]:
    """Yield each name we rely on that no library promises: whose it is, what has it, its name, and what it must be."""
    stream: Any = client.api.exec_start("0", socket=True)
    python = f"Python {platform.python_version()}"
    yield python, stream, "_sock", socket
    yield f"docker {version('docker')}", stream, "_response", object
    yield f"docker {version('docker')}", client.api, "_general_configs", dict
    raw = stream._response.raw
    yield f"urllib3 {version('urllib3')}", raw, "_fp", http.client.HTTPResponse
    yield python, raw._fp, "fp", object
    stream._sock.close()
    connection: Any = pymysql.Connection(defer_connect=True)
    pymysql_here = f"PyMySQL {version('PyMySQL')}"
    yield pymysql_here, connection, "_result", object
    yield pymysql_here, connection, "_force_close", object
    yield pymysql_here, MySQLResult(connection), "unbuffered_active", bool


def test_every_private_name_of_a_library_that_we_rely_on_is_there(folder: Path) -> None:
    sources = {path: path.read_text() for path in modules(PACKAGE)}
    with engine(folder, frame(OUTPUT, b"x")) as client:
        for library, owner, name, kind in private_names(client):
            resting = [
                str(path.relative_to(PACKAGE.parent))
                for path, text in sources.items()
                if f".{name}" in text or f'"{name}"' in text
            ]
            assert resting, f"nothing rests on {name} of {library} any more: take it off this list"
            broken = f"{library} has no {type(owner).__name__}.{name} as it was; {', '.join(resting)} rest on it"
            assert isinstance(getattr(owner, name, None), kind), broken
            assert hasattr(owner, name), broken
