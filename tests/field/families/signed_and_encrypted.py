"""Backups that were signed, with or without encryption, and encrypted ones that no guess opens or that were cut."""

from __future__ import annotations

import gzip
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.attacks.attack import Input
from tests.field.case import Case, arranged, fails, passes, unverified, verify
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


def _signed(*how: str) -> Callable[[Path], object]:
    """Sign the dump, and encrypt nothing."""

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="gpg-") as home:
            environment = os.environ | {"GNUPGHOME": home}
            for told in (("--quick-generate-key", "host@example.org", "default", "default", "never"), how):
                command = [*_GPG, "--passphrase", "", *told]
                subprocess.run(command, env=environment, check=True, capture_output=True, cwd=folder)
            subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=False)

    return make


def _with_openssl(*how: str, cut: int = 0) -> Callable[[Path], object]:
    def make(folder: Path) -> None:
        (folder / "key").write_text("correct horse\n", encoding="utf-8")
        command = ["openssl", "enc", "-aes-256-cbc", *how, "-pass", "file:key", "-in", "shop.sql", "-out", "b.enc"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        content = (folder / "b.enc").read_bytes()
        (folder / "b.enc").write_bytes(content[: len(content) - cut])

    return make


def _openssl(arrange: Callable[[Path], object], options: str = "") -> Input:
    return arranged(verify("b.enc", {"shop.sql": dump()}, "--backup-key", "file:{here}/key" + options), arrange)


def _sign(name: str, *how: str) -> Input:
    return arranged(verify(name, {"shop.sql": dump()}), _signed(*how, "shop.sql"))


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
    Case(
        number="c541",
        seen="ip1981/nixsap#17; zalora/nixsap#3",
        tried=unverified(
            "signed by gpg --sign --armor, and not encrypted",
            _sign("b.asc", "--sign", "--armor", "-o", "b.asc"),
            "format-unsupported",
            says=("signed", "gpg --output", "--detach-sign"),
            unsaid=("no key was named",),
        ),
        twin=passes("signed with --detach-sign", _sign("shop.sql", "--detach-sign")),
    ),
    Case(
        number="c542",
        seen="ip1981/nixsap#17; zalora/nixsap#3",
        tried=unverified(
            "signed by gpg --clear-sign",
            _sign("b.asc", "--clear-sign", "-o", "b.asc"),
            "format-unsupported",
            says=("signed", "gpg --output"),
            unsaid=("2>&1",),
        ),
        twin=passes("its armoured signature beside it", _sign("shop.sql", "--armor", "--detach-sign")),
    ),
    Case(
        number="c543",
        seen="openssl/openssl#4585; openssl/openssl#3774",
        tried=unverified(
            "openssl enc without -pbkdf2, as before 1.1.0, and nothing said of it",
            _openssl(_with_openssl("-md", "md5")),
            "backup-key-wrong",
            says=("iter=0&md=md5",),
        ),
        twin=passes("the same, said", _openssl(_with_openssl("-md", "md5"), "?iter=0&md=md5")),
    ),
    Case(
        number="c545",
        seen="no thread looked up",
        tried=passes("openssl enc -nosalt", _openssl(_with_openssl("-nosalt", "-pbkdf2"), "?salt=no")),
        twin=unverified(
            "the same, and nothing said of it",
            _openssl(_with_openssl("-nosalt", "-pbkdf2")),
            "encryption-unsupported",
            says=("salt=no",),
        ),
    ),
    Case(
        number="c546",
        seen="no thread looked up",
        tried=passes("openssl enc -nosalt -a", _openssl(_with_openssl("-nosalt", "-a", "-pbkdf2"), "?salt=no")),
        twin=fails(
            "the same, cut",
            _openssl(_with_openssl("-nosalt", "-a", "-pbkdf2", cut=100), "?salt=no"),
            "ciphertext-damaged",
        ),
    ),
)
