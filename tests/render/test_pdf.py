"""The PDF of a page: always the same, tagged, and made without looking at anything but the page."""

from __future__ import annotations

import importlib.abc
import io
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pypdf import PdfReader

from drtool.errors import Unverifiable
from drtool.render.page import page
from drtool.render.pdf import IDENTIFIER, pdf
from tests.render import records, rewording


@pytest.fixture(scope="module")
def reader() -> PdfReader:
    return PdfReader(io.BytesIO(pdf(page(records.failed()).encode())))


@pytest.fixture(scope="module")
def brief() -> bytes:
    return page(records.unverified()).encode()


def test_the_same_page_always_makes_the_same_pdf_and_another_page_another(brief: bytes) -> None:
    first = pdf(brief)
    assert first == pdf(brief)
    assert first != pdf(page(records.interrupted()).encode())
    assert first.count(IDENTIFIER) == 1


def test_it_says_its_title_language_maker_and_when_the_drill_ended(reader: PdfReader) -> None:
    about = reader.metadata
    assert about is not None
    assert about.title == "FAILED: shop_monthly, drill of 2026-11-24 03:00:00 UTC"
    assert about.creator == "drtool 0.1.0"
    assert about.creation_date == records.failed().finished_at
    assert _root(reader)["/Lang"] == "en"
    assert _root(reader)["/ViewerPreferences"]["/DisplayDocTitle"]


def test_it_is_tagged_with_headings_tables_and_a_word_for_every_drawing(reader: PdfReader) -> None:
    assert _root(reader)["/MarkInfo"]["/Marked"]
    assert b'pdfuaid:part="1"' in _root(reader)["/Metadata"].get_object().get_data()
    elements = list(_elements(_root(reader)["/StructTreeRoot"]))
    kinds = {one["/S"] for one in elements}
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/Figure"} <= kinds
    drawings = [one for one in elements if one["/S"] == "/Figure"]
    assert all(one.get("/Alt") for one in drawings)
    assert "RTO: actual 47 min 12 s, objective 30 min" in [one["/Alt"] for one in drawings]


def test_its_outline_leads_to_every_section(reader: PdfReader) -> None:
    titles = [one.title for one in _flat(reader.outline)]
    assert {"Timeline", "Checks", "Losses in rows and files", "Sign-off"} <= {
        one.strip(" \u2002123456789") for one in titles
    }


def test_a_page_that_asks_for_files_and_addresses_gets_none(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p::after { content: 'tell-nobody' }")
    with _listening() as (address, asked):
        wanted = (secret.as_uri(), f"{address}/x.css")
        asking = "".join(
            f'<link rel="stylesheet" href="{one}"><link rel="attachment" href="{one}"><style>@import url({one});'
            f"@font-face {{ font-family: own; src: url({one}) }} "
            f"p {{ font-family: own; background: url({one}) }}</style>"
            f'<img src="{one}" alt="x"><object data="{one}"></object><embed src="{one}">'
            f'<svg width="9" height="9"><image href="{one}" width="9" height="9"/><use href="{one}#a"/></svg>'
            for one in wanted
        )
        made = PdfReader(
            io.BytesIO(pdf(f'<!DOCTYPE html><html lang="en"><title>x</title>{asking}<p>here</p>'.encode()))
        )
    assert asked == []
    text = "".join(one.extract_text() for one in made.pages)
    assert "here" in text
    assert "tell-nobody" not in text
    assert dict(made.attachments) == {}


def test_a_hostile_record_makes_a_pdf_with_all_of_it_as_text() -> None:
    evil = replace(records.unverified(), scenario=rewording.EVIL, reason=rewording.EVIL, owner=rewording.EVIL)
    made = PdfReader(io.BytesIO(pdf(page(evil).encode())))
    assert "<script>alert(1)</script>" in "".join(made.pages[0].extract_text().split())
    assert "/JavaScript" not in str(_root(made).get("/Names", ""))
    assert not [note for one in made.pages for note in one.get("/Annots", ()) if "/URI" in str(note.get_object())]


class _Broken(importlib.abc.MetaPathFinder):
    """Has WeasyPrint fail as it is imported."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname == "weasyprint":
            raise self._error
        return None


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (ModuleNotFoundError("No module named 'weasyprint'", name="weasyprint"), "pip install 'drtool[pdf]'"),
        (OSError("cannot load library 'libpango-1.0-0'"), "apt-get install libpango-1.0-0 libpangoft2-1.0-0"),
    ],
)
def test_where_the_library_is_missing_it_says_how_to_get_it(
    error: Exception, mend: str, brief: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Broken(error), *sys.meta_path])
    with pytest.raises(Unverifiable, match=r"not installed here") as told:
        pdf(brief)
    assert told.value.code == "library-missing"
    assert mend in told.value.mend


def test_a_page_that_the_library_stumbles_over_is_an_error_for_people(
    brief: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object, **__: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr("weasyprint.HTML.write_pdf", stumble)
    with pytest.raises(Unverifiable, match="cannot be made a PDF") as told:
        pdf(brief)
    assert "AssertionError" in told.value.why


def _root(reader: PdfReader) -> Any:
    return reader.trailer["/Root"]


def _elements(node: Any) -> Iterator[Any]:
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            yield from _elements(one)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _elements(node["/K"])


def _flat(outline: Any) -> Iterator[Any]:
    for one in outline:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one


class _listening:  # noqa: N801 (read as a statement)
    """A server on the loopback that notes what it is asked for."""

    def __enter__(self) -> tuple[str, list[str]]:
        asked: list[str] = []

        class Noting(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(404)
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}", asked

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
