"""Lists the files of a container with what every image has: find, split, sha256sum and base64.

Names may hold anything but a zero byte, so entries are separated by that, and base64 carries them through the
engine's stream, which is read by lines. Two pipes digest every other file each. What comes back, in no order, is
put into an SQLite table on disk, which gives it back in the order of the paths' bytes: memory stays flat.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib.resources import files
from itertools import groupby, islice
from operator import itemgetter
from queue import Full, Queue
from typing import Any

from drtool.baseline.files.file_list import Entry, EntryType, attributes_of
from drtool.errors import Unverifiable
from drtool.sandbox.container import Container

_BATCH = 5_000
_SCRIPT = files("drtool.baseline.files").joinpath("listing.sh").read_text(encoding="utf-8")
_READERS = 2
_TABLE = """
CREATE TABLE entry (path BLOB PRIMARY KEY, type TEXT, size INTEGER, mode INTEGER, uid INTEGER, gid INTEGER,
    modified INTEGER, inode TEXT, target BLOB, sha256 TEXT, attributes TEXT) WITHOUT ROWID
"""
_IN_ORDER = """
SELECT e.path, e.type, e.size, e.mode, e.uid, e.gid, e.modified, e.target, e.sha256, f.path, e.attributes
FROM entry e LEFT JOIN first f ON f.inode = e.inode ORDER BY e.path
"""


@contextmanager
def files_in_container(container: Container, root: str) -> Iterator[Iterator[Entry]]:
    """Give an iterator over what is below a folder of a container, in the order of the paths' bytes.

    Args:
        container: has bash, find and the GNU core utilities, and runs commands as a user who may read everything.
        root: the folder.

    Raises:
        Unverifiable: the engine stopped answering, or something could not be read.
    """
    # An unnamed SQLite database lies in a file that the system removes by itself; names of files stay nowhere.
    table = sqlite3.connect("", check_same_thread=False)
    try:
        table.execute(_TABLE)
        known = _fill(table, container, root)
        table.execute(
            "CREATE TABLE first AS SELECT inode, MIN(path) AS path FROM entry WHERE inode IS NOT NULL GROUP BY inode"
        )
        table.execute("CREATE INDEX first_inode ON first (inode)")
        yield (_entry(row, attributes_known=known) for row in table.execute(_IN_ORDER))
    finally:
        table.close()


def restored_root(
    container: Container, target: str, original: bytes, names: Callable[[], Collection[bytes]]
) -> tuple[str, bool]:
    """Return which folder below `target` is the one that the baseline is of, and whether nothing lies outside it.

    An archive made with `tar -C /srv uploads` or `tar /srv/uploads` holds its files under `uploads` or
    `srv/uploads`, perhaps beside others; one made with `tar -C /srv/uploads .` holds them at the top; and one of a
    Docker volume holds them under whatever the volume was called where it was mounted. Where several may be meant,
    it is the one in which most is called as in the baseline.

    Args:
        container: holds the restored files.
        target: where they were restored to.
        original: the path that the baseline was taken of.
        names: gives the names that the baseline has directly in its folder.

    Raises:
        Unverifiable: the engine stopped answering.
    """
    parts = [part for part in original.split(b"/") if part]
    top = _top(container, target)
    below = [b"/".join(parts[start:]) for start, part in enumerate(parts) if top.get(part) == b"d"]
    below += [name for name, kind in top.items() if len(top) == 1 and kind == b"d"]
    asked = [os.fsdecode(b"/".join([os.fsencode(target), one])) for one in dict.fromkeys(below)]
    roots = [os.fsdecode(root) for (root,) in _records(_run(container, "folders", *asked), 1)] if asked else []
    if not roots:
        return target, True
    wanted = set(names())
    found = {root: set(_top(container, root)) for root in roots} | {target: set(top)}
    root = max(found, key=lambda one: (len(found[one] & wanted), -len(found[one] ^ wanted)))
    outside = root != target and any(_run(container, "outside", target, root))
    return root, not outside


def _top(container: Container, folder: str) -> dict[bytes, bytes]:
    """Return what is directly in a folder: names, and of which kind they are."""
    return {one[1:]: one[:1] for (one,) in _records(_run(container, "top", folder), 1)}


def _fill(table: sqlite3.Connection, container: Container, root: str) -> bool:
    """Fill the table, and tell whether extended attributes are among what is known."""
    listed = map(_listed, _records(_run(container, "all", root), 3))
    table.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)", listed)
    for digests in _digests(container, root):
        table.executemany("UPDATE entry SET sha256 = ? WHERE path = ?", digests)
    try:
        for path, of_path in groupby(_records(_run(container, "attributes", root), 3), itemgetter(0)):
            found = attributes_of((name, bytes.fromhex(value.decode("ascii"))) for _, name, value in of_path)
            table.execute("UPDATE entry SET attributes = ? WHERE path = ?", (json.dumps(found), path))
    except Unverifiable:
        return False
    return True


def _digests(container: Container, root: str) -> Iterator[list[tuple[str, bytes]]]:
    """Yield digests with their paths in batches, from several pipes at a time."""
    queue: Queue[list[tuple[str, bytes]] | BaseException | None] = Queue(maxsize=8)
    stopped = threading.Event()

    def give(what: list[tuple[str, bytes]] | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                queue.put(what, timeout=1)
            except Full:
                continue
            return

    def read(number: int) -> None:
        try:
            chunks = _run(container, "digests", root, str(number), str(_READERS))
            digests = _paired(record for (record,) in _records(chunks, 1))
            while batch := list(islice(digests, _BATCH)):
                give(batch)
            give(None)
        except Exception as error:
            # It is for the thread that waits to say what went wrong.
            give(error)

    # Not a pool: that would wait for its threads, also when the drill is interrupted; these end with the container.
    for number in range(1, _READERS + 1):
        threading.Thread(target=read, args=(number,), daemon=True).start()
    ended = 0
    try:
        while ended < _READERS:
            got = queue.get()
            if isinstance(got, BaseException):
                raise got
            if got is None:
                ended += 1
            else:
                yield got
    finally:
        stopped.set()


def _paired(records: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield each digest with its path, from batches of paths that are followed by their digests."""
    names: deque[bytes] = deque()
    for record in records:
        if record:
            names.append(record.removeprefix(b"./"))  # as find gave it
            continue
        while names:
            # 64 digits, and the number that the file was read by
            yield next(records, b"")[:64].decode("ascii"), names.popleft()


def _run(container: Container, task: str, *arguments: str) -> Iterator[bytes]:
    """Yield what the script writes, decoded; it ends with its status."""
    status = ""
    for line in container.talk(_SCRIPT, task, *arguments, doing="listing restored files", user="0:0").lines():
        if line.startswith("end "):
            status = line.removeprefix("end ")
            continue
        try:
            yield base64.b64decode(line, validate=True)
        except binascii.Error as error:
            raise _unlisted() from error
    if status != "0":
        raise _unlisted()


def _unlisted() -> Unverifiable:
    what = "The restored files could not all be listed and read in the sandbox"
    mend = "Check whether the sandbox ran out of memory or was stopped; then drill again"
    return Unverifiable("files-unreadable", what, mend=mend)


def _records(chunks: Iterator[bytes], fields: int) -> Iterator[list[bytes]]:
    """Yield groups of `fields` pieces, each of which ends with a zero byte."""
    pieces: list[bytes] = []
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\0")
        pieces += whole
        while len(pieces) >= fields:
            yield pieces[:fields]
            del pieces[:fields]
    if pieces or rest:
        raise _unlisted()


def _listed(record: list[bytes]) -> tuple[Any, ...]:
    facts, path, target = record
    kind, size, mode, uid, gid, modified, links, inode = facts.decode("ascii").split(" ")
    seconds, _, fraction = modified.partition(".")
    several = kind == "f" and int(links) > 1
    return (
        path,
        kind,
        int(size) if kind == "f" else 0,
        int(mode, 8),
        int(uid),
        int(gid),
        int(seconds) * 1_000_000_000 + int(fraction[:9].ljust(9, "0")),
        inode if several else None,
        target if kind == "l" else None,
    )


def _entry(row: tuple[Any, ...], *, attributes_known: bool) -> Entry:
    path, kind, size, mode, uid, gid, modified, target, sha256, first, attributes = row
    return Entry(
        path=path,
        type=EntryType(kind),
        size_bytes=size,
        mode=mode,
        uid=uid,
        gid=gid,
        modified_ns=modified,
        sha256=sha256,
        target=target,
        linked_to=first if first is not None and first != path else None,
        attributes=tuple((kind, digest) for kind, digest in json.loads(attributes or "[]"))
        if attributes_known
        else None,
    )
