"""What backup programs and file systems keep for themselves: named, with what opens it, and not called broken."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import dump

_NOISE = Random(9).randbytes(3000)  # noqa: S311 (noise, and no secret)
_RESTIC: Mapping[str, str | bytes] = {
    "config": _NOISE[:155],
    f"keys/{'a' * 64}": '{"kdf":"scrypt"}',
    f"data/bb/{'b' * 64}": _NOISE,
    f"index/{'c' * 64}": _NOISE[:90],
    f"snapshots/{'d' * 64}": _NOISE[:90],
}
_CHUNK = b"XBSTCK01\0P" + _NOISE[:200]
_DUPLICITY = ("full.20261130T030000Z.vol1.difftar.gpg", "full.20261130T030000Z.manifest.gpg")
_GPG = b"\x8c\x0d\x04\x09" + _NOISE[:300]


def _folder(files: Mapping[str, str | bytes]) -> Input:
    return verify("night/", {f"night/{name}": content for name, content in files.items()})


def _chunks(*names: str) -> Input:
    return _folder({f"{name}.{number:020d}": _CHUNK for name in names for number in range(2)})


CASES = (
    Case(
        number="c588",
        seen="FAForever/faf-stack#217; openzfs/zfs#11689",
        tried=unverified(
            "a stream of zfs send",
            verify("tank.zfs", {"tank.zfs": bytes(8) + b"\xac\xcb\xba\xf5\2\0\0\0" + _NOISE}),
            "format-unsupported",
            says=("zfs receive",),
            unsaid=("damaged",),
        ),
        twin=fails("noise by that name", verify("tank.zfs", {"tank.zfs": _NOISE}), "not-a-backup"),
    ),
    Case(
        number="c589",
        seen="restic/restic#4251; velero-io/velero#2763; stashed/stash#892",
        tried=unverified(
            "a repository of restic's",
            _folder(_RESTIC),
            "format-unsupported",
            says=("restic dump",),
            unsaid=("Pack them",),
        ),
        twin=passes("a dump beside it", _folder({**_RESTIC, "shop.sql": dump()})),
    ),
    Case(
        number="c590",
        seen="percona/percona-xtradb-cluster-operator#1856",
        tried=unverified(
            "chunks of a stream, as the operator uploads them with xbcloud",
            _chunks("ibdata1", "shop/orders.ibd", "xtrabackup_checkpoints"),
            "format-unsupported",
            says=("xbcloud get",),
            unsaid=("by itself",),
        ),
        twin=unverified("streams by a number", _chunks("full"), "file-not-restored", unsaid=("xbcloud",)),
    ),
    Case(
        number="c591",
        seen="zertrin/duplicity-backup.sh#76",
        tried=unverified(
            "a backup of duplicity's, encrypted",
            _folder({f"duplicity-{name}": _GPG for name in _DUPLICITY}),
            "format-unsupported",
            says=("duplicity restore",),
        ),
        twin=passes("the dump that came out of it", _folder({"shop.sql": dump()})),
    ),
)
