"""Lists that a backup job leaves beside its files: their checksums, or just their names.

They are read as `sha256sum --check` reads them (https://www.gnu.org/software/coreutils/manual/, md5sum), and as BSD's
programs and openssl write them (`SHA256 (shop.sql) = ...`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname, join, normpath

from drtool.backups.dates import Sureness, dates_in

LIST_BYTES = 8 << 20
"""How much of a list is read: some ten thousands of files."""
BESIDE = (".sha256", ".sha256sum", ".md5", ".md5sum", ".sha512", ".sha512sum", ".sha1", ".b2")
"""What the list of one file is called behind its name."""
OF_FOLDER = ("SHA256SUMS", "MD5SUMS", "SHA512SUMS", "SHA1SUMS", "sha256sums.txt", "md5sums.txt")
"""What the list of a folder is called."""

_SUMS = re.compile(
    r"(?:.+\.|^|.*[-_])(?:sha(?:1|224|256|384|512)|md5|b2)(?:sums?)?(?:\.txt)?|checksums?(?:\.txt)?", re.IGNORECASE
)
_NAMES = re.compile(r"(?:.+\.)?manifest(?:\.txt|\.lst)?", re.IGNORECASE)
_GNU = re.compile(r"(?P<escaped>\\?)(?P<digest>[\da-f]{32,128}) [ *]?(?P<path>\S.*)", re.IGNORECASE)
_BSD = re.compile(
    r"(?P<escaped>\\?)(?P<how>MD5|SHA2?-?\d+|BLAKE2b(?:-512)?) ?\((?P<path>.+)\) ?= (?P<digest>[\da-f]{32,128})",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?:(?:MD5|SHA2?-?\d+|BLAKE2b(?:-512)?)(?:[:=] ?| ?\((?:stdin|-)\) ?= ))?(?P<digest>[\da-f]{32,128})(?: [ *]?-)?",
    re.IGNORECASE,
)
_BY_LENGTH = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}
_PACKED = re.compile(r"(?:\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z|gpg|pgp|asc|age|enc))+$", re.IGNORECASE)
_SUFFIX = re.compile(r"\.(?:sha\d+|md5|b2)(?:sums?)?(?:\.txt)?$", re.IGNORECASE)
_DUMP = re.compile(
    r"[^\s,;'\"]+\.(?:sql|dump)(?:\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z|gpg|pgp|asc|age|enc))*", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Checksum:
    """What a list says of a file.

    Attributes:
        path: of the file.
        algorithm: as the programs that compute it are called, less their `sum`.
        digest: in hex, small letters.
        listed_in: the path of the list.
    """

    path: str
    algorithm: str
    digest: str
    listed_in: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What the lists of a folder say.

    Attributes:
        sums: of the files that are there; of a file that a list names more than once, each.
        missing: dumps that a list names and that are not there, as the list and the file.
        read: the paths of lists that name anything that is there.
    """

    sums: tuple[Checksum, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    read: tuple[str, ...] = ()


def is_list(path: str) -> bool:
    """Tell whether a file is called as a list of checksums or of names is."""
    name = basename(path)
    return _SUMS.fullmatch(name) is not None or _NAMES.fullmatch(name) is not None


def listed(lists: Mapping[str, bytes], paths: Collection[str]) -> Listed:
    """Return what lists say of the files of a folder.

    Files that lie elsewhere are passed over, and so are those of other nights, which may be rotated away.

    Args:
        lists: what they hold, by their paths.
        paths: of all files that are there.
    """
    sums: list[Checksum] = []
    missing: list[tuple[str, str]] = []
    read: list[str] = []
    there = set(paths)
    for path, content in sorted(lists.items()):
        text = content.decode("utf-8", "replace").removeprefix("\ufeff")
        if _NAMES.fullmatch(basename(path)):
            entries = [("", "", found) for found in dict.fromkeys(_DUMP.findall(text))]
        else:
            entries = [*_entries(basename(path), text)]
        named = [entry for _, _, entry in entries]
        places = _Places(path, named, there)
        if not places.are_known:
            continue
        read.append(path)
        grows = len(set(named)) < len(named)  # each run adds to it, and nobody takes out what is gone
        for algorithm, digest, entry in entries:
            place = places.of(entry)
            if place and algorithm and place != path:
                sums.append(Checksum(path=place, algorithm=algorithm, digest=digest, listed_in=path))
            elif not place and not grows and _DUMP.fullmatch(basename(entry)) and places.should_have(entry):
                missing.append((path, entry))
    return Listed(sums=tuple(sums), missing=tuple(missing), read=tuple(read))


def sums_of_file(name: str, lists: Mapping[str, bytes]) -> tuple[Checksum, ...]:
    """Return what the lists beside a single file say of it, by names without folders."""
    found = []
    for path, content in lists.items():
        entries = _entries(path, content.decode("utf-8", "replace").removeprefix("\ufeff"))
        found += [
            Checksum(path=name, algorithm=algorithm, digest=digest, listed_in=path)
            for algorithm, digest, entry in entries
            if basename(entry) == name
        ]
    return tuple(found)


class _Places:
    """Where the entries of one list lie: they are named from the list's folder, from the topmost, or from elsewhere."""

    def __init__(self, path: str, entries: list[str], there: set[str]) -> None:
        self._folder = dirname(path)
        self._there = there
        self._stems = {_PACKED.sub("", one) for one in there}
        self._nights = {_nights(one) for one in there} - {frozenset()}
        found = [self._from_elsewhere(entry) for entry in entries if not self._plain(entry)]
        self._prefixes = {prefix for prefix, _ in filter(None, found)}
        self.are_known = any(map(self.of, entries))

    def of(self, entry: str) -> str | None:
        """Return the path of an entry's file here, if it is here."""
        if plain := self._plain(entry):
            return plain
        found = self._from_elsewhere(entry) if len(self._prefixes) == 1 else None
        return found[1] if found else None

    def should_have(self, entry: str) -> bool:
        """Tell whether a file that is not there belongs here: not those of other folders and other nights."""
        nights = _nights(entry)
        if nights and self._nights and nights not in self._nights:
            return False
        prefix = next(iter(self._prefixes)) if len(self._prefixes) == 1 else None
        if prefix is not None and entry.startswith(f"{prefix}/"):
            entry = entry.removeprefix(f"{prefix}/")
        elif entry.startswith("/") or normpath(join(self._folder, entry)).startswith(".."):
            return False
        stem = _PACKED.sub("", entry)
        return not {normpath(join(self._folder, stem)), normpath(stem)} & self._stems  # packed since, or unpacked

    def _plain(self, entry: str) -> str | None:
        if entry.startswith("/"):
            return None
        return next((one for one in (normpath(join(self._folder, entry)), normpath(entry)) if one in self._there), None)

    def _from_elsewhere(self, entry: str) -> tuple[str, str] | None:
        """Return the folder that an entry is named from besides, and its path here."""
        parts = entry.split("/")
        for at in range(1, len(parts)):
            tail = "/".join(parts[at:])
            if (place := join(self._folder, tail)) in self._there or (place := tail) in self._there:
                return "/".join(parts[:at]), place
        return None


def _nights(path: str) -> frozenset[object]:
    return frozenset(one.stamp.wall.date() for one in dates_in(path) if one.sureness < Sureness.BORNE_OUT)


def _entries(name: str, text: str) -> Iterator[tuple[str, str, str]]:
    """Yield what a list says: the algorithm, the digest, the path as it stands there."""
    blake = "b2" in name.lower()
    for line in text.splitlines():
        if found := _BARE.fullmatch(line.strip()):
            entry = _SUFFIX.sub("", name)
        elif found := _BSD.fullmatch(line.strip()) or _GNU.fullmatch(line.strip()):
            entry = found["path"]
            if found["escaped"]:
                entry = re.sub(r"\\[\\nr]", lambda one: _ESCAPES[one[0]], entry)
        else:
            continue
        digest = found["digest"].lower()
        algorithm = _BY_LENGTH.get(len(digest), "")
        how = found["how"].lower() if "how" in found.re.groupindex else ""
        if algorithm == "sha512" and (how.startswith("blake") or (blake and not how)):
            algorithm = "b2"
        elif (algorithm == "sha256" and blake) or how.startswith("sha3"):
            continue  # of another length or kind than the program computes if it is not told
        if algorithm:
            yield algorithm, digest, entry
