"""What goes into a container as a stream is an archive that any tar reads."""

from __future__ import annotations

import io
import tarfile

import pytest

from drtool.sandbox import tar_stream


@pytest.mark.parametrize("size_bytes", [0, 1, 511, 512, 513, 70_000])
def test_an_archive_made_as_it_comes_is_read_back_whole(size_bytes: int) -> None:
    content = bytes(number % 251 for number in range(size_bytes))
    pieces = (content[start : start + 1000] for start in range(0, size_bytes, 1000))
    made = b"".join(tar_stream.member("input", size_bytes, pieces)) + tar_stream.END
    with tarfile.open(fileobj=io.BytesIO(made)) as archive:
        (member,) = archive.getmembers()
        taken = archive.extractfile(member)
        assert taken is not None
        assert (member.name, member.mode, taken.read()) == ("input", 0o400, content)
    assert len(made) % tarfile.BLOCKSIZE == 0


def test_names_longer_than_a_header_come_through() -> None:
    name = "backup/" + "ä" * 200
    made = b"".join([*tar_stream.member(name, 1, [b"a"]), *tar_stream.member("next", 1, [b"b"]), tar_stream.END])
    with tarfile.open(fileobj=io.BytesIO(made)) as archive:
        assert archive.getnames() == [name, "next"]
