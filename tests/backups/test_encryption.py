"""A key is named and not written down; what a name does not say is never guessed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from drtool.backups.encryption import Encryption, KeySource, recognise_encryption
from drtool.backups.other_kinds import other_kind
from drtool.errors import DrtoolError, Unverifiable, WrongUse
from drtool.restore.encrypted import unlocking


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "env:",
        "file:",
        "agent:x",
        "env:A?rounds=7",
        "env:A?iter=many",
        "env:A?salt=none",
        "env:A?cipher=in",
        "pass:hunter2",
    ],
)
def test_a_key_that_is_named_in_no_known_way_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(WrongUse) as refused:
        KeySource.parse(text)
    assert refused.value.code == "bad-backup-key"


@pytest.mark.parametrize(
    ("said", "code", "why"),
    [("gpg: public key decryption failed: Inappropriate ioctl for device\ngpg: decryption failed: No secret key",
      "backup-key-missing", "it is locked"),
     ("gpg: decryption failed: No secret key", "backup-key-wrong", "no key that opens")],
)  # fmt: skip
def test_a_key_that_is_locked_is_told_from_one_that_is_not_there(
    said: str, code: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpg = tmp_path / "gpg"
    gpg.write_text(f"#!/bin/sh\ncat > /dev/null\nprintf '{said}' >&2\nexit 2\n")
    gpg.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(Unverifiable, match=why) as refused:
        unlocking(Encryption.GPG, KeySource.parse("agent"), b"")
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text", ["env:correct horse", "env:hunter2", "env:pa?ss=word", "env:P?w0rd!", "env:$BACKUP_KEY"]
)
def test_what_may_be_the_key_itself_is_not_repeated(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongUse) as refused:
        KeySource.parse(text)
    assert refused.value.code == "bad-backup-key"
    assert not [part for part in re.findall(r"\w+", text)[1:] if part != "BACKUP_KEY" and part in str(refused.value)]
    assert KeySource.parse("env:NOT_SET").name == "NOT_SET"
    monkeypatch.setenv("own_name", "x")
    assert KeySource.parse("env:own_name").read() == b"x"
    assert "hunter2" not in str(refused.value)


def test_what_openssl_does_not_write_down_can_be_named() -> None:
    assert KeySource.parse("env:A").cipher.options == ["-aes-256-cbc", "-md", "sha256", "-pbkdf2"]
    assert KeySource.parse("env:A?salt=no").cipher.options[-1] == "-nosalt"
    options = KeySource.parse("file:/k?cipher=aes-128-ctr&md=sha512&iter=50000").cipher.options
    assert options == ["-aes-128-ctr", "-md", "sha512", "-iter", "50000"]
    assert KeySource.parse("env:A?iter=0&md=md5").cipher.options == ["-aes-256-cbc", "-md", "md5"]


def test_options_for_openssl_may_be_written_in_capitals_and_the_wrong_one_is_named() -> None:
    options = KeySource.parse("env:A?cipher=AES-256-CBC&md=SHA512&iter=10000").cipher.options
    assert options == ["-aes-256-cbc", "-md", "sha512", "-iter", "10000"]
    for wrong in ("cipher=rot13", "md=crc", "iter=10k", "iter=\N{SUPERSCRIPT TWO}", "iter=" + "9" * 5000):
        with pytest.raises(WrongUse, match=f"impossible {wrong.partition('=')[0]}="):
            KeySource.parse(f"env:A?{wrong}")


def test_a_line_end_behind_a_passphrase_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    for ending in (b"", b"\n", b"\r\n"):  # of the last, gpg and openssl take the first byte for the passphrase's
        path.write_bytes(b"correct horse" + ending)
        assert KeySource.parse(f"file:{path}").read() == b"correct horse" + ending.removesuffix(b"\n")


@pytest.mark.parametrize("content", [None, b"", b"\n"])
def test_a_key_that_is_not_there_is_no_fault_of_the_backup(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Unverifiable) as missing:
        KeySource.parse(f"file:{path if content is not None else '~nobody-at-all/key'}").read()
    assert missing.value.code == "backup-key-missing"


@pytest.mark.parametrize(
    ("encryption", "key", "head", "how"),
    [
        (Encryption.GPG, "hunter2", b"\x8c", "gpg-passphrase"),
        (Encryption.GPG, "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nx\n", b"\x85", "gpg-private"),
        (Encryption.AGE, "# made today\nAGE-SECRET-KEY-1XYZ\n", b"age-encryption.org/v1\n-> X25519 ", "age-identity"),
        (Encryption.AGE, "hunter2", b"age-encryption.org/v1\n-> scrypt ", "age-passphrase"),
        (Encryption.OPENSSL, "hunter2", b"Salted__", "openssl -aes-256-cbc -md sha256 -pbkdf2"),
    ],
)
def test_the_key_and_the_first_bytes_tell_how_to_open_it(
    monkeypatch: pytest.MonkeyPatch, encryption: Encryption, key: str, head: bytes, how: str
) -> None:
    monkeypatch.setenv("A_KEY", key)
    opens = unlocking(encryption, KeySource.parse("env:A_KEY"), head)
    assert opens.how == how
    assert opens.key.decode().rstrip() == key.rstrip()
    assert key.strip() not in repr(opens)


def test_no_agent_is_asked_for_what_it_cannot_have() -> None:
    with pytest.raises(DrtoolError) as refused:
        unlocking(Encryption.AGE, KeySource.parse("agent"), b"")
    assert refused.value.code == "bad-backup-key"


_ARMOUR = b"-----BEGIN PGP MESSAGE-----\nVersion: GnuPG v2\n\n"


@pytest.mark.parametrize(
    ("head", "encrypted"),
    [
        (_ARMOUR + b"hQEMA5vJ2hPmUmZsAQf+", True),
        (_ARMOUR + b"jA0ECQMCU2ZtK2hPmUlg", True),
        (_ARMOUR + b"owGbwMvMwMUYqhc7+1b9", False),
        (_ARMOUR.replace(b"\n", b"\r\n") + b"kA0DAAoBVS5dm9p//VQB", False),
        (b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n- -- MariaDB dump 10.19\n", False),
        (b"\xa3\x01\x9b\xc0\xcb\xcc", False),
        (b"\x90\x0d\x03\x00\x0a\x01", False),
        (b"\xc4\x0d\x03\x00\x0a\x01", False),
    ],
)
def test_what_is_signed_alone_is_told_from_what_is_encrypted(head: bytes, encrypted: bool) -> None:
    assert (recognise_encryption(head) is Encryption.GPG) is encrypted
    refused = other_kind(head, whole=False, starts_as_sql=False)
    assert encrypted or (refused and "signed" in str(refused))
