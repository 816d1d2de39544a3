"""Finds out what is inside an encrypted backup: its first bytes are decrypted in a sandbox, and looked at."""

from __future__ import annotations

import base64
from dataclasses import replace

from drtool.backups.backup import Backup
from drtool.backups.compression import LONGEST_HEAD_BYTES
from drtool.backups.encryption import KeySource
from drtool.backups.recognise import Format, recognise_head
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.record import Phase
from drtool.restore.context import RestoreContext
from drtool.restore.pipeline import Outcome, raise_if_not_begun, script, take_fact
from drtool.restore.unlocking import unlocking
from drtool.sandbox import exec_stream
from drtool.sandbox.engine import engine_errors
from drtool.sandbox.sandbox import Limits

# GnuPG authenticates up to 4 MiB before it gives any of it (RFC 9580, 5.13.2; gpg --chunk-size).
_CIPHERTEXT_BYTES = 5 * 1024 * 1024
_LIMITS = Limits(memory_bytes=1024**3)
_OPEN = """
encryption=$1 inputs=()
take_key
head -c "$2" | decrypt 2> "$work/decrypt.err" | head -c "$3" | base64 -w0 | sed 's/^/head /'
echo
sed 's/^/decrypt.err /' "$work/decrypt.err" | head -n 20
rm -rf "$work"
echo done
"""
_SCRIPT = script("streams.sh") + _OPEN


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
    if encryption is None:
        context.journal.deviation(f"{backup.location} is not encrypted, so its key was not used")
        return backup
    with context.journal.step(Phase.LOCATE, f"look into {backup.location}, which is encrypted"):
        with backup.store.open(backup.found) as stream:
            head = b""
            while len(head) < _CIPHERTEXT_BYTES and (part := stream.read(_CIPHERTEXT_BYTES - len(head))):
                head += part
        opens = unlocking(encryption, source, head)
        image = context.image(None)
        container = context.sandbox.run(
            "look-inside", image, ["tail", "-f", "/dev/null"], user="65534:65534", limits=_LIMITS, mounts=[], tmpfs={}
        )
        outcome, content = Outcome(), b""
        with engine_errors("looking into an encrypted backup"):
            command = ["bash", "-c", _SCRIPT, "drtool", opens.how, str(len(head)), str(LONGEST_HEAD_BYTES)]
            created = context.engine.client.api.exec_create(container.id, command, stdin=True, stderr=False)
            for line in exec_stream.lines(context.engine.client, created["Id"], opens.line + head):
                name, _, rest = line.partition(" ")
                if name == "head":
                    content = base64.b64decode(rest)
                else:
                    take_fact(outcome, name, rest)
            container.kill()
        raise_if_not_begun(None, outcome)
        if not content:
            raise _not_opened(backup)
        try:
            inside = recognise_head(content)
        except DrtoolError as error:
            if isinstance(error, RestoreFailed) and error.code == "not-a-backup":
                raise _not_opened(backup) from error
            raise
        if inside.format is Format.ENCRYPTED:
            raise Unverifiable(
                "backup-encrypted",
                "What is inside the encrypted backup is encrypted again",
                mend="drtool opens one envelope: encrypt once, for several recipients if need be",
            )
    return replace(backup, recognised=replace(inside, encryption=encryption), unlocking=opens)


def _not_opened(backup: Backup) -> Unverifiable:
    return Unverifiable(
        "backup-key-wrong",
        f"The key does not open {backup.location}",
        why="it is another backup's key, or was used in another way, or the backup is damaged from its start",
        mend="Try the key by hand on the first kilobytes; for openssl enc name cipher, digest and iterations as the "
        "backup job does: ?cipher=aes-256-cbc&md=sha256&iter=10000",
    )
