"""Bytes that come in pieces are one stream, and none is taken before somebody reads it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drtool.stores.stream import stream_of


@pytest.mark.parametrize("at_once", [1, 3, 100_000])
def test_pieces_of_any_size_are_one_stream_and_empty_ones_end_nothing(at_once: int) -> None:
    whole = b"ab" + b"x" * 70_000 + b"c"
    stream = stream_of([b"a", b"", b"b" + b"x" * 70_000, b"c"])
    assert b"".join(iter(lambda: stream.read(at_once), b"")) == whole


def test_a_piece_is_taken_when_it_is_needed() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(3):
            taken.append(number)
            yield b"one line\n"

    stream = stream_of(pieces())
    assert taken == []
    assert stream.readline() == b"one line\n"
    assert taken == [0]
