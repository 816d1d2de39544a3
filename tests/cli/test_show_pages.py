"""`drtool show --html` and `--pdf`: only the page that the report names, and over nobody's files."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from drtool.cli import main
from drtool.evidence import folder
from drtool.record.model import DrillRecord
from drtool.render.page import page
from tests.evidence.builder import write_evidence
from tests.render import records

DRILL = records.unverified().drill_id


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave a drill's report, unsigned, and go to another folder."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    reports, work = tmp_path / "reports", tmp_path / "work"
    reports.mkdir()
    work.mkdir()
    monkeypatch.chdir(work)
    return _left(reports, records.unverified())


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
    assert output == f"{DRILL}.pdf\n"
    assert "The signature was not checked" in error
    assert Path(f"{DRILL}.pdf").read_bytes().startswith(b"%PDF-")
    assert sorted(one.name for one in report.iterdir()) == ["report.html", "report.json"]


@pytest.mark.parametrize("name", ["report.html", "report.json.sig", "drill.log"])
def test_what_a_shell_completes_to_stands_for_its_report(
    name: str, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (report / name).touch()
    assert show(report / name) == 0
    whole = capsys.readouterr().out
    assert DRILL in whole
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


def test_no_pdf_is_put_among_the_evidence(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    another = _left(report.parent, records.unverified(), drill_id="another")
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
    edited.write_text(edited.read_text().replace("Unverified", "Passed"))
    assert show(report, form) == 3
    output, error = capsys.readouterr()
    assert output == ""
    assert "is not the page that report.json names, so it is not shown" in error
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("form", ["--pdf", "--html"])
def test_a_page_that_is_missing_or_a_link_is_not_shown(
    report: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (report / "report.html").rename("elsewhere.html")
    assert show(report, form) == 3
    assert "report.html is missing" in capsys.readouterr().err
    (report / "report.html").symlink_to(Path("elsewhere.html").resolve())
    assert show(report, form) == 3
    assert "is a symbolic link" in capsys.readouterr().err


def test_the_page_that_the_report_names_is_opened(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(report, "--html") == 0
    assert capsys.readouterr().out == f"{report / 'report.html'}\n"


def test_a_drill_whose_id_leads_elsewhere_names_no_file(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = report / "report.json"
    document.write_text(document.read_text().replace(f'"drill_id": "{DRILL}"', '"drill_id": "../../up"'))
    assert show(report, "--pdf") == 2
    assert "../../up cannot name a file" in capsys.readouterr().err


@pytest.mark.parametrize("forms", [("--json", "--pdf"), ("--html", "--pdf"), ("--json", "--html")])
def test_one_form_at_a_time(report: Path, forms: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert show(report, *forms) == 2
    assert "each ask for another form" in capsys.readouterr().err


def _left(reports: Path, record: DrillRecord, drill_id: str = DRILL) -> Path:
    own = folder.make(reports, drill_id)
    write_evidence(reports, replace(record, drill_id=drill_id, files={}), render_page=page, key=None)
    return own


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
