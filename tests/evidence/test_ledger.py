"""The ledger is only ever added to, by any number of drills at once, whatever state it is in."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from drtool.errors import Unverifiable
from drtool.evidence import chain
from drtool.evidence.ledger import Ledger
from drtool.record.model import encode
from drtool.record.verdicts import Verdict
from tests import pace
from tests.evidence.builder import Site
from tests.evidence.conftest import Run

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def begin(reports: Path, drill_id: str = "a-drill", time_limit_seconds: float = 60.0) -> chain.LedgerEntry:
    said = {"scenario": "shop", "operator": "ops", "host": "drillhost"}
    return Ledger(reports).start(drill_id=drill_id, **said, time_limit_seconds=time_limit_seconds, at=AT)


def end(reports: Path, drill_id: str = "a-drill") -> chain.LedgerEntry:
    return Ledger(reports).end(
        drill_id=drill_id, verdict=Verdict.PASSED, report_sha256="ab" * 32, interrupted=False, at=AT
    )


def test_entries_come_back_as_they_were_entered(tmp_path: Path) -> None:
    started, ended = begin(tmp_path), end(tmp_path)
    assert Ledger(tmp_path).entries() == (started, ended)
    assert Ledger(tmp_path).head() == ended
    assert (started.sequence, started.event, started.scenario, started.at) == (1, "start", "shop", AT)
    assert (ended.sequence, ended.event, ended.verdict, ended.report_sha256) == (2, "end", "passed", "ab" * 32)


def test_each_line_holds_the_hash_of_the_exact_bytes_before_it(tmp_path: Path) -> None:
    begin(tmp_path)
    last = end(tmp_path)
    first, second = (tmp_path / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    assert json.loads(first)["previous"] == "0" * 64
    assert json.loads(second)["previous"] == sha256(first).hexdigest()
    assert last.hash == sha256(second).hexdigest()
    assert last.hash.encode() not in first + second


def test_a_ledger_that_is_not_there_yet_has_no_entries_and_no_head(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "reports").entries() == ()
    assert Ledger(tmp_path / "reports").head() is None
    assert not (tmp_path / "reports").exists()


def test_appending_leaves_no_other_file(tmp_path: Path) -> None:
    begin(tmp_path / "reports")
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["ledger.jsonl"]


def test_eight_processes_at_once_make_one_unbroken_chain(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from tests.evidence.test_ledger import begin, end
        for number in range(12):
            begin(Path(sys.argv[1]), f"{sys.argv[2]}-{number}")
            end(Path(sys.argv[1]), f"{sys.argv[2]}-{number}")
    """)
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(number)], cwd=Path(__file__).parents[2])
        for number in range(8)
    ]
    assert [process.wait(timeout=60) for process in running] == [0] * 8
    read = chain.read((tmp_path / "ledger.jsonl").read_bytes())
    assert (read.breaks, read.torn, len(read.entries)) == ((), (), 8 * 12 * 2)
    assert len({(entry.event, entry.drill_id) for entry in read.entries}) == 8 * 12 * 2
    assert [entry.sequence for entry in read.entries] == list(range(1, 8 * 12 * 2 + 1))


def test_appending_does_not_slow_down_with_the_length_of_the_ledger(tmp_path: Path) -> None:
    first = begin(tmp_path)
    path = tmp_path / "ledger.jsonl"
    line = path.read_bytes()
    with path.open("wb") as file:
        file.seek(8 << 30)  # a hole, which takes no room
        file.write(b"\n" + line)
    began = time.monotonic()
    assert begin(tmp_path, "another").previous == first.hash
    assert time.monotonic() - began < pace.seconds(1.0)


@pytest.mark.parametrize("kept", [1, 8, 30, 100, 200, -1])
def test_a_torn_line_is_kept_and_a_note_says_which_it_was(kept: int, tmp_path: Path) -> None:
    begin(tmp_path)
    end(tmp_path)
    path = tmp_path / "ledger.jsonl"
    whole = path.read_bytes()
    first = whole.splitlines(keepends=True)[0]
    torn = first + whole[len(first) :][:kept]
    path.write_bytes(torn)
    entered = begin(tmp_path, "the-next")
    content = path.read_bytes()
    assert content.startswith(torn + b"\n"), "what was there is never rewritten"
    note = json.loads(content.splitlines()[2])
    assert (note["event"], note["torn_lines"], note["sequence"]) == ("note", [2], 3)
    assert entered.sequence == 4
    read = chain.read(content)
    assert (read.breaks, read.head) == ((), entered)
    assert Ledger(tmp_path).entries() == read.entries


def test_a_line_whose_end_a_power_cut_left_as_zeros_is_torn(tmp_path: Path) -> None:
    begin(tmp_path)
    path = tmp_path / "ledger.jsonl"
    before = path.read_bytes()
    end(tmp_path)
    path.write_bytes(path.read_bytes()[: len(before) + 50] + b"\0" * 400)
    assert begin(tmp_path, "the-next").sequence == 4
    assert chain.read(path.read_bytes()).torn == (2,)


def test_a_crash_while_a_torn_line_is_noted_is_noted_too(tmp_path: Path) -> None:
    begin(tmp_path)
    path = tmp_path / "ledger.jsonl"
    before = path.read_bytes()
    end(tmp_path)
    path.write_bytes(path.read_bytes()[: len(before) + 50])
    begin(tmp_path, "the-next")
    torn_twice = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(torn_twice[:2]) + torn_twice[2][:120])
    entered = begin(tmp_path, "the-one-after")
    read = chain.read(path.read_bytes())
    assert (read.breaks, read.torn, entered.sequence) == ((), (2, 3), 5)


def test_a_torn_last_line_is_no_tampering(site: Site, drtool: Run) -> None:
    site.drill()
    begin(site.reports, "lost")
    site.ledger.write_bytes(site.ledger.read_bytes()[:-20])
    ended = drtool("audit", site.reports, "--json")
    assert (ended.code, ended.codes) == (0, [])
    assert "line 3, is torn" in ended.result["notes"][0]
    site.drill()
    assert drtool("audit", site.reports).code == 0


@pytest.mark.parametrize(
    "rubbish", [b"approved by the board\n", b"\n", b"{}\n", b"\xff\xfe\n", b'{"event":"start"}', b"rubbish\0\0\n"]
)
def test_what_drtool_did_not_write_is_never_added_to(rubbish: bytes, tmp_path: Path) -> None:
    begin(tmp_path)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(path.read_bytes() + rubbish)
    before = path.read_bytes()
    with pytest.raises(Unverifiable, match="not as drtool left it") as refused:
        end(tmp_path)
    assert refused.value.code == "ledger-damaged"
    assert refused.value.mend
    assert path.read_bytes() == before


def test_another_file_of_that_name_is_never_added_to(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text("date,amount\n2026-03-02,17\n")
    with pytest.raises(Unverifiable, match="not as drtool left it"):
        begin(tmp_path)
    assert path.read_text() == "date,amount\n2026-03-02,17\n"


@pytest.mark.parametrize("kind", ["a link", "a folder", "a pipe"])
def test_what_is_no_plain_file_is_never_added_to(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    if kind == "a link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "a folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(Unverifiable, match="not as drtool left it"):
        begin(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_an_end_never_begins_a_new_ledger(tmp_path: Path) -> None:
    begin(tmp_path)
    (tmp_path / "ledger.jsonl").unlink()
    with pytest.raises(Unverifiable, match="cannot be written"):
        end(tmp_path)
    assert not (tmp_path / "ledger.jsonl").exists()


def test_entries_of_a_damaged_ledger_are_refused_with_the_line(tmp_path: Path) -> None:
    begin(tmp_path)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(path.read_bytes() + b"rubbish\n")
    with pytest.raises(Unverifiable, match="line 2 is no entry"):
        Ledger(tmp_path).entries()


def test_a_full_disk_leaves_a_torn_line_and_a_clear_error_and_the_next_drill_goes_on(tmp_path: Path) -> None:
    begin(tmp_path)
    size = (tmp_path / "ledger.jsonl").stat().st_size
    script = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from tests.evidence.test_ledger import end
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
        end(Path(sys.argv[1]))
    """)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), str(size + 60)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "The evidence cannot be written to" in done.stderr.splitlines()[-1]
    assert (tmp_path / "ledger.jsonl").stat().st_size == size + 60
    begin(tmp_path, "the-next")
    assert chain.read((tmp_path / "ledger.jsonl").read_bytes()).breaks == ()


def test_a_drill_killed_with_sigkill_is_abandoned_at_once_and_not_before(site: Site, drtool: Run) -> None:
    site.drill()
    script = textwrap.dedent("""
        import sys, time
        from datetime import UTC, datetime
        from pathlib import Path
        from tests.evidence.builder import Site
        site = Site(reports=Path(sys.argv[1]), config=Path(), key=None)
        site.begin("20260402T030000Z-shop-00aa00", "shop", datetime.now(UTC))
        print("begun", flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(site.reports)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        running = drtool("audit", site.reports, "--json")
        process.kill()
    assert (running.code, running.codes, running.result["drills"][1]["state"]) == (3, ["drill-not-ended"], "not ended")
    assert "20260402T030000Z-shop-00aa00: its process runs on this host." in running.result["notes"]
    abandoned = drtool("audit", site.reports, "--json")
    assert (abandoned.code, abandoned.codes) == (1, ["drill-abandoned"])
    assert abandoned.result["drills"][1]["state"] == "abandoned"
    assert "20260402T030000Z-shop-00aa00/ was abandoned" in abandoned.result["problems"][0]["sentence"]


def test_a_drill_of_another_host_is_abandoned_an_hour_after_its_time_limit(
    site: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.drill()
    with monkeypatch.context() as patch:
        patch.setattr("drtool.host.owner._boot", lambda: "another boot")
        patch.setattr("platform.node", lambda: "elsewhere")
        site.begin("long-over", "shop", datetime(2026, 3, 4, tzinfo=UTC))
        site.begin("still-running", "shop", datetime.now(UTC))
    ended = drtool("audit", site.reports, "--json")
    assert {*ended.codes} == {"drill-not-ended", "drill-abandoned"}
    assert ended.result["notes"] == []
    states = {drill["drill_id"]: drill["state"] for drill in ended.result["drills"]}
    assert (states["still-running"], states["long-over"]) == ("not ended", "abandoned")


@pytest.mark.parametrize(("days_ago", "state"), [(29, "not ended"), (31, "abandoned")])
def test_no_time_limit_keeps_a_drill_open_for_more_than_a_month(
    days_ago: int, state: str, site: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.drill()
    with monkeypatch.context() as patch:
        patch.setattr("drtool.host.owner._boot", lambda: "")
        patch.setattr("platform.node", lambda: "elsewhere")
        site.begin("begun", "shop", datetime.now(UTC) - timedelta(days=days_ago))
    site.rebuild(line | ({"time_limit_seconds": 9.5e8} if line["event"] == "start" else {}) for line in site.lines())
    found = {drill["drill_id"]: drill["state"] for drill in drtool("audit", site.reports, "--json").result["drills"]}
    assert found["begun"] == state


def a_start(**changes: Any) -> chain.StartLine:
    said = {"scenario": "shop", "operator": "ops", "host": "h", "time_limit_seconds": 60.0, "process": "h/1@1.00"}
    return chain.StartLine(**{"previous": "0" * 64, "sequence": 1, "at": AT, "drill_id": "one", **said, **changes})


@pytest.mark.parametrize("odd", ["\udcff", "J\xf6rg \x1b[31m", "a\u2028b", ""], ids=ascii)
def test_names_of_any_bytes_are_entered_as_the_report_has_them(odd: str) -> None:
    entry = chain.decode(chain.encode(a_start(operator=odd, host=odd, scenario=odd)))
    assert entry is not None
    as_reported = msgspec.json.decode(encode({"name": odd}))["name"]
    assert (entry.operator, entry.host, entry.scenario) == (as_reported,) * 3


@pytest.mark.parametrize("unfit", [{"time_limit_seconds": 1.2e9}, {"time_limit_seconds": math.nan}, {"sequence": 0}])
def test_what_no_reader_takes_never_reaches_the_ledger(unfit: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Unverifiable, match="No ledger takes this entry"):
        chain.encode(a_start(**unfit))
    with pytest.raises(Unverifiable, match="No ledger takes this entry"):
        begin(tmp_path, "one", time_limit_seconds=1.2e9)
    assert (tmp_path / "ledger.jsonl").read_bytes() == b""


def test_a_whole_line_that_no_reader_takes_is_not_called_torn_and_any_part_of_one_is() -> None:
    line = chain.encode(a_start(scenario="J\xf6rg"))
    strange = line.replace(b'"time_limit_seconds":60', b'"time_limit_seconds":1200000000')
    for whole in (strange, strange[:-1], strange + b"\0\0", strange.replace(b'"ops"', b'"ops","n":' + b"9" * 5000)):
        assert not chain.is_torn(whole, "0" * 64, 1)
        assert [broken.code for broken in chain.read(whole).breaks] == ["ledger-line-unreadable"]
    for cut in range(1, len(line) - 1):
        assert chain.is_torn(line[:cut], "0" * 64, 1)
    assert chain.is_torn(line[:-1] + b"\0\0", "0" * 64, 1)
