"""Whatever a scenario does to the process that it runs in, its drill leaves a record, and never a green one."""

from __future__ import annotations

import io
import signal
import textwrap
from pathlib import Path
from typing import Any

import pytest

from drtool.audit.audit import audit
from drtool.drill import conduct as module
from drtool.drill import ending, supervision
from drtool.drill.conditions import Conditions
from drtool.drill.ending import Conducted
from drtool.drill.options import DrillOptions
from drtool.drill.planning import planned
from drtool.drill.supervision import Outcome, conducted, supervise
from drtool.errors import Unverifiable, WrongUse
from drtool.evidence import folder
from drtool.evidence.room import Room
from drtool.keys.signing import find_key
from drtool.keys.value import forget_key
from drtool.record.model import decode
from drtool.record.verdicts import Verdict
from drtool.render.progress import Progress
from drtool.sandbox.engine import Engine
from tests.evidence.builder import new_key

HEAD = """
import atexit, ctypes, faulthandler, os, resource, signal, sys, threading, time
from drtool import Drill, scenario
"""
SCENARIO = """
@scenario(time_limit="{limit}")
def shop(drill: Drill) -> None:
{body}
"""
WHERE = {
    "at its beginning": "{body}",
    "in a step": "with drill.step('start', 'the application'):\n{indented}",
    "while it deals with an error": "try:\n    raise ValueError\nexcept ValueError:\n{indented}",
    "on its way out": "try:\n    drill.id\nfinally:\n{indented}",
    "in a helper": "def helper() -> None:\n{indented}\nhelper()",
    "in a generator": "def helper():\n    yield 1\n{indented}\nlist(helper())",
}


def script(body: str, *, limit: str = "30s", where: str = "at its beginning") -> str:
    placed = WHERE[where].format(body=body, indented=textwrap.indent(body, "    "))
    return HEAD + SCENARIO.format(limit=limit, body=textwrap.indent(placed, "    "))


ENDED = "The drill's process ended with status"
ENDS = {
    "exits": ("os._exit(0)", f"{ENDED} 0"),
    "exits with the status of a failure": ("os._exit(1)", f"{ENDED} 1"),
    "exits by a thread": ("threading.Thread(target=lambda: os._exit(0)).start(); time.sleep(60)", f"{ENDED} 0"),
    "becomes another program": ("os.execv('/bin/true', ['true'])", f"{ENDED} 0"),
    "becomes a shell": ("os.execv('/bin/sh', ['sh', '-c', 'exit 0'])", f"{ENDED} 0"),
    "crashes": ("faulthandler.disable(); ctypes.string_at(0)", "was ended by SIGSEGV"),
    "aborts": ("faulthandler.disable(); os.abort()", "was ended by SIGABRT"),
    "kills itself": ("os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL"),
    "is ended by a real-time signal": ("os.kill(os.getpid(), signal.SIGRTMIN)", "was ended by SIGRTMIN"),
    "is ended by a broken pipe": (
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL); r, w = os.pipe(); os.close(r); os.write(w, b'x')",
        "was ended by SIGPIPE",
    ),
    "writes more than it may": (
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); signal.signal(signal.SIGXFSZ, signal.SIG_DFL)",
        "was ended by SIGXFSZ",
    ),
    "closes every file": ("os.closerange(0, 4096)", f"{ENDED} 1"),
    "uses up its processor time": (
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
        "was ended by SIG",
    ),
}

RUNS_ON = {
    "raises SystemExit": ("raise SystemExit(0)", "scenario-broken"),
    "calls exit": ("sys.exit('all is well')", "scenario-broken"),
    "raises KeyboardInterrupt": ("raise KeyboardInterrupt", "scenario-broken"),
    "raises GeneratorExit": ("raise GeneratorExit", "scenario-broken"),
    "raises an exception of its own kind": ("raise type('Odd', (BaseException,), {})()", "scenario-broken"),
    "calls itself for ever": ("shop.conduct(drill)", "scenario-broken"),
    "wants more memory than there is": ("bytearray(1 << 60)", "scenario-broken"),
    "forks, and both return": ("os.fork()", ""),
    "forks, and the copy raises": ("if os.fork() == 0: raise ValueError", ""),
    "forks four times": ("os.fork(); os.fork()", ""),
    "ends its own copies": ("if os.fork() == 0: os._exit(0)", ""),
    "leaves a thread": ("threading.Thread(target=time.sleep, args=(600,)).start()", ""),
    "exits at its end": ("atexit.register(os._exit, 0)", ""),
    "lets nobody read what is written": ("os.umask(0o777)", ""),
    "goes to another folder": ("os.chdir('/')", ""),
    "closes the standard streams": ("sys.stdout.close(); sys.stderr.close()", ""),
    "has no environment": ("os.environ.clear()", ""),
    "calls itself another account": ("os.environ['USER'] = os.environ['LOGNAME'] = 'backup'", ""),
    "ignores what asks it to stop": ("[signal.signal(one, signal.SIG_IGN) for one in (1, 2, 15)]", ""),
    "asks itself to stop": ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", "interrupted"),
    "hangs up": ("os.kill(os.getpid(), signal.SIGHUP); time.sleep(60)", "interrupted"),
}


@pytest.fixture(autouse=True)
def an_engine_that_does_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing here makes a sandbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    monkeypatch.setattr(Engine, "connect", lambda: None)
    monkeypatch.setattr(module, "reap", lambda _: ())
    for one in (module, ending):
        monkeypatch.setattr(one, "destroy", lambda *_, **__: None)


def drilled(text: str) -> Conducted:
    Path("shop.py").write_text(text)
    (one,) = planned(["shop.py"])
    conditions = Conditions(options=DrillOptions(reports=Path("reports").absolute()), key=None)
    return conducted(one, conditions, lambda: Progress(io.StringIO()))


def sound(done: Conducted) -> bool:
    """Tell whether the evidence of one drill is whole but for a signature, and says what its record says."""
    seen = audit(done.folder.parent)
    assert {problem.code for problem in seen.problems} == {"unsigned"}
    assert decode((done.folder / "report.json").read_bytes()) == done.record
    return done.is_complete


SOMEWHERE = [pytest.param(one, marks=pytest.mark.long if number else []) for number, one in enumerate(WHERE)]


@pytest.mark.parametrize("where", SOMEWHERE)
@pytest.mark.parametrize("how", ENDS)
def test_a_scenario_that_ends_its_process_leaves_a_record_that_says_how(how: str, where: str) -> None:
    body, said = ENDS[how]
    done = drilled(script(body, where=where))
    assert done.record.verdict is Verdict.UNVERIFIED
    (finding,) = [one for one in done.record.findings if one.code == "drill-process-lost"]
    assert said in finding.message
    assert ("at start: the application" in finding.message) == (where == "in a step")
    assert sound(done)


@pytest.mark.parametrize("where", SOMEWHERE)
@pytest.mark.parametrize("how", RUNS_ON)
def test_a_scenario_that_misbehaves_within_its_process_is_carried_to_its_end(how: str, where: str) -> None:
    body, code = RUNS_ON[how]
    done = drilled(script(body, where=where))
    assert done.record.verdict is Verdict.UNVERIFIED, "nothing was restored, so nothing can have been verified"
    assert [one.code for one in done.record.findings] == ([code] if code else [])
    assert sound(done)


@pytest.mark.long
@pytest.mark.parametrize("how", [*ENDS, *RUNS_ON])
def test_a_script_that_misbehaves_while_it_is_loaded_is_drilled_all_the_same(how: str) -> None:
    body, code = (ENDS | RUNS_ON)[how]
    if "drill" in body:
        body = "raise RecursionError"
    done = drilled(HEAD + body + SCENARIO.format(limit="30s", body="    drill.id"))
    assert done.record.verdict is Verdict.UNVERIFIED
    found = [one.code for one in done.record.findings]
    assert found in ([], ["scenario-broken"], ["drill-process-lost"]), found
    assert bool(found) == (code != "" or how in ENDS)
    assert sound(done)


STEP = "def check():\n    with drill.step('verify', 'the application'): time.sleep({pause})\n"
ASIDE = {
    "in a copy that it waits for": (
        "import multiprocessing as more\none = more.Process(target=check); one.start(); one.join()"
    ),
    "in a copy of its own making": "one = os.fork()\nif not one:\n    check()\n    os._exit(0)\nos.waitpid(one, 0)",
    "in a thread that it leaves": "threading.Thread(target=check).start(); time.sleep(0.2)",
}
BY_ITSELF = {
    "in a thread": "one = threading.Thread(target=check); one.start(); one.join()",
    "in a pool": "import concurrent.futures as more\nwith more.ThreadPoolExecutor() as pool: pool.submit(check)",
    "and has a copy for other things": "check(); one = os.fork()\nif not one: os._exit(0)\nos.waitpid(one, 0)",
}


@pytest.mark.parametrize(
    ("how", "codes"), [*((one, ["done-aside"]) for one in ASIDE), *((one, []) for one in BY_ITSELF)]
)
def test_what_a_scenario_has_done_where_nobody_sees_it_end_is_told(how: str, codes: list[str]) -> None:
    body = STEP.format(pause=2.0 if "leaves" in how else 0.0) + (ASIDE | BY_ITSELF)[how]
    record = drilled(script(body)).record
    assert [one.code for one in record.findings] == codes
    assert all("verify: the application" in one.message for one in record.findings)
    assert record.verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize("still", ["", "time.time = lambda: 1e9; time.monotonic = lambda: 1e3"])
def test_a_scenario_that_sets_the_time_still_shortens_no_step(still: str) -> None:
    body = (
        "saved = time.time, time.monotonic\n" + still + "\n"
        "with drill.step('restore', 'the application'): threading.Event().wait(0.3)\n"
        "time.time, time.monotonic = saved"
    )
    record = drilled(script(body)).record
    (step,) = (one for one in record.steps if one.name == "the application")
    assert 0.3 <= step.elapsed_seconds < 5.0
    assert record.findings == ()


def test_a_scenario_that_ends_its_process_while_it_is_loaded_is_drilled_by_its_stand_in() -> None:
    Path("scenarios").mkdir()
    Path("scenarios/ends.py").write_text("import os; os._exit(0)")
    Path("scenarios/shop.py").write_text(script("pass", limit="30s"))
    ends, shop = planned([])
    assert (ends.scenario.name, shop.scenario.name) == ("ends", "shop")
    assert shop.scenario.broken is None
    conditions = Conditions(options=DrillOptions(reports=Path("reports").absolute()), key=None)
    done = conducted(ends, conditions, lambda: Progress(io.StringIO()))
    (finding,) = done.record.findings
    assert finding.code == "scenario-broken"
    assert "the process that loads it ended with status 0" in finding.message


def test_a_script_that_has_another_one_end_the_process_holds_nobody_up_for_ever() -> None:
    Path("scenarios").mkdir()
    ends_later = "import os, msgspec; msgspec.json.encode = lambda *_, **__: os._exit(0)\n"
    Path("scenarios/a.py").write_text(HEAD + ends_later + SCENARIO.format(limit="30s", body="    drill.id"))
    Path("scenarios/b.py").write_text(script("pass"))
    with pytest.raises(Unverifiable, match="The scenario scripts were not loaded") as refused:
        planned([])
    assert refused.value.code == "drill-process-lost"
    assert planned(["scenarios/b.py"])[0].scenario.name == "shop"


def test_a_scenario_has_no_signing_key_while_it_is_loaded_nor_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is a copy of the one that has it in memory; what it cannot see it cannot print."""
    looks = (
        "seen = [os.readlink(f'/proc/self/fd/{one}') for one in os.listdir('/proc/self/fd')\n"
        "        if os.path.exists(f'/proc/self/fd/{one}')]\n"
        "assert not [one for one in seen if 'memfd:key' in one], 'the key is open'\n"
        "assert 'DRTOOL_SIGNING_KEY' not in os.environ, 'the key is in the environment'\n"
    )
    monkeypatch.setenv("DRTOOL_SIGNING_KEY", new_key(tmp_path / "key").read_text())
    Path("shop.py").write_text(HEAD + looks + SCENARIO.format(limit="30s", body=textwrap.indent(looks, "    ")))
    try:
        (one,) = planned(["shop.py"])
        assert one.scenario.broken is None
        key = find_key(None)
        assert key is not None
        assert key.handle is not None
        conditions = Conditions(options=DrillOptions(reports=Path("reports").absolute()), key=key)
        done = conducted(one, conditions, lambda: Progress(io.StringIO()))
        assert done.record.signed
        assert done.record.findings == ()
    finally:
        forget_key()


def test_the_room_that_was_held_is_free_when_the_evidence_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    release, write = Room.release, folder.write

    def released(room: Room) -> None:
        happened.append("released")
        release(room)

    def written(*arguments: Any, **named: Any) -> None:
        happened.append("written")
        write(*arguments, **named)

    monkeypatch.setattr(Room, "release", released)
    monkeypatch.setattr(folder, "write", written)
    assert drilled(script("drill.id")).is_complete
    assert happened == ["released", "written"]


def test_what_is_wrong_with_the_targets_is_told_as_it_is() -> None:
    with pytest.raises(WrongUse, match="There is no scenario script") as refused:
        planned(["gone.py"])
    assert refused.value.code == "no-such-script"


def test_a_script_that_is_gone_when_its_drill_begins_is_told() -> None:
    Path("shop.py").write_text(script("pass", limit="30s"))
    (one,) = planned(["shop.py"])
    Path("shop.py").unlink()
    conditions = Conditions(options=DrillOptions(reports=Path("reports").absolute()), key=None)
    done = conducted(one, conditions, lambda: Progress(io.StringIO()))
    assert [found.code for found in done.record.findings] == ["scenario-broken"]


def test_of_a_script_that_was_changed_meanwhile_the_record_has_what_ran() -> None:
    Path("shop.py").write_text(script("pass", limit="30s"))
    (one,) = planned(["shop.py"])
    Path("shop.py").write_text(script("assert drill", limit="31s"))
    conditions = Conditions(options=DrillOptions(reports=Path("reports").absolute()), key=None)
    done = conducted(one, conditions, lambda: Progress(io.StringIO()))
    assert done.record.scenario_info.sha256 not in (None, one.scenario.sha256)


def test_one_that_does_not_end_when_it_is_asked_to_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "CLEAN_UP_SECONDS", 0.5)
    deaf = "[signal.signal(one, signal.SIG_IGN) for one in (1, 2, 14, 15)]\ntime.sleep(600)"
    done = drilled(script(deaf, limit="1s"))
    (finding,) = done.record.findings
    assert finding.code == "time-limit"
    assert "was killed" in finding.message
    assert sound(done)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_what_asks_the_watching_process_to_stop_reaches_the_drill(number: signal.Signals, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    tell = f"open({str(begun)!r}, 'w').close(); os.kill(os.getppid(), {int(number)}); time.sleep(60)"
    done = drilled(script(tell))
    assert begun.exists()
    assert done.record.interrupted
    assert done.record.reason == "The drill was interrupted."
    assert number.name in done.record.findings[0].message


def test_one_that_is_deaf_is_killed_at_the_fifth_time_somebody_asks_and_is_interrupted() -> None:
    deaf = "[signal.signal(one, signal.SIG_IGN) for one in (1, 2, 15)]\n"
    deaf += "for _ in range(50): os.kill(os.getppid(), signal.SIGTERM); time.sleep(0.1)"
    done = drilled(script(deaf))
    assert done.record.interrupted
    assert sound(done)


def test_several_at_a_time_say_whose_line_it_is_and_end_in_the_order_of_the_plan() -> None:
    outcomes: list[Outcome] = []
    lines: list[str] = []
    for name, pause in (("slow", 1.0), ("fast", 0.0)):
        body = f"os.write(2, b'from {name}\\n'); time.sleep({pause})"
        Path(f"{name}.py").write_text(script(body, limit="30s").replace("shop", name))
    interrupted = supervise(
        planned(["slow.py", "fast.py"]),
        Conditions(options=DrillOptions(reports=Path("reports").absolute()), key=None),
        at_a_time=2,
        observer=Progress,
        ended=outcomes.append,
        tell=lines.append,
    )
    assert not interrupted
    assert [one.record.scenario for one in outcomes if isinstance(one, Conducted)] == ["slow", "fast"]
    assert lines.index("[fast] from fast") >= 0
    assert lines.index("[slow] from slow") >= 0
