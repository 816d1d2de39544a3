"""Backups that were signed and encrypted at once, and encrypted ones that were cut where nothing comes out any more."""

from __future__ import annotations

import gzip
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.attacks.attack import Input
from tests.field.case import Case, arranged, fails, passes, verify
from tests.field.dumps import dump

_SIGNED = "nixsap/nixsap#17; zertrin/duplicity-backup.sh#76"
_GPG = ("gpg", "--batch", "--quiet", "--yes", "--no-tty", "--trust-model", "always", "--pinentry-mode", "loopback")


def _with_gpg(*, cut: int | None = None, knows_signer: bool = False) -> Callable[[Path], object]:
    """Encrypt the dump to one key and sign it with another; the key file has the first, or both of them."""

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="gpg-") as home:
            environment = os.environ | {"GNUPGHOME": home}

            def gpg(*told: str) -> bytes:
                command = [*_GPG, "--passphrase", "", *told]
                return subprocess.run(command, env=environment, check=True, capture_output=True, cwd=folder).stdout

            for who in ("backup", "host"):
                gpg("--quick-generate-key", f"{who}@example.org", "default", "default", "never")
            gpg("--sign", "--encrypt", "-u", "host@example.org", "-r", "backup@example.org", "-o", "b.gpg", "shop.sql")
            key = gpg("--armor", "--export-secret-keys", "backup@example.org")
            signer = gpg("--armor", "--export", "host@example.org") if knows_signer else b""
            (folder / "key").write_bytes(key + signer)
            subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=False)
        content = (folder / "b.gpg").read_bytes()
        (folder / "b.gpg").write_bytes(content[:cut])

    return make


def _with_age(cut: int) -> Callable[[Path], object]:
    def make(folder: Path) -> None:
        made = subprocess.run(["age-keygen"], check=True, capture_output=True, text=True, cwd=folder).stdout
        (folder / "key").write_text(made, encoding="utf-8")
        to = made.partition("public key: ")[2].partition("\n")[0]
        content = gzip.compress(dump().encode())
        ran = subprocess.run(["age", "-r", to], input=content, check=True, capture_output=True, cwd=folder)
        (folder / "b.age").write_bytes(ran.stdout[: len(ran.stdout) - cut])

    return make


def _gpg(arrange: Callable[[Path], object]) -> Input:
    return arranged(verify("b.gpg", {"shop.sql": dump()}, "--backup-key", "file:{here}/key"), arrange)


def _age(arrange: Callable[[Path], object]) -> Input:
    return arranged(verify("b.age", {}, "--backup-key", "file:{here}/key"), arrange)


CASES = (
    Case(
        number="c531",
        seen=_SIGNED,
        tried=passes(
            "gpg --sign --encrypt, and no public key of the signer",
            _gpg(_with_gpg()),
            says=("its signature was not verified",),
        ),
        twin=fails("the same, cut", _gpg(_with_gpg(cut=-200)), "ciphertext-damaged"),
    ),
    Case(
        number="c532",
        seen=_SIGNED,
        tried=passes(
            "the same with the signer's public key",
            _gpg(_with_gpg(knows_signer=True)),
            unsaid=("its signature was not verified",),
        ),
        twin=fails("cut in its first piece", _gpg(_with_gpg(cut=700)), "ciphertext-damaged", unsaid=("does not open",)),
    ),
    Case(
        number="c533",
        seen="offen/docker-volume-backup#529",
        tried=fails(
            "a file of age's, cut in its first chunk: the key is right",
            _age(_with_age(100)),
            "ciphertext-damaged",
            says=("its key is right",),
        ),
        twin=passes("the same, whole", _age(_with_age(0))),
    ),
)
