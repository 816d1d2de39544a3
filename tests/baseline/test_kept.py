"""A baseline lies beside its backup, signed; one that was changed since is refused, one of unknown origin is named."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from drtool.baseline import kept
from drtool.baseline.database import document, model
from drtool.baseline.kept import NAMESPACE, Standing
from drtool.errors import Unverifiable, WrongUse
from drtool.keys import signing
from drtool.stores import store_for
from tests.baseline.builder import a_baseline, a_table


@pytest.fixture
def backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "db.sql.zst"
    path.write_bytes(b"")
    return path


def keep(backup: Path, key: signing.SigningKey | None) -> Path:
    path = kept.beside(backup, folder=False)
    content = document.encode(a_baseline([a_table()]))
    path.write_bytes(content)
    if key is not None:
        path.with_name(path.name + ".sig").write_bytes(signing.sign(key, content, namespace=NAMESPACE))
    return path


def found(backup: Path) -> tuple[kept.Kept, model.DatabaseBaseline]:
    with kept.find_database_baseline(store_for(str(backup)), str(backup)) as (where, read):
        baseline = read()
        return where, replace(baseline, tables=tuple(baseline.tables), objects=tuple(baseline.objects))


def another_key(tmp_path: Path) -> signing.SigningKey:
    path = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "x@y", "-f", str(path)], check=True)
    return signing.SigningKey(path=path, principal="x@y")


def test_a_baseline_signed_by_this_sites_key_is_trusted(backup: Path) -> None:
    keep(backup, signing.make_site_key())
    where, baseline = found(backup)
    assert where.standing is Standing.TRUSTED
    assert where.location == f"{backup}.baseline.json"
    assert baseline == a_baseline([a_table()])


def test_a_baseline_that_was_changed_after_it_was_signed_is_refused(backup: Path) -> None:
    path = keep(backup, signing.make_site_key())
    path.write_bytes(path.read_bytes().replace(b'"rows":100', b'"rows":101'))
    with pytest.raises(Unverifiable) as caught:
        found(backup)
    assert caught.value.code == "baseline-signature-broken"


def test_a_signature_over_a_report_does_not_pass_for_a_baselines(backup: Path) -> None:
    path = keep(backup, None)
    key = signing.make_site_key()
    path.with_name(path.name + ".sig").write_bytes(signing.sign(key, path.read_bytes()))
    with pytest.raises(Unverifiable) as caught:
        found(backup)
    assert caught.value.code == "baseline-signature-broken"


def test_a_baseline_by_a_key_that_is_not_pinned_is_read_and_its_signer_said_to_be_unknown(
    backup: Path, tmp_path: Path
) -> None:
    signing.make_site_key()
    keep(backup, another_key(tmp_path))
    where, _ = found(backup)
    assert where.standing is Standing.UNKNOWN_SIGNER
    assert str(where.fingerprint).startswith("SHA256:")


def test_an_unsigned_baseline_is_said_to_be_unsigned(backup: Path) -> None:
    keep(backup, None)
    assert found(backup)[0].standing is Standing.UNSIGNED


def test_no_baseline_is_no_proof(backup: Path) -> None:
    with pytest.raises(Unverifiable) as caught:
        found(backup)
    assert caught.value.code == "no-baseline"


def test_the_digest_for_the_record_is_of_the_files_bytes(backup: Path) -> None:
    path = keep(backup, None)
    expected = subprocess.run(["sha256sum", str(path)], check=True, capture_output=True, text=True).stdout.split()[0]
    assert found(backup)[0].sha256 == expected


def test_baselines_and_their_signatures_are_no_backups() -> None:
    assert kept.is_baseline("s3://b/db.sql.zst.baseline.json")
    assert kept.is_baseline("/srv/uploads.tar.baseline.jsonl.zst.sig")
    assert not kept.is_baseline("/srv/db.sql.zst")


def test_a_baseline_lies_beside_what_a_link_leads_to_and_beside_no_checksum(tmp_path: Path) -> None:
    backup = tmp_path / "db-20261124.sql.gz"
    backup.write_bytes(b"")
    (tmp_path / "db-latest.sql.gz").symlink_to(backup.name)
    assert kept.beside(tmp_path / "db-latest.sql.gz", folder=False) == kept.beside(backup, folder=False)
    assert kept.beside(tmp_path / "db-20261125.sql.gz", folder=False).name == "db-20261125.sql.gz.baseline.json"
    for name in ("db-20261124.sql.gz.sha256", "db-20261124.sql.gz.log", "db-20261125.sql.gz.partial"):
        with pytest.raises(WrongUse):
            kept.beside(tmp_path / name, folder=False)
