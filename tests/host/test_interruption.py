"""Signals and the time limit end a drill, and never its clean-up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from drtool.host import interruption
from drtool.host.interruption import Interrupted, TimeLimitReached, interruptible, signals_restored
from tests import pace

LONG = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Leave the signals of the test run as they were, whatever a test does."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with signals_restored():
        yield
    interruption._held_back.clear()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    time.sleep(0.01)


def drill(work: Callable[[], None], *, time_limit: timedelta = LONG) -> None:
    with interruptible(time_limit):
        work()


def nothing() -> None:
    """Stand for a drill that is over at once."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_block_ends_it_and_is_named(number: signal.Signals) -> None:
    with pytest.raises(Interrupted) as stop:
        drill(lambda: send(number))
    assert stop.value.signal_name == number.name


def test_the_time_limit_ends_the_block() -> None:
    started = time.monotonic()
    with pytest.raises(TimeLimitReached):
        drill(lambda: time.sleep(5), time_limit=timedelta(seconds=0.05))
    assert time.monotonic() - started < pace.seconds(3)


def test_the_time_limit_does_not_fire_after_the_block() -> None:
    drill(nothing, time_limit=timedelta(seconds=0.05))
    time.sleep(0.1)


def test_a_scenario_that_catches_every_exception_does_not_swallow_a_signal() -> None:
    caught = []

    def work() -> None:
        try:
            send(signal.SIGTERM)
        except Exception as error:
            caught.append(error)

    with pytest.raises(Interrupted):
        drill(work)
    assert caught == []


def test_a_bare_except_only_delays_the_end_of_the_drill() -> None:
    went_on = []

    def work() -> None:
        try:
            send(signal.SIGTERM)
        except BaseException:
            went_on.append("after the signal")

    with pytest.raises(Interrupted, match="SIGTERM"):
        drill(work)
    assert went_on == ["after the signal"]


def test_a_scenario_that_makes_another_error_of_the_signal_is_interrupted_all_the_same() -> None:
    def work() -> None:
        try:
            send(signal.SIGTERM)
        except BaseException as error:
            raise ValueError from error

    with pytest.raises(Interrupted, match="SIGTERM"):
        drill(work)


def test_a_scenario_that_swallows_the_signal_and_loops_gets_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "_AGAIN_SECONDS", 0.05)
    swallowed: list[str] = []

    def work() -> None:
        threading.Timer(0.05, send, [signal.SIGINT]).start()
        while len(swallowed) < 3:
            try:
                time.sleep(5)
            except BaseException as error:
                swallowed.append(str(error))

    with pytest.raises(Interrupted, match="SIGINT"):
        drill(work)
    assert swallowed == ["interrupted by SIGINT"] * 3


def test_a_scenario_that_would_swallow_it_for_ever_is_ended_by_a_later_signal() -> None:
    script = (
        "import os, time; from datetime import timedelta; from drtool.host import interruption\n"
        "interruption._AGAIN_SECONDS = 0.1\n"
        "with interruption.interruptible(timedelta(seconds=0.1)):\n"
        "    swallowed = 0\n"
        "    while True:\n"
        "        try:\n"
        "            if swallowed >= 4: os.write(1, b'stubborn\\n')\n"
        "            time.sleep(5)\n"
        "        except: swallowed += 1\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stubborn\n"
        process.terminate()
        assert process.wait(timeout=10) == -signal.SIGTERM


def test_a_second_signal_does_not_cut_the_way_out_short() -> None:
    steps = []

    def work() -> None:
        try:
            send(signal.SIGINT)
        finally:
            send(signal.SIGTERM)
            steps.append("cleaned up")

    with pytest.raises(Interrupted, match="SIGINT"):
        drill(work)
    assert steps == ["cleaned up"]


def test_a_signal_during_the_clean_up_waits_for_its_end_and_ends_the_next_drill() -> None:
    began = []
    with signals_restored():
        drill(nothing)
        send(signal.SIGTERM)
        cleaned_up = True
    assert cleaned_up
    with pytest.raises(Interrupted, match="SIGTERM"):
        drill(lambda: began.append("the next drill"))
    assert began == []


def test_an_interrupted_drill_is_interrupted_once_however_often_one_presses() -> None:
    with signals_restored():
        with pytest.raises(Interrupted):
            drill(lambda: send(signal.SIGINT))
        send(signal.SIGINT)
    drill(nothing)


def test_a_program_called_in_the_clean_up_outlives_the_signal_too() -> None:
    with signals_restored():
        drill(nothing)
        signing = subprocess.Popen(["sleep", "0.2"])
        signing.send_signal(signal.SIGINT)
        signing.send_signal(signal.SIGTERM)
    assert signing.wait(timeout=10) == 0


def test_handlers_and_mask_are_as_before_afterwards() -> None:
    def own(_number: int, _frame: object) -> None: ...

    signal.signal(signal.SIGTERM, own)
    before = signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with signals_restored(), pytest.raises(Interrupted):
        drill(lambda: send(signal.SIGTERM))
    assert signal.getsignal(signal.SIGTERM) is own
    assert (signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, ())) == before


def test_a_drill_inside_a_drill_leaves_the_outer_one_interruptible() -> None:
    def work() -> None:
        with signals_restored():
            drill(nothing)
        send(signal.SIGTERM)

    with pytest.raises(Interrupted, match="SIGTERM"):
        drill(work)


def test_a_drill_inside_a_drill_leaves_the_outer_time_limit_running() -> None:
    def work() -> None:
        with signals_restored():
            drill(nothing)
        time.sleep(5)

    with pytest.raises(TimeLimitReached):
        drill(work, time_limit=timedelta(seconds=0.1))


def test_a_drill_under_nohup_goes_on_after_the_terminal_is_gone() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    went_on = []

    def work() -> None:
        send(signal.SIGHUP)
        went_on.append("after the terminal")

    drill(work)
    assert went_on == ["after the terminal"]


def test_outside_the_main_thread_nothing_is_changed() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def work() -> None:
        with signals_restored():
            drill(lambda: seen.append(signal.getsignal(signal.SIGTERM)), time_limit=timedelta(seconds=0.01))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_time_limit_of_a_century_is_taken() -> None:
    drill(nothing, time_limit=timedelta(days=36_500))


def test_an_interrupted_process_ends_by_the_exception_and_not_by_the_signal() -> None:
    script = (
        "import time; from datetime import timedelta; from drtool.host.interruption import *\n"
        "try:\n"
        "    with signals_restored(), interruptible(timedelta(minutes=5)):\n"
        "        print('ready', flush=True); time.sleep(30)\n"
        "except Interrupted as stop: print(stop.signal_name)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=10)
    assert (output, process.returncode) == ("SIGTERM\n", 0)
