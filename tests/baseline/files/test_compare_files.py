"""Files are compared by all that a restore can lose, one folder at a time and without their names."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drtool.baseline.files.compare_files import FOLDERS_AT_MOST, FilesComparison, compare_files
from drtool.baseline.files.file_list import (
    Entry,
    EntryType,
    ListEnd,
    ListHeader,
    decode_path,
    encode_path,
    read_list,
    write_list,
)
from drtool.baseline.files.folder import Tally, capture_folder
from drtool.baseline.findings import file_losses, files_findings
from drtool.baseline.tolerance import Tolerances
from drtool.errors import Unverifiable
from tests.baseline.builder import TAKEN_AT, a_file

HEADER = ListHeader(host="web1", root="/srv/uploads", taken_at=TAKEN_AT)


def compared(was: list[Entry], now: list[Entry], **more: object) -> FilesComparison:
    return compare_files(
        sorted(was, key=lambda one: one.path),
        sorted(now, key=lambda one: one.path),
        **more,  # type: ignore[arg-type]
    )


def codes(found: FilesComparison) -> list[str]:
    return [one.code for one in files_findings(found)]


def written(entries: list[Entry]) -> bytes:
    stream = io.BytesIO()
    end = ListEnd(
        entries=len(entries), files=len(entries), size_bytes=0, vanished=0, unsettled=0, finished_at=datetime.now(UTC)
    )
    write_list(stream, HEADER, entries, lambda: end)
    return stream.getvalue()


def captured(root: Path) -> list[Entry]:
    return list(capture_folder(root, Tally()))


def test_the_same_files_raise_nothing() -> None:
    files = [a_file("a/1"), a_file("b/2")]
    found = compared(files, files)
    assert found.equal
    assert (found.files, found.size_bytes) == (2, 12)
    assert files_findings(found) == ()


def test_changed_content_is_found_though_size_and_time_are_equal() -> None:
    found = compared([a_file("a/1"), a_file("b/2")], [a_file("a/1"), a_file("b/2", "bad")])
    (folder,) = found.differing
    assert (folder.folder, folder.changed) == ("b", 1)
    assert codes(found) == ["file-changed"]


def test_missing_and_extra_files_are_counted_by_folder() -> None:
    found = compared([a_file("a/1"), a_file("a/2"), a_file("top")], [a_file("a/1"), a_file("b/9")])
    assert {(one.folder, one.missing, one.extra) for one in found.differing} == {(".", 1, 0), ("a", 1, 0), ("b", 0, 1)}
    assert codes(found) == ["file-missing", "file-extra"]
    assert {(loss.subject, loss.missing, loss.extra) for loss in file_losses(found, "files")} == {
        (".", 1, 0), ("a", 1, 0), ("b", 0, 1),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mode": 0o600}, "file-mode-changed"),
        ({"uid": 0}, "file-owner-changed"),
        ({"linked_to": b"a/0"}, "file-link-changed"),
        ({"type": EntryType.LINK, "sha256": None, "target": b"x"}, "file-changed"),
        ({"size_bytes": 0, "sha256": "empty"}, "file-changed"),
    ],
)
def test_what_a_restore_can_lose_is_found(change: dict[str, object], code: str) -> None:
    was = a_file("a/1")
    assert codes(compared([was], [replace(was, **change)])) == [code]  # type: ignore[arg-type]


def test_another_time_alone_is_counted_and_no_finding() -> None:
    was = a_file("a/1")
    found = compared([was], [replace(was, modified_ns=0)])
    assert found.equal
    assert found.differing[0].time == 1


def test_a_part_of_a_second_is_no_difference() -> None:
    was = a_file("a/1", modified_ns=1_700_000_000_999_999_999)
    assert compared([was], [replace(was, modified_ns=1_700_000_000_000_000_000)]).differing == ()


def test_findings_name_folders_and_no_files() -> None:
    found = compared([a_file("people/jane-doe.pdf")], [])
    (finding,) = files_findings(found)
    assert "people" in str(finding)
    assert "jane" not in str(finding)


def test_a_file_that_kept_changing_is_not_held_against_the_backup_and_it_says_so() -> None:
    was = a_file("a/1", unsettled=True, sha256=None)
    (finding,) = files_findings(compared([was], [a_file("a/1")]))
    assert isinstance(finding, Unverifiable)
    assert finding.code == "baseline-unproved"


def test_tolerances_hold_below_a_folder() -> None:
    was, now = [a_file("cache/x/1"), a_file("a/1")], [a_file("a/1"), a_file("a/2")]
    allowed = Tolerances.of(ignore={"cache": "made anew when asked for"}, append_only=["a"])
    found = compared(was, now, tolerances=allowed)
    assert found.equal
    assert {one.subject for one in found.tolerated} == {"cache", "a"}


def test_a_file_that_is_gone_does_not_pass_where_files_only_come() -> None:
    assert codes(compared([a_file("a/1")], [], tolerances=Tolerances.of(append_only=["a"]))) == ["file-missing"]


def test_drift_of_files_passes_up_to_its_bound_and_not_beyond() -> None:
    was, now = [a_file("a/1"), a_file("a/2")], [a_file("a/1", "b")]
    assert compared(was, now, tolerances=Tolerances.of(drift={"a": 2})).equal
    assert codes(compared(was, now, tolerances=Tolerances.of(drift={"a": 1}))) == ["file-missing", "file-changed"]


def test_a_drift_counts_files_that_differ_whatever_in_them_does_and_no_times() -> None:
    was = [a_file(f"a/{number}") for number in range(4)]
    now = [replace(was[0], mode=0o600, uid=0), *(replace(one, modified_ns=0) for one in was[1:])]
    found = compared(was, now, tolerances=Tolerances.of(drift={"a": 1}))
    assert (found.equal, [one.detail for one in found.tolerated]) == (True, ["1 differ, of 1 that may"])
    assert codes(compared(was, now, tolerances=Tolerances.of(drift={"a": 0}))) == [
        "file-mode-changed", "file-owner-changed"
    ]  # fmt: skip


def test_a_name_of_a_file_that_is_ignored_need_not_be_among_its_links_in_the_backup() -> None:
    """As where tar leaves a cache out, and what it shared a file with becomes a file of its own."""
    allowed = Tolerances.of(ignore={"cache": "made anew when asked for"})
    was = [a_file("cache/1"), *(a_file(name, linked_to=b"cache/1") for name in ("img/1", "img/2", "img/3"))]
    kept = [a_file("img/1"), *(a_file(name, linked_to=b"img/1") for name in ("img/2", "img/3"))]
    assert compared(was, kept, tolerances=allowed).equal
    assert compared(was, was, tolerances=allowed).equal
    apart = [a_file(name) for name in ("img/1", "img/2", "img/3")]
    assert codes(compared(was, apart, tolerances=allowed)) == ["file-link-changed"]
    assert codes(compared(was, [was[0], *kept], tolerances=Tolerances.of())) == ["file-link-changed"]


def test_where_all_is_ignored_nothing_was_compared() -> None:
    was = [a_file("cache/1"), a_file("cache/2")]
    found = compared(was, was, tolerances=Tolerances.of(ignore={"cache": "made anew when asked for"}))
    assert (found.entries, found.equal, codes(found)) == (0, False, ["baseline-unproved"])


def test_very_many_folders_are_counted_with_those_they_are_in() -> None:
    was = [a_file(f"{number % 7}/{number:05}/f") for number in range(FOLDERS_AT_MOST * 3)]
    found = compared(was, [])
    assert len(found.differing) == 7
    assert sum(one.missing for one in found.differing) == len(was)


@pytest.mark.parametrize(
    "path", [b"a/b", b"a b", b"100%", "Übung/日本".encode(), b"bad\xff\xfe", b"new\nline", b"\x01"]
)
def test_any_name_survives_being_written_down_in_ascii(path: bytes) -> None:
    assert encode_path(path).isascii()
    assert " " not in encode_path(path)
    assert decode_path(encode_path(path)) == path


def test_a_list_survives_its_file() -> None:
    entries = [
        a_file("a/1"),
        a_file(b"a/\xff", linked_to=b"a/1"),
        a_file("l", type=EntryType.LINK, sha256=None, size_bytes=0, target=b"t\xfe"),
        a_file("u", sha256=None, unsettled=True, attributes=(("capabilities", "ab"),), uid=0, mode=0),
    ]
    header, read = read_list(io.BytesIO(written(entries)))
    assert list(read) == entries
    assert header.root == "/srv/uploads"


def test_a_list_that_was_cut_short_is_refused() -> None:
    whole = written([a_file(f"a/{number:04}", os.urandom(32).hex()) for number in range(2000)])
    _, read = read_list(io.BytesIO(whole[: len(whole) // 2]))
    with pytest.raises(Unverifiable) as caught:
        list(read)
    assert caught.value.code == "baseline-cut-short"


def test_a_list_with_a_line_taken_out_is_refused() -> None:
    import zstandard

    lines = (
        zstandard.ZstdDecompressor().decompressobj().decompress(written([a_file("a/1"), a_file("a/2")])).splitlines()
    )
    _, read = read_list(io.BytesIO(b"\n".join([lines[0], *lines[2:]]) + b"\n"))
    with pytest.raises(Unverifiable):
        list(read)


@pytest.mark.parametrize("wrong", [None, 5, -1, True, 1e300, "x", "%zz", "%00/../..", [], {}, [{}], "9" * 5000])
def test_a_line_that_was_edited_is_the_lists_own_fault_whatever_stands_there(wrong: object) -> None:
    import zstandard

    full = a_file("a/1", linked_to=b"a/0", target=b"t", unsettled=True, attributes=(("capabilities", "ab"),))
    lines = zstandard.ZstdDecompressor().decompressobj().decompress(written([full, a_file("b")])).splitlines()
    for number in range(len(lines)):
        for name in json.loads(lines[number]):
            edited = [
                *lines[:number],
                json.dumps(json.loads(lines[number]) | {name: wrong}).encode(),
                *lines[number + 1 :],
            ]
            try:
                _, read = read_list(io.BytesIO(b"\n".join(edited) + b"\n"))
                compare_files(read, [full])
            except Unverifiable as error:
                assert error.code in {"baseline-unreadable", "baseline-cut-short"}  # noqa: PT017 (one that is not raised is fine)


def test_a_list_out_of_order_is_refused() -> None:
    _, read = read_list(io.BytesIO(written([a_file("b"), a_file("a")])))
    with pytest.raises(Unverifiable, match="line 3"):
        list(read)


def test_extended_attributes_are_compared_and_none_of_a_kind_at_all_is_named() -> None:
    was = [a_file(name, attributes=(("capabilities", "1"), ("user attributes", "2"))) for name in "ab"]
    assert compared(was, was).equal
    found = compared(was, [replace(was[0], attributes=()), was[1]])
    assert (codes(found), found.unknown) == (["file-attributes-changed"], ())
    for bare in ((), None):
        found = compared(was, [replace(one, attributes=bare) for one in was])
        assert (codes(found), found.equal) == ([], True)
        assert found.unknown == ("capabilities of 2 entries", "user attributes of 2 entries")
    of_the_first_version = [replace(one, attributes=None) for one in was]
    assert compared(of_the_first_version, was).unknown == ()
    added = compared([replace(one, attributes=()) for one in was], was)
    assert codes(added) == ["file-attributes-changed"]


def test_what_is_no_list_is_refused() -> None:
    for content in (b"", b"PK\x03\x04zip", b'{"format": "drtool-database-baseline"}\n', b"\x28\xb5\x2f\xfdjunk"):
        with pytest.raises(Unverifiable):
            read_list(io.BytesIO(content))


def test_a_folder_is_captured_in_the_order_of_its_paths_bytes(tmp_path: Path) -> None:
    for name in ("a/x", "a-b", "a.z", "a/sub/y", "z"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "a-dir").mkdir()
    paths = [one.path for one in captured(tmp_path)]
    assert paths == sorted(paths)
    assert paths == [b"a", b"a-b", b"a-dir", b"a.z", b"a/sub", b"a/sub/y", b"a/x", b"z"]


def test_a_folder_is_captured_with_links_modes_and_odd_names(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    (tmp_path / "one").write_bytes(b"content")
    (tmp_path / "one").chmod(0o4750)
    os.link(tmp_path / "one", tmp_path / "two")
    os.symlink(b"t\xfe", root + b"/link")  # noqa: PTH211 (Path takes no bytes)
    with open(root + b"/bad\xff", "wb"):  # noqa: PTH123 (Path takes no bytes)
        pass
    os.mkfifo(tmp_path / "pipe")
    by_path = {one.path: one for one in captured(tmp_path)}
    assert by_path[b"one"].mode == 0o4750
    assert by_path[b"one"].sha256 == "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    assert by_path[b"two"].linked_to == b"one"
    assert by_path[b"link"].target == b"t\xfe"
    assert by_path[b"bad\xff"].size_bytes == 0
    assert by_path[b"pipe"].type is EntryType.PIPE


def test_sockets_are_left_out_as_archives_leave_them_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("s")
        assert captured(tmp_path) == []


def test_a_file_that_changes_while_it_is_read_is_marked(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"x" * 20_000_000)
    stop = threading.Event()

    def append() -> None:
        with file.open("ab") as stream:
            while not stop.is_set():
                stream.write(b"y")
                stream.flush()
                time.sleep(0.0005)

    writer = threading.Thread(target=append)
    writer.start()
    try:
        (entry,) = captured(tmp_path)
    finally:
        stop.set()
        writer.join()
    assert entry.unsettled
    assert entry.sha256 is None


def test_a_file_that_vanishes_is_left_out_and_counted(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"{number:03}").write_bytes(b"")
    tally = Tally()
    entries: Iterator[Entry] = capture_folder(tmp_path, tally, threads=1)
    first = next(entries)  # by now 256 files are being read; the last of all has been listed and not read
    (tmp_path / "599").unlink()
    paths = [first.path, *(one.path for one in entries)]
    assert b"599" not in paths
    assert len(paths) == tally.entries == 599


def test_a_folder_that_may_not_be_read_is_an_error_and_names_no_file(tmp_path: Path) -> None:
    (tmp_path / "jane-doe").write_text("no folder")
    with pytest.raises(Unverifiable) as caught:
        captured(tmp_path / "jane-doe")
    assert caught.value.code == "files-unreadable"
    assert "jane" not in str(caught.value)
