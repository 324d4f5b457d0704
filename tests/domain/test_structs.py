"""Types are whole before threads see them. Each case is a process of its own: what goes wrong, ends it."""

import subprocess
import sys

import pytest

RACE = """
import sys, threading
from enum import StrEnum

import msgspec

from domain.structs import build_all

sys.setswitchinterval(1e-6)


class Word(StrEnum):
    A = "a"


class Inner(msgspec.Struct, frozen=True):
    word: Word | None = None


def fresh(number):
    word = StrEnum(f"Word{number}", {"A": "a", "B": "b"})
    fields = [("name", str), ("word", word), ("inner", tuple[Inner, ...]), ("more", word | None)]
    return msgspec.defstruct(f"Slip{number}", fields, frozen=True)


def convert(kind, barrier):
    barrier.wait()
    msgspec.convert({"name": "x", "word": "a", "inner": [{}], "more": None}, kind)


kinds = [fresh(number) for number in range(300)]
if "built" in sys.argv:
    build_all()
for kind in kinds:
    barrier = threading.Barrier(8)
    threads = [threading.Thread(target=convert, args=(kind, barrier)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_may_read_their_first_slip_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RACE, "built"], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_types_that_nobody_can_decode_are_left_alone() -> None:
    code = (
        "import msgspec, collections.abc as c\n"
        "from domain.structs import build_all\n"
        "class Odd(msgspec.Struct):\n    call: c.Callable[[], int]\n    also: list[int] | set[int]\n"
        "build_all()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("program", ["agent.service", "cloud.app"])
def test_it_takes_no_time_to_speak_of(program: str) -> None:
    """Of the processor, not of the clock: other tests run beside it."""
    code = (
        f"import {program}, time\nfrom domain.structs import build_all\n"
        "began = time.process_time()\nbuild_all()\nprint(time.process_time() - began)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert float(done.stdout) < 1.0
