"""What gpg says of a signature inside a message decides, and not its exit code alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from drtool.restore.diagnosis import stream_failure
from drtool.restore.pipeline import Outcome, text_of

_FUNCTION = text_of("streams.sh").partition("judge_signature() {")[2].partition("\n}\n")[0]
_ENDED = "DECRYPTION_OKAY\nGOODMDC\nEND_DECRYPTION"


def judge(tmp_path: Path, said: str, status: int) -> tuple[str, int]:
    """Return what is made of the signature, and whether decrypting counts as done."""
    lines = "".join(f"[GNUPG:] {line}\n" for line in said.splitlines())
    (tmp_path / "gpg").write_text(lines, encoding="utf-8")
    script = (
        f"work={tmp_path}\njudge_signature() {{{_FUNCTION}\n}}\njudge_signature {status} && echo 0 || echo {status}"
    )
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return (tmp_path / "signature").read_text(encoding="utf-8").strip(), int(ran.stdout)


@pytest.mark.parametrize(
    ("said", "status", "signature", "comes_to"),
    [
        (f"NEWSIG\nERRSIG 2E 1 10 00 1 9 DA\nNO_PUBKEY 2E\n{_ENDED}\nFAILURE gpg-exit 2", 2, "unknown", 0),
        ("PLAINTEXT 62 1\nERRSIG 2E 1 10 00 1 9 DA\nBADMDC\nDECRYPTION_FAILED", 2, "unknown", 2),
        ("PLAINTEXT 62 1\nERRSIG 2E 1 10 00 1 9 DA\nDECRYPTION_OKAY", 2, "unknown", 2),
        (f"PLAINTEXT 62 1\nBADSIG 2E host\n{_ENDED}", 1, "bad", 1),
        (f"ERRSIG 2E 1 10 00 1 9 DA\nBADSIG 2F host\n{_ENDED}", 2, "bad", 2),
        (f"PLAINTEXT 62 1\nEXPKEYSIG 2E host\n{_ENDED}", 0, "expired", 0),
        (f"PLAINTEXT 62 1\nGOODSIG 2E host\n{_ENDED}", 0, "", 0),
        ("PLAINTEXT 62 1\nBADMDC\nDECRYPTION_FAILED", 2, "", 2),
        ("NODATA 3", 2, "", 2),
    ],
)  # fmt: skip
def test_only_a_signature_whose_key_is_missing_is_no_damage(
    said: str, status: int, signature: str, comes_to: int, tmp_path: Path
) -> None:
    told, ended = judge(tmp_path, said, status)
    assert (told, ended) == (signature, comes_to)


def test_a_bad_signature_fails_whatever_decrypting_says() -> None:
    failure = stream_failure(Outcome(statuses={"read": 0, "decrypt": 1}, signature="bad"), "none")
    assert failure is not None
    assert failure.code == "signature-bad"
