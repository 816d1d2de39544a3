"""A drill as an in-toto statement: anybody's DSSE verifier takes it, and the audit holds it against the report."""

from __future__ import annotations

import base64
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # which its own documentation names

from drtool.attest import statement
from drtool.errors import Unverifiable
from drtool.keys import ssh_keygen
from drtool.keys.raw_signing import AgentKey, FileKey, find_raw_key
from drtool.keys.signature import PublicKey
from drtool.keys.signing import SigningKey, check_key, find_key
from drtool.record.backups import BackupRead
from drtool.record.model import DrillRecord
from drtool.record.verdicts import Check, Verdict
from tests.evidence.builder import Site, new_key
from tests.evidence.conftest import Run

NAME = "report.intoto.json"
PROJECT = Path(__file__).parents[2]
KEYS = {
    "ed25519": ["-t", "ed25519"],
    "ecdsa-256": ["-t", "ecdsa", "-b", "256"],
    "ecdsa-384": ["-t", "ecdsa", "-b", "384"],
    "ecdsa-521": ["-t", "ecdsa", "-b", "521"],
    "rsa": ["-t", "rsa", "-b", "2048"],
    "rsa in PEM": ["-t", "rsa", "-b", "2048", "-m", "PEM"],
    "ecdsa in PKCS #8": ["-t", "ecdsa", "-m", "PKCS8"],
}


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no terminal, whoever runs these tests."""
    monkeypatch.setattr(ssh_keygen, "has_terminal", lambda: False)


@pytest.fixture
def stated(site: Site) -> Site:
    """A site with two drills, each with a statement."""
    site.statement = True
    site.drill(change=with_backups)
    site.drill(Verdict.FAILED)
    return site


def with_backups(record: DrillRecord) -> DrillRecord:
    read = BackupRead(
        resource="db", location="s3://backups/db.sql.zst", size_bytes=9, modified_at=datetime(2026, 3, 2, tzinfo=UTC),
        sha256="ab" * 32, version_id=None, lock_state=None, format="sql", compression="zstd", server_version=None,
    )  # fmt: skip
    asked = Check(
        resource="db", name="there are orders", question="SELECT 1", expected="at least 1", observed="1",
        outcome=Verdict.PASSED, builtin=False, elapsed_seconds=0.1,
    )  # fmt: skip
    cut_short = replace(read, location="s3://backups/cut.sql.zst", sha256=None)
    return replace(record, backups=(read, cut_short), checks=(asked,))


def a_key(path: Path, arguments: list[str], passphrase: str = "") -> SigningKey:
    subprocess.run(["ssh-keygen", "-q", *arguments, "-N", passphrase, "-f", path], check=True)
    return key_at(path)


def key_at(path: Path) -> SigningKey:
    found = find_key(path)
    assert found is not None
    return found


def verified(site: Site, number: int = 0) -> dict[str, Any]:
    """Return the statement of a drill, once securesystemslib has verified its envelope with the site's public key."""
    assert site.key is not None
    public = serialization.load_ssh_public_key(site.key.path.with_name(f"{site.key.path.name}.pub").read_bytes())
    said = json.loads(site.path(number, NAME).read_bytes())
    scheme = "rsa-pkcs1v15-sha256" if public.__class__.__name__.startswith("RSA") else None
    key = SSlibKey.from_crypto(public, keyid=said["signatures"][0]["keyid"], scheme=scheme)
    envelope = Envelope.from_dict(said)
    envelope.verify([key], 1)
    assert envelope.payload_type == "application/vnd.in-toto+json"
    statement: dict[str, Any] = json.loads(envelope.payload)
    return statement


# What it says


def test_its_subjects_are_the_report_and_the_backups_that_were_read(stated: Site) -> None:
    said = verified(stated)
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["subject"] == [
        {"name": "report.json", "digest": {"sha256": sha256(stated.path(0, "report.json").read_bytes()).hexdigest()}},
        {"name": "s3://backups/db.sql.zst", "digest": {"sha256": "ab" * 32}},
    ]


def test_its_predicate_is_the_essential_part_of_the_record_in_the_records_own_names(stated: Site) -> None:
    said, record = verified(stated), stated.record(0)
    assert said["predicateType"] == "urn:drtool:drill:v1"
    predicate = said["predicate"]
    assert predicate.pop("checks") == [
        {"resource": "db", "name": "there are orders", "outcome": "passed", "builtin": False}
    ]
    assert {"drill_id", "verdict", "reason", "rto", "rpo", "finished_at", "scenario_info"} <= predicate.keys()
    assert predicate == {name: record[name] for name in predicate}
    assert verified(stated, 1)["predicate"]["verdict"] == "failed"


def test_the_signed_report_says_whether_a_statement_belongs_beside_it(stated: Site) -> None:
    stated.statement = False
    stated.drill()
    assert [stated.record(number)["statement"] for number in range(3)] == [True, True, False]


# Who signs it


@pytest.mark.parametrize("kind", KEYS)
def test_the_key_that_signs_the_report_signs_it_and_any_dsse_verifier_takes_it(
    kind: str, site: Site, tmp_path: Path, drtool: Run
) -> None:
    site.key, site.statement = a_key(tmp_path / "key", KEYS[kind]), True
    site.drill()
    assert isinstance(site.raw_key(), FileKey)
    signature = json.loads(site.path(0, NAME).read_bytes())["signatures"][0]
    printed = subprocess.run(["ssh-keygen", "-lf", site.key.path], check=True, capture_output=True, text=True).stdout
    assert signature["keyid"] == printed.split()[1]
    verified(site)
    ended = drtool("audit", site.reports, "--allowed-signers", site.reports / "allowed_signers", "--json")
    assert (ended.code, ended.result["drills"][0]["statement"]) == (0, "genuine")


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize("kind", ["ed25519", "ecdsa-521", "rsa"])
def test_a_key_that_only_the_agent_holds_signs_it(kind: str, site: Site, tmp_path: Path) -> None:
    key = a_key(tmp_path / "key", KEYS[kind])
    subprocess.run(["ssh-add", "-q", key.path], check=True)
    key.path.unlink()
    site.key, site.statement = key_at(tmp_path / "key.pub"), True
    assert isinstance(site.raw_key(), AgentKey)
    site.drill()
    site.key = key  # whose public half lies beside where it was
    verified(site)


@pytest.mark.usefixtures("agent")
def test_an_agent_that_lost_the_key_during_the_drill_leaves_the_report_without_a_statement(
    site: Site, tmp_path: Path, drtool: Run
) -> None:
    key = a_key(tmp_path / "key", KEYS["ed25519"])
    subprocess.run(["ssh-add", "-q", key.path], check=True)
    raw = find_raw_key(key, check_key(key))
    subprocess.run(["ssh-add", "-q", "-D"], check=True)
    site.key, site.statement = key, True
    site.raw_key = lambda: raw  # type: ignore[method-assign]
    site.drill()
    assert [error.code for error in site.lacking] == ["key-not-in-agent"]
    ended = drtool("audit", site.reports, "--allowed-signers", site.reports / "allowed_signers", "--json")
    assert (ended.code, ended.codes) == (3, ["statement-not-made"])
    assert ended.result["drills"][0]["statement"] == "not made"


def test_a_locked_key_without_a_terminal_is_refused_before_the_drill_and_says_what_to_do(tmp_path: Path) -> None:
    key = a_key(tmp_path / "key", KEYS["ed25519"], passphrase="secret")
    public = PublicKey(base64.b64decode(key.path.with_suffix(".pub").read_text().split()[1]))
    with pytest.raises(Unverifiable, match="no terminal to ask on") as refused:
        find_raw_key(key, public)
    assert (refused.value.code, refused.value.mend) == ("key-locked", f"Hand it to an agent: `ssh-add {key.path}`")


@pytest.mark.parametrize("kind", ["ed25519", "rsa in PEM"])
@pytest.mark.parametrize(("passphrase", "outcome"), [("secret", b"signs"), ("wrong", b"the passphrase was wrong")])
def test_on_a_terminal_the_passphrase_is_asked_for(passphrase: str, outcome: bytes, kind: str, tmp_path: Path) -> None:
    key = a_key(tmp_path / "key", KEYS[kind], passphrase="secret")
    script = (
        "import sys, base64; from pathlib import Path\n"
        "from drtool.keys.raw_signing import find_raw_key\n"
        "from drtool.keys.signature import PublicKey\nfrom drtool.keys.signing import find_key\n"
        "path = Path(sys.argv[1]); blob = base64.b64decode(path.with_suffix('.pub').read_text().split()[1])\n"
        "try: find_raw_key(find_key(path), PublicKey(blob)); print('signs')\n"
        "except Exception as error: print(error)\n"
    )
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(PROJECT)
        os.execv(sys.executable, [sys.executable, "-c", script, str(key.path)])  # noqa: S606
    said = b""
    try:
        while b"Passphrase of" not in said:
            said += os.read(terminal, 1024)
        os.write(terminal, passphrase.encode() + b"\n")
        while outcome not in said:
            said += os.read(terminal, 1024)
    finally:
        os.waitpid(child, 0)
        os.close(terminal)
    assert passphrase.encode() not in said.replace(outcome, b"")


def test_a_hardware_token_is_refused_before_the_drill_and_the_reason_is_told(tmp_path: Path) -> None:
    kind = b"sk-ssh-ed25519@openssh.com"
    public = PublicKey(len(kind).to_bytes(4) + kind)
    with pytest.raises(Unverifiable, match="hardware token signs in OpenSSH's own format alone") as refused:
        find_raw_key(SigningKey(path=tmp_path / "key", principal="ops"), public)
    assert refused.value.code == "key-not-raw"


def test_another_key_in_the_file_than_the_one_that_signs_reports_is_refused(tmp_path: Path) -> None:
    first, second = key_at(new_key(tmp_path / "first")), key_at(new_key(tmp_path / "second"))
    with pytest.raises(Unverifiable, match="with another key than the one in this file"):
        find_raw_key(first, check_key(second))


def test_nothing_of_the_private_key_is_shown_or_written(stated: Site) -> None:
    assert stated.key is not None
    lines = stated.key.path.read_text().splitlines()[1:-1]
    assert "_private" not in repr(stated.raw_key())
    everything = b"".join(path.read_bytes() for path in stated.reports.rglob("*") if path.is_file())
    assert not any(line.encode() in everything for line in lines[3:])


def test_an_unsigned_report_has_no_statement(drtool: Run, tmp_path: Path) -> None:
    ended = drtool("verify", tmp_path / "db.sql", "--unsigned", "--statement", "--reports", tmp_path / "reports")
    assert ended.code == 2
    assert "--statement (DRTOOL_STATEMENT) and --unsigned contradict each other" in ended.errors


# What the audit makes of it


def test_statements_that_nobody_touched_are_genuine(stated: Site, drtool: Run) -> None:
    ended = drtool("audit", stated.reports, "--json")
    assert (ended.code, ended.codes) == (0, [])
    assert [drill["statement"] for drill in ended.result["drills"]] == ["genuine", "genuine"]


def test_without_keys_their_signer_is_unknown_like_the_reports(
    stated: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    ended = drtool("audit", stated.reports, "--json")
    assert (ended.code, ended.codes) == (3, ["signer-unknown"])
    assert {drill["statement"] for drill in ended.result["drills"]} == {"signer unknown"}


def test_a_key_that_was_not_valid_then_makes_neither_report_nor_statement_good(stated: Site, drtool: Run) -> None:
    pins = stated.config / "drtool" / "allowed_signers"
    pins.write_text(pins.read_text().replace("namespaces=", 'valid-after="20260303",namespaces='))
    ended = drtool("audit", stated.reports, "--json")
    assert (ended.code, ended.codes) == (1, ["key-not-valid-then"])
    assert [drill["statement"] for drill in ended.result["drills"]] == ["wrong", "genuine"]


def envelope_of(site: Site, number: int = 0) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(site.path(number, NAME).read_bytes())
    return content


def write_envelope(site: Site, content: object) -> None:
    site.path(0, NAME).write_text(json.dumps(content))


def its_verdict_changed(site: Site) -> None:
    said = envelope_of(site)
    payload = base64.b64decode(said["payload"]).replace(b'"verdict":"passed"', b'"verdict":"failed"')
    write_envelope(site, said | {"payload": base64.b64encode(payload).decode()})


def of_the_other_report(site: Site) -> None:
    site.path(0, NAME).write_bytes(site.path(1, NAME).read_bytes())


def signed_with_another_key(site: Site) -> None:
    key = key_at(new_key(site.reports.parent / "mallory"))
    raw = find_raw_key(key, check_key(key))
    site.path(0, NAME).write_bytes(statement.envelope(site.path(0, "report.json").read_bytes(), raw))


def signed_anew_with_the_sites_key_over_other_words(site: Site) -> None:
    document = site.path(0, "report.json").read_bytes().replace(b'"passed"', b'"failed"')
    site.path(0, NAME).write_bytes(statement.envelope(document, site.raw_key()))


def about_this_report_with_another_verdict(site: Site) -> None:
    said = envelope_of(site)
    payload = base64.b64decode(said["payload"]).replace(b'"verdict":"passed"', b'"verdict":"failed"')
    message = b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(payload), payload)
    signature = {"sig": base64.b64encode(site.raw_key().sign(message)).decode()}
    write_envelope(site, said | {"payload": base64.b64encode(payload).decode(), "signatures": [signature]})


def as_another_type_of_payload(site: Site) -> None:
    write_envelope(site, envelope_of(site) | {"payloadType": "text/plain"})


def without_a_signature(site: Site) -> None:
    write_envelope(site, envelope_of(site) | {"signatures": []})


def written_in_other_words_that_mean_the_same(site: Site) -> None:
    write_envelope(site, envelope_of(site))


def rubbish(site: Site) -> None:
    site.path(0, NAME).write_bytes(os.urandom(500))


def nested_without_end(site: Site) -> None:
    site.path(0, NAME).write_bytes(b"[" * 200_000)


def of_other_types(site: Site) -> None:
    payload = base64.b64encode(b"[1, 2]").decode()
    write_envelope(site, envelope_of(site) | {"payload": payload})


def removed(site: Site) -> None:
    site.path(0, NAME).unlink()


def a_folder(site: Site) -> None:
    removed(site)
    site.path(0, NAME).mkdir()


@pytest.mark.parametrize(
    ("code", "tamper"),
    [
        ("statement-broken", its_verdict_changed),
        ("statement-of-another-report", of_the_other_report),
        ("statement-broken", signed_with_another_key),
        ("statement-of-another-report", signed_anew_with_the_sites_key_over_other_words),
        ("statement-of-another-report", about_this_report_with_another_verdict),
        ("statement-broken", as_another_type_of_payload),
        ("statement-broken", without_a_signature),
        ("file-changed", written_in_other_words_that_mean_the_same),
        ("statement-broken", rubbish),
        ("statement-broken", nested_without_end),
        ("statement-broken", of_other_types),
        ("statement-missing", removed),
        ("file-not-plain", a_folder),
    ],
)
def test_tampering_with_a_statement_is_named_once(
    code: str, tamper: Callable[[Site], None], stated: Site, drtool: Run
) -> None:
    tamper(stated)
    ended = drtool("audit", stated.reports, "--json")
    assert (ended.code, ended.codes) == (1, [code])
    (problem,) = ended.result["problems"]
    assert problem["sentence"].startswith(f"{stated.drill_ids()[0]}/{NAME} ")
    assert [drill["statement"] for drill in ended.result["drills"]] == ["wrong", "genuine"]


def test_a_changed_payload_is_refused_by_any_dsse_verifier_too(stated: Site) -> None:
    its_verdict_changed(stated)
    with pytest.raises(VerificationError):
        verified(stated)


def test_a_statement_beside_a_report_that_has_none_does_not_belong_there(evidence: Site, drtool: Run) -> None:
    key = key_at(evidence.config / "drtool" / "signing_key")
    document = evidence.path(0, "report.json").read_bytes()
    evidence.path(0, NAME).write_bytes(statement.envelope(document, find_raw_key(key, check_key(key))))
    assert drtool("audit", evidence.reports, "--json").codes == ["file-unlisted"]


# Where the libraries are not installed


def test_without_the_libraries_nothing_is_begun_and_the_audit_says_what_it_did_not_check(
    stated: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("cryptography", "rfc3161_client"):
        monkeypatch.setitem(sys.modules, name, None)
    for asked in (["--statement"], ["--tsa", "http://localhost:9/"]):
        ended = drtool("verify", tmp_path / "db.sql", *asked, "--reports", tmp_path / "none")
        assert ended.code == 3
        assert "Run `pip install 'drtool[attestation]'`" in ended.errors
        assert not (tmp_path / "none" / "ledger.jsonl").exists()
    ended = drtool("audit", stated.reports, "--json")
    assert (ended.code, ended.codes) == (3, ["not-checked", "not-checked"])
    ended = drtool("audit", stated.reports, "--tsa-certificates", tmp_path / "roots.pem")
    assert ended.code == 3
    assert "drtool[attestation]" in ended.errors
