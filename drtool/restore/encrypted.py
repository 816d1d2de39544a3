"""Finds out what is inside an encrypted backup: its first bytes are decrypted in a sandbox, and looked at.

The key reaches the sandbox by a way that no disk, command line or environment of its ever holds.
"""

from __future__ import annotations

import base64
import re
import subprocess
from dataclasses import replace

from drtool.backups.backup import Backup
from drtool.backups.compression import LONGEST_HEAD_BYTES
from drtool.backups.encryption import OPENSSL_IN_BASE64, Encryption, KeySource, Unlocking
from drtool.backups.recognise import Format, read_fully, recognise_head
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable, WrongUse
from drtool.host.credentials import environment_without_credentials
from drtool.record.steps import Phase
from drtool.restore.context import RestoreContext
from drtool.restore.pipeline import Outcome, raise_if_not_begun, script, take_fact
from drtool.sandbox.sandbox import Limits

# GnuPG authenticates up to 4 MiB before it gives any of it (RFC 9580, 5.13.2; gpg --chunk-size).
_CIPHERTEXT_BYTES = 5 * 1024 * 1024
_LIMITS = Limits(memory_bytes=1024**3)
_SCRIPT = script("streams.sh", "look_inside.sh")

_SESSION_KEY = re.compile(rb"session key: '(\d+:[0-9A-Fa-f]+)'")
_AGENT_TIMEOUT_SECONDS = 60.0
_SILENCE_SECONDS = 120.0
_AGE_SECRETS = (b"AGE-SECRET-KEY-", b"AGE-PLUGIN-", b"-----BEGIN OPENSSH PRIVATE KEY-----")
_FOR_OPENSSL = (
    "Name cipher, digest and iterations as the backup job has them: ?cipher=aes-256-cbc&md=sha256&iter=10000 where "
    "none is named; ?iter=0 for a job without -pbkdf2 and -iter, ?iter=0&md=md5 for one with an openssl before 1.1.0; "
    "and salt=no for one with -nosalt"
)
_ALL_BASE64, _SEEN_OF_BASE64 = re.compile(rb"[A-Za-z0-9+/=\r\n]+"), 4096
_FOR_PASSPHRASE = b"-> scrypt "


def open_backup(context: RestoreContext, backup: Backup, key: str) -> Backup:
    """Return an encrypted backup as one that is known by what is inside, with what opens it.

    Args:
        context: the drill.
        backup: encrypted.
        key: where its key is, as `KeySource.parse` takes it.

    Raises:
        WrongUse: the key is named in no known form.
        Unverifiable: the key is not there, or does not open the backup.
        RestoreFailed: what is inside is no backup.
    """
    source = KeySource.parse(key)
    encryption = backup.recognised.encryption
    if refused := backup.recognised.refused:
        if source.kind == "agent" or source.cipher.salted:
            raise refused
        encryption = Encryption.OPENSSL
    if encryption is None:
        context.journal.deviation(f"{backup.location} is not encrypted, so its key was not used")
        return backup
    with context.journal.step(Phase.LOCATE, f"look into {backup.location}, which is encrypted"):
        with backup.store.open(backup.found) as stream:
            head = read_fully(stream, _CIPHERTEXT_BYTES)
        opens = unlocking(encryption, source, head)
        image = context.image(None)
        container = context.sandbox.room("look-inside", image, user="65534:65534", limits=_LIMITS, mounts=[])
        outcome, content = Outcome(), b""
        is_right, is_headless = opens.how == "gpg-session", False
        told = (opens.how, str(len(head)), str(LONGEST_HEAD_BYTES))
        talk = container.talk(_SCRIPT, *told, doing="looking into an encrypted backup", given=head + opens.line)
        for name, rest in replace(talk, silence_seconds=_SILENCE_SECONDS):
            if name == "head":
                content = base64.b64decode(rest)
                is_right |= bool(content) and encryption is Encryption.AGE
            elif name in {"opened", "headless"}:
                is_right, is_headless = is_right or name == "opened", name == "headless"
            else:
                take_fact(outcome, name, rest)
        container.kill()
        raise_if_not_begun(None, outcome)
        if not content:
            raise _cut(backup, is_right=is_right) if is_right or is_headless else _not_opened(backup, encryption)
        try:
            inside = recognise_head(content)
        except DrtoolError as error:
            if isinstance(error, RestoreFailed) and error.code == "not-a-backup" and not is_right:
                raise _not_opened(backup, encryption) from error
            raise
        if inside.format is Format.ENCRYPTED:
            mend = "drtool opens one envelope: encrypt once, for several recipients if need be"
            raise Unverifiable("backup-encrypted", "What is inside the encrypted backup is encrypted again", mend=mend)
    return replace(backup, recognised=replace(inside, encryption=encryption), unlocking=opens)


def _not_opened(backup: Backup, encryption: Encryption) -> Unverifiable:
    return Unverifiable(
        "backup-key-wrong",
        f"The key does not open {backup.location}",
        why="it is another backup's key, or was used in another way, or the backup is damaged from its start",
        mend=_FOR_OPENSSL if encryption is Encryption.OPENSSL else "",
    )


def _cut(backup: Backup, *, is_right: bool) -> RestoreFailed:
    """Return that nothing comes out of a backup, though its key is right, or was not even asked for."""
    if is_right:
        why = "its key is right, and nothing of what is inside decrypts"
    else:
        why = "its first piece is not whole, so that no key opens it"
    what = f"{backup.location} was cut short, or is damaged from its start"
    return RestoreFailed("ciphertext-damaged", what, why=why)


def unlocking(encryption: Encryption, source: KeySource, head: bytes) -> Unlocking:
    """Return what decrypts a backup.

    Args:
        encryption: as its first bytes told.
        source: where the key is to be had.
        head: the first bytes of the backup.

    Raises:
        Unverifiable: the key is not there, or this host's agent does not have it.
        WrongUse: the agent is asked for what no agent has.
    """
    if source.kind == "agent":
        if encryption is not Encryption.GPG:
            what = f"There is no agent for backups encrypted with {encryption}"
            raise WrongUse("bad-backup-key", what, mend="Name a file or env:")
        return Unlocking(how="gpg-session", key=_session_key(head))
    key = source.read()
    match encryption:
        case Encryption.OPENSSL:
            in_base64 = head.startswith(OPENSSL_IN_BASE64) or _ALL_BASE64.fullmatch(head[:_SEEN_OF_BASE64])
            way = "openssl-base64" if in_base64 else "openssl"
            return Unlocking(how=" ".join([way, *source.cipher.options]), key=key)
        case Encryption.AGE:
            by_passphrase = _FOR_PASSPHRASE in head[:512] or not any(mark in key for mark in _AGE_SECRETS)
            return Unlocking(how="age-passphrase" if by_passphrase else "age-identity", key=key)
        case Encryption.GPG:
            is_private = b"-----BEGIN PGP PRIVATE KEY BLOCK-----" in key
            return Unlocking(how="gpg-private" if is_private else "gpg-passphrase", key=key)


def _session_key(head: bytes) -> bytes:
    """Have gpg on this host, and so its agent, take the message's own key out of its first bytes.

    The private key stays where it is, in the agent or on a token: what goes into the sandbox opens this backup alone.
    """
    try:
        # It fails, since the message breaks off, and has said by then what it was asked for.
        ran = subprocess.run(
            ["gpg", "--batch", "--no-tty", "--show-session-key", "--decrypt"],
            input=head,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_AGENT_TIMEOUT_SECONDS,
            env=environment_without_credentials() | {"LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError as error:
        what = "gpg is not installed on this host, so its agent cannot be asked for the backup's key"
        raise Unverifiable("program-missing", what, mend="Install GnuPG, or name a key with env: or file:") from error
    except subprocess.TimeoutExpired as error:
        what = "gpg on this host did not give the backup's key within a minute"
        mend = "Its agent may be waiting for a passphrase: unlock the key before the drill"
        raise Unverifiable("backup-key-missing", what, mend=mend) from error
    found = _SESSION_KEY.search(ran.stderr)
    if found is None:
        if b"public key decryption failed" in ran.stderr:
            what = "gpg on this host has the backup's key, and did not use it"
            why = "it is locked, and there is nobody to ask for its passphrase"
            raise Unverifiable("backup-key-missing", what, why=why, mend="Unlock the key in its agent before the drill")
        mend = "See `gpg --list-packets` for the key that it was encrypted to, and import that key"
        raise Unverifiable("backup-key-wrong", "gpg on this host has no key that opens the backup", mend=mend)
    return found[1]
