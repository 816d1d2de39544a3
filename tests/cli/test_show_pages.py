"""`drtool show`: no verdict that the evidence does not bear out, no page but the report's own, over nobody's files."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from drtool.cli import main
from drtool.keys.signing import make_site_key
from drtool.record.verdicts import Verdict
from drtool.render.page import page
from tests.evidence.builder import Change, Site, like
from tests.render import records


@pytest.fixture
def own_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with a key of its own and no drills yet, in another folder than the one to work in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return Site(reports=tmp_path / "reports", config=tmp_path / "config", key=make_site_key())


@pytest.fixture
def report(own_site: Site) -> Path:
    """Leave a drill's report."""
    return left(own_site)


def left(site: Site, change: Change = like(records.passed())) -> Path:  # noqa: B008 (a function, which nothing changes)
    """Return the folder of one more drill of a site."""
    return site.reports / site.drill(Verdict.PASSED, change=change, render_page=page)


def show(*arguments: object) -> int:
    """Run the command and return its exit code."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["drtool", "show", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_pdf_is_named_after_the_drill_and_its_path_is_printed(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(report, "--pdf") == 0
    output, error = capsys.readouterr()
    assert (output, error) == (f"{report.name}.pdf\n", "")
    assert Path(f"{report.name}.pdf").read_bytes().startswith(b"%PDF-")
    assert sorted(one.name for one in report.iterdir()) == [
        "drill.log", "report.html", "report.json", "report.json.sig"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["report.html", "report.json.sig", "drill.log"])
def test_what_a_shell_completes_to_stands_for_its_report(
    name: str, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(report / name) == 0
    whole = capsys.readouterr().out
    assert report.name in whole
    assert show(report) == 0
    assert capsys.readouterr().out == whole


def test_a_pdf_of_ours_is_written_anew_and_nothing_else_is(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = Path("own.pdf")
    assert show(report, "--pdf", own) == 0
    first = own.read_bytes()
    assert show(report / "report.json", "--pdf", own) == 0
    assert own.read_bytes() == first
    other, link, gone = Path("other.pdf"), Path("link.pdf"), Path("gone.pdf")
    other.write_bytes(b"%PDF-1.7\nsomebody's")
    link.symlink_to(own)
    gone.symlink_to("nowhere")
    for taken in (other, link, gone):
        assert show(report, "--pdf", taken) == 2
        assert f"{taken} was not written by `drtool show`" in capsys.readouterr().err
    assert other.read_bytes() == b"%PDF-1.7\nsomebody's"
    assert link.is_symlink()


def test_no_pdf_is_put_among_the_evidence(own_site: Site, report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    another = left(own_site)
    for place in (report / "x.pdf", another / "x.pdf"):
        assert show(report, "--pdf", place) == 2
        assert "in a drill's folder nothing may be added" in capsys.readouterr().err
        assert not place.exists()


def test_a_name_that_is_none_of_a_pdf_is_refused(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(report, "--pdf", "report.html") == 2
    assert "Let it end in .pdf" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["--pdf", "--html"])
def test_a_page_that_was_edited_is_not_shown(report: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    edited = report / "report.html"
    edited.write_text(edited.read_text().replace("PASSED", "Passed"))
    assert show(report, form) == 1
    output, error = capsys.readouterr()
    assert output == ""
    assert "TAMPERED, so its page is not shown" in error
    assert "report.html was changed: its digest is not the one in report.json" in error
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("form", ["--pdf", "--html"])
def test_a_page_that_is_missing_or_a_link_is_not_shown(
    report: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (report / "report.html").rename("elsewhere.html")
    assert show(report, form) == 1
    assert "report.html is missing" in capsys.readouterr().err
    (report / "report.html").symlink_to(Path("elsewhere.html").resolve())
    assert show(report, form) == 1
    assert "is a symbolic link" in capsys.readouterr().err


def test_the_page_that_the_report_names_is_opened(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(report, "--html") == 0
    assert capsys.readouterr().out == f"{report / 'report.html'}\n"


@pytest.mark.parametrize("forms", [("--json", "--pdf"), ("--html", "--pdf"), ("--json", "--html")])
def test_one_form_at_a_time(report: Path, forms: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert show(report, *forms) == 2
    assert "each ask for another form" in capsys.readouterr().err


def test_a_report_behind_pdf_is_not_taken_for_the_pdfs_name_in_silence(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show("--pdf", report) == 2
    assert "the report goes before --pdf" in capsys.readouterr().err
    assert show() == 2
    assert "Missing argument 'REPORT'" in capsys.readouterr().err


def test_what_is_no_record_is_not_told_as_one_of_a_later_drtool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, later = tmp_path / "notes.txt", tmp_path / "report.json"
    other.write_text("drilled on Monday")
    assert show(other) == 3
    assert "Name the drill's folder" in capsys.readouterr().err
    later.write_text('{"schema_version": 99}')
    assert show(later) == 3
    assert "the drtool that wrote it" in capsys.readouterr().err


@pytest.mark.parametrize("screen", [None, ":1"])
def test_the_page_is_named_whether_a_browser_opens_or_not(
    screen: str | None, report: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    if screen:
        monkeypatch.setenv("DISPLAY", screen)
    else:
        monkeypatch.delenv("DISPLAY", raising=False)
    assert show(report, "--html") == 0
    assert capsys.readouterr().out == f"{report / 'report.html'}\n"
    assert len(opened) == (1 if screen else 0)


def test_the_verdict_of_a_failed_drill_is_shown_as_it_is_and_that_is_success(
    own_site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    own = own_site.reports / own_site.drill(Verdict.FAILED, change=like(records.failed()), render_page=page)
    assert show(own) == 0
    assert capsys.readouterr().out.startswith("FAILED  ")
    assert show(own, "--json") == 0
    assert capsys.readouterr().out.encode() == (own / "report.json").read_bytes()


def _edit(own: Path) -> None:
    document = own / "report.json"
    document.write_text(document.read_text().replace("11 of 11 checks", "12 of 12 checks"))


def _lose_the_log(own: Path) -> None:
    (own / "drill.log").unlink()


def _sign_with_nothing(own: Path) -> None:
    (own / "report.json.sig").unlink()


def _turn_the_ledger(own: Path) -> None:
    ledger = own.parent / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace('"operator":"ops"', '"operator":"eve"', 1))


def _rename(own: Path) -> None:
    own.rename(own.with_name("another"))
    own.symlink_to("another")


@pytest.mark.parametrize("tamper", [_edit, _lose_the_log, _sign_with_nothing, _turn_the_ledger, _rename])
def test_of_what_was_tampered_with_no_verdict_and_nothing_else_is_shown(
    tamper: Callable[[Path], None], report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(report)
    assert show(report) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("TAMPERED")
    assert "PASSED" not in shown
    assert "1 min 45 s" not in shown
    assert show(report, "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said.keys(), said["verdict"]) == ({"drill_id", "verdict", "reason"}, "tampered")
    assert show(report, "--pdf") == 1
    assert "TAMPERED, so its page is not shown" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def _unsigned(site: Site) -> Path:
    site.key = None
    return left(site, like(replace(records.passed(), signed=False)))


def _of_an_unknown_signer(site: Site) -> Path:
    own = left(site)
    (site.config / "drtool" / "allowed_signers").unlink()
    return own


def _alone(site: Site) -> Path:
    own = left(site)
    (site.reports / "ledger.jsonl").unlink()
    return own


def _by_another_name(site: Site) -> Path:
    return Path(shutil.copy(left(site) / "report.json", "copy.json"))


@pytest.mark.parametrize(
    ("made", "why", "has_page"),
    [
        (_unsigned, "is UNSIGNED", True),
        (_of_an_unknown_signer, "names no key, so the signer of 1 sound", False),
        (_alone, "lies in no drill's folder below a ledger", False),
        (_by_another_name, "lies in no drill's folder below a ledger", False),
    ],
)
def test_what_is_not_verified_says_so_in_place_of_its_verdict(
    made: Callable[[Site], Path], why: str, has_page: bool, own_site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    own = made(own_site)
    assert show(own) == 3
    shown = capsys.readouterr().out
    assert shown.startswith("NOT VERIFIED shop_monthly")
    assert " ".join(why.split()) in " ".join(shown.split())
    assert "PASSED" not in shown
    assert "1 min 45 s" in shown
    assert show(own, "--json") == 3
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["rto"]["actual_seconds"]) == ("not verified", 105.2)
    assert why in said["reason"]
    assert show(own, "--html") == 3
    assert bool(capsys.readouterr().out) is has_page


def test_keys_that_an_auditor_has_verify_it(own_site: Site, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    own = left(own_site)
    keys = shutil.move(own_site.config / "drtool" / "allowed_signers", tmp_path / "keys")
    assert show(own) == 3
    assert show(own, "--allowed-signers", keys) == 0
    assert "PASSED" in capsys.readouterr().out
