"""Keys on FIDO tokens sign reports, say when they wait to be touched, and say what is wrong when they do not sign.

The token is made of software, since no test can touch one: see `software_token.c`. All else is OpenSSH's own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drtool.errors import Unverifiable
from drtool.keys import allowed_signers, ssh_keygen
from drtool.keys.signing import SigningKey, check_key, find_key, sign
from drtool.keys.verification import SignatureStanding, Verifier
from tests.evidence.builder import FIRST_DRILL_AT, Site
from tests.evidence.conftest import Run

PROJECT = Path(__file__).parents[2]
KINDS = pytest.mark.parametrize("kind", ["ed25519-sk", "ecdsa-sk"])


@pytest.fixture(scope="session")
def middleware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The token, as the library that OpenSSH takes for one."""
    library = tmp_path_factory.mktemp("token") / "software_token.so"
    source = Path(__file__).with_name("software_token.c")
    command = ["gcc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", str(library), str(source), "-lcrypto"]
    subprocess.run(command, check=True)
    return library


@pytest.fixture(autouse=True)
def token(middleware: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the token plugged in, and no terminal, whoever runs these tests."""
    monkeypatch.setenv("SSH_SK_PROVIDER", str(middleware))
    monkeypatch.setattr(ssh_keygen, "has_terminal", lambda: False)


def enrolled(path: Path, kind: str = "ed25519-sk") -> SigningKey:
    """Make a key on the token."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "jane@token", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    key = find_key(path)
    assert key is not None
    return key


@KINDS
def test_its_signature_verifies_in_drtool_and_with_ssh_keygen_alone(kind: str, tmp_path: Path) -> None:
    key = enrolled(tmp_path / "key", kind)
    public = check_key(key)
    assert public.kind == f"sk-{'ssh-ed25519' if kind == 'ed25519-sk' else 'ecdsa-sha2-nistp256'}@openssh.com"
    document, signature, keys = tmp_path / "document", tmp_path / "document.sig", tmp_path / "keys"
    document.write_bytes(b"what is signed")
    signature.write_bytes(sign(key, document.read_bytes()))
    keys.write_text(allowed_signers.line(key.principal, public))
    with Verifier(keys) as verifier:
        found = verifier.verify(document.read_bytes(), signature.read_bytes(), FIRST_DRILL_AT)
        changed = verifier.verify(b"What is signed", signature.read_bytes(), FIRST_DRILL_AT)
    assert (found.standing, found.principal, changed.standing) == (
        SignatureStanding.TRUSTED,
        "jane@token",
        SignatureStanding.BROKEN,
    )
    with document.open("rb") as message:
        by = f"-f {keys} -I jane@token -n drtool-report -s {signature}"
        command = ["ssh-keygen", "-Y", "verify", *by.split()]
        done = subprocess.run(command, stdin=message, check=True, capture_output=True, text=True)
    assert 'Good "drtool-report" signature for jane@token' in done.stdout


@KINDS
def test_reports_that_it_signed_pass_the_audit_without_the_token(
    kind: str, site: Site, drtool: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.key = enrolled(tmp_path / "key", kind)
    site.drill()
    assert drtool("init", "--key", site.key.path).code == 0
    monkeypatch.delenv("SSH_SK_PROVIDER")
    ended = drtool("audit", site.reports, "--json")
    assert (ended.code, ended.result["drills"][0]["signer"]) == (0, "jane@token")
    site.path(0, "report.json").write_bytes(site.path(0, "report.json").read_bytes() + b" ")
    assert "signature-broken" in drtool("audit", site.reports, "--json").codes


def test_it_says_that_it_waits_to_be_touched_and_goes_on_when_it_is(tmp_path: Path) -> None:
    key, touched = enrolled(tmp_path / "key"), tmp_path / "touched"
    with subprocess.Popen(
        [sys.executable, "-m", "drtool", "doctor", "--key", str(key.path), "--json"],
        env=os.environ | {"SOFTWARE_TOKEN_TOUCHED": str(touched), "DOCKER_HOST": f"unix://{tmp_path}/nobody"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        start_new_session=True,
    ) as waiting:
        assert waiting.stderr is not None
        assert waiting.stderr.readline() == f"Touch your token, which holds {key.path}, when it blinks\n"
        time.sleep(0.2)
        assert waiting.poll() is None
        touched.touch()
        output, _ = waiting.communicate(timeout=30)
    assert re.search(r'"subject": "key",\s+"well": true', output), output


def test_one_that_nobody_touches_is_given_up_and_nothing_goes_on_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = enrolled(tmp_path / "key")
    monkeypatch.setenv("SOFTWARE_TOKEN_TOUCHED", str(tmp_path / "touched"))
    monkeypatch.setattr("drtool.keys.signing._PATIENCE_SECONDS", 0.5)
    with pytest.raises(Unverifiable, match="did not answer") as refused:
        check_key(key)
    assert refused.value.code == "ssh-keygen-silent"
    assert "token waits for somebody" in refused.value.mend
    time.sleep(0.1)
    assert waiting_helpers(tmp_path / "touched") == []


def waiting_helpers(touched: Path) -> list[str]:
    """Return the programs that still wait for this touch."""
    wanted, found = f"SOFTWARE_TOKEN_TOUCHED={touched}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (process / "environ").read_bytes() and int(process.name) != os.getpid():
                found.append((process / "comm").read_text())
        except OSError:
            continue
    return found


def test_one_that_is_not_plugged_in_is_said_before_the_drill_begins(
    tmp_path: Path, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = enrolled(tmp_path / "key")
    monkeypatch.setenv("SOFTWARE_TOKEN_UNPLUGGED", "yes")
    ended = drtool("verify", tmp_path / "db.sql", "--key", key.path, "--reports", tmp_path / "reports")
    assert ended.code == 3
    assert "device not found" in ended.errors
    assert "Plug the token in and touch it when asked." in ended.errors
    assert not (tmp_path / "reports").exists()
