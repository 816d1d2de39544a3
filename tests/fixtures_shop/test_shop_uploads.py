"""The sample uploads are the same for the same seed, and hold what backups of files get wrong."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drtool.errors import WrongUse
from fixtures.shop.uploads import make_uploads

BASE = datetime(2026, 3, 1, 12, tzinfo=UTC)


def listing(folder: Path) -> dict[bytes, tuple[int, int, str]]:
    """Return each name with its mode, its modification time and what it holds or points to."""
    found = {}
    for parent, folders, names in os.walk(os.fsencode(folder)):
        for name in [*folders, *names]:
            path = os.path.join(parent, name)  # noqa: PTH118 (names are bytes)
            status = os.lstat(path)
            content = b""
            if stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)  # noqa: PTH115 (names are bytes)
            elif stat.S_ISREG(status.st_mode):
                content = Path(os.fsdecode(path)).read_bytes()
            relative = os.path.relpath(path, os.fsencode(folder))
            found[relative] = (status.st_mode, status.st_mtime_ns, hashlib.sha256(content).hexdigest())
    return found


def test_same_seed_makes_the_same_files_with_the_same_modes_and_times(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_uploads(tmp_path / name, seed=5, base=BASE)
    assert listing(tmp_path / "one") == listing(tmp_path / "two")


def test_another_seed_makes_other_contents(tmp_path: Path) -> None:
    make_uploads(tmp_path / "one", seed=5, base=BASE)
    make_uploads(tmp_path / "two", seed=6, base=BASE)
    assert listing(tmp_path / "one") != listing(tmp_path / "two")


def test_more_scale_makes_more_and_larger_files(tmp_path: Path) -> None:
    small = make_uploads(tmp_path / "one", scale=1, base=BASE)
    large = make_uploads(tmp_path / "two", scale=4, base=BASE)
    assert large.files - small.files == 3 * 40
    assert (tmp_path / "one/originals/poster-0.tif").stat().st_size == 100_000
    assert (tmp_path / "two/originals/poster-0.tif").stat().st_size == 400_000


def test_everything_that_backups_of_files_get_wrong_is_there(tmp_path: Path) -> None:
    made = make_uploads(tmp_path / "uploads", base=BASE)
    odd = os.listdir(os.fsencode(tmp_path / "uploads" / "odd"))  # noqa: PTH208 (names are bytes)
    assert {b"line\nbreak.txt", b"latin1-\xfc\xe9.txt", b"-rf", "\N{FOX FACE}.png".encode()} <= set(odd)
    assert not list((made.folder / "odd" / "empty folder").iterdir())
    assert (made.folder / "odd" / "empty.bin").stat().st_size == 0
    sparse = (made.folder / "odd" / "sparse.img").stat()
    assert sparse.st_blocks * 512 < sparse.st_size // 4
    assert (made.folder / "links" / "original.txt").stat().st_nlink == 3
    assert (made.folder / "links" / "to nothing").is_symlink()
    assert not (made.folder / "links" / "to nothing").exists()
    assert stat.S_IMODE((made.folder / "modes" / "mode-0400").stat().st_mode) == 0o400
    assert stat.S_IMODE((made.folder / "modes" / "shared").stat().st_mode) == 0o2770
    assert all(mtime_ns < BASE.timestamp() * 1e9 for _, mtime_ns, _ in listing(made.folder).values())
    regular = [mode for mode, _, _ in listing(made.folder).values() if stat.S_ISREG(mode)]
    assert made.files == len(regular)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(WrongUse, match="is there already"):
        make_uploads(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
