"""A key is trusted because somebody pinned it on purpose, or because it was the first; and that is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from drtool.errors import Unverifiable
from drtool.keys import allowed_signers, site
from drtool.keys.allowed_signers import Pinning
from drtool.keys.pinning import ready_key
from drtool.keys.signing import SigningKey, check_key, find_key, make_site_key
from tests.evidence.builder import Site, new_key
from tests.evidence.conftest import Run


def a_key(path: Path) -> SigningKey:
    found = find_key(path)
    assert found is not None
    return found


def ready(reports: Path, key: Path | None = None) -> SigningKey:
    return ready_key(key, reports, unattended=False, tell=lambda text: print(text, file=sys.stderr))[0]


def test_the_first_key_is_pinned_and_the_next_is_not_unless_on_purpose(tmp_path: Path) -> None:
    first, second = a_key(new_key(tmp_path / "first")), a_key(new_key(tmp_path / "second"))
    assert allowed_signers.pin("first", check_key(first), only_first=True) is Pinning.PINNED_NOW
    assert allowed_signers.pin("first", check_key(first), only_first=True) is Pinning.PINNED_BEFORE
    assert allowed_signers.pin("second", check_key(second), only_first=True) is Pinning.NOT_PINNED
    assert allowed_signers.pin("second", check_key(second)) is Pinning.PINNED_NOW
    assert len(site.pins_path().read_text().splitlines()) == 2


def test_a_pin_that_was_given_a_period_by_hand_stays_as_it_is() -> None:
    key = make_site_key()
    limited = site.pins_path().read_text().replace("namespaces=", 'valid-before="20270101Z",namespaces=')
    site.pins_path().write_text("# rotated at new year\n" + limited)
    assert make_site_key() == key
    assert site.pins_path().read_text() == "# rotated at new year\n" + limited


def test_init_pins_a_key_and_says_so(tmp_path: Path, drtool: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_site_key()
    path = new_key(tmp_path / "new")
    ended = drtool("init", "--key", path)
    assert ended.code == 0
    assert f"pinned {path} in {site.pins_path()}" in ended.output
    assert "pinned already" in drtool("init", "--key", path).output
    assert len(site.pins_path().read_text().splitlines()) == 2


def test_init_makes_the_sites_key_once(tmp_path: Path, drtool: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "made   " in drtool("init").output
    again = drtool("init").output
    assert "kept   " in again
    assert "made" not in again


def test_drills_signed_before_and_after_a_rotation_are_both_trusted(
    site: Site, tmp_path: Path, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    site.drill()
    site.key = a_key(new_key(tmp_path / "new"))
    site.drill()
    assert drtool("audit", site.reports).code == 1
    drtool("init", "--key", tmp_path / "new")
    assert drtool("audit", site.reports).code == 0
    assert len((site.reports / "allowed_signers").read_text().splitlines()) == 2


def test_the_first_drill_makes_a_key_and_says_that_it_is_pinned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = ready(tmp_path / "reports")
    assert f"Made this site's signing key, and pinned it for audits: {key.path}" in capsys.readouterr().err
    assert ready(tmp_path / "reports") == key
    assert capsys.readouterr().err == ""
    listed = (tmp_path / "reports" / "allowed_signers").read_text()
    assert listed == site.pins_path().read_text()


def test_the_first_key_that_is_used_is_pinned_and_that_is_said_and_the_next_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = new_key(tmp_path / "first"), new_key(tmp_path / "second")
    ready(tmp_path / "reports", first)
    assert f"Pinned {first}, the first key used here" in capsys.readouterr().err
    ready(tmp_path / "reports", second)
    assert "which is not pinned here" in capsys.readouterr().err
    assert len(site.pins_path().read_text().splitlines()) == 1


def test_a_drill_goes_on_with_a_key_that_cannot_be_pinned_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    ready(tmp_path / "reports", new_key(tmp_path / "key"))
    assert "cannot be pinned" in capsys.readouterr().err


def test_a_list_beside_the_reports_that_cannot_be_written_stops_a_drill_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "reports" / "allowed_signers").mkdir(parents=True)
    with pytest.raises(Unverifiable, match="cannot be written"):
        ready(tmp_path / "reports", new_key(tmp_path / "key"))
