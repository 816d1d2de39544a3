"""What was written reaches the disk, also where a share does not know how to see to the names in a folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from drtool.host.durable import replace_files, sync


@pytest.mark.parametrize(("code", "passes"), [(errno.EINVAL, True), (errno.ENOTSUP, True), (errno.EIO, False)])
def test_a_share_that_syncs_no_folder_is_written_to_all_the_same(
    code: int, passes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def refused(handle: int) -> None:
        if Path(f"/dev/fd/{handle}").resolve().is_dir():
            raise OSError(code, os.strerror(code))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refused)
    if passes:
        replace_files(tmp_path, {"report.json": b"{}"})
        assert (tmp_path / "report.json").read_bytes() == b"{}"
    else:
        with pytest.raises(OSError, match=os.strerror(code)):
            replace_files(tmp_path, {"report.json": b"{}"})


def test_a_file_that_cannot_be_synced_is_never_taken_for_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_handle: int) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", refused)
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Invalid"):
        sync(tmp_path / "file")
