"""Does every serial scan arrive once and whole? Five endings, three scanners of each, all at once on pseudo terminals,
each scan cut at another point, some with a pause in their middle, now and then one unplugged in mid-scan; read by the
product's own `SerialScanner`. Beside it pyserial's `readline` with a timeout, as many programs read a scanner, over
such bytes.

`mixed` counts bytes of one scanner in a scan of another. `stalled` scans were held up by the sender itself for longer
than a scanner can, and are not judged.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import serial

from benchmarks.figures import options, report
from drivers.scanners.base import IDLE_S, Scan, ScannerState
from drivers.scanners.ports import at_path
from drivers.scanners.serial import SerialLine, SerialScanner
from drivers.virtual.scanner import VirtualScanner

_ENDINGS = ("\r", "\n", "\r\n", "\t", "")
_SCANNERS = 3
_PER_LINE = {"": 600, **dict.fromkeys(("\r", "\n", "\r\n", "\t"), 8_184)}
"""Scans of each scanner with each ending: 100,008 together. One without an ending takes its silence."""
_PER_LINE_SHORT = {"": 6, **dict.fromkeys(("\r", "\n", "\r\n", "\t"), 220)}
_UNPLUGGED_EACH, _PAUSED_EACH = 997, 499
"""Of the scans with an ending; in the short form one of each."""
_PAUSE_S = 0.2
_BETWEEN_S = 0.35
"""Between two scans that nothing but silence separates: as fast as a hand is."""
_PLAIN_SHARE = 10
_PATIENCE_S = 20.0


@dataclass(slots=True)
class Course:
    """What one scanner sent, and what was read of it."""

    scanner: int
    sent: list[str] = field(default_factory=list)
    stalled: set[str] = field(default_factory=set)
    cut_off: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Taken:
    """Bytes that a reader has taken off its line."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads a scanner: `ready` returns once it listens (again)."""

    read: "queue.SimpleQueue[str]"
    taken: Taken
    ready: Callable[[], None]
    stop: Callable[[], None]


class CountingLine(SerialLine):
    """The product's line, which says how far it was read: so that each cut is a real one."""

    def __init__(self, taken: Taken, path: str, speed: int | None) -> None:
        super().__init__(path, speed)
        self._taken = taken

    def read(self) -> bytes:
        data = super().read()
        self._taken.count += len(data)
        return data


class CountingPort(serial.Serial):
    """pyserial's port, likewise."""

    taken = Taken()

    def read(self, size: int = 1) -> bytes:
        data: bytes = super().read(size)
        self.taken.count += len(data)
        return data


def main() -> None:
    chosen = options("scan_serial", __doc__ or "")
    per_line = _PER_LINE_SHORT if chosen.short else _PER_LINE
    ours = _run(per_line, product, unplugging=True)
    few = {ending: max(4, count // _PLAIN_SHARE) for ending, count in per_line.items()}
    plain = _run(few, readline, unplugging=False)
    figures: dict[str, float | int | str] = {**_judged(ours)}
    figures["stalled"] = sum(len(course.stalled) for course in ours)
    figures["unplugged"] = sum(len(course.cut_off) for course in ours)
    figures |= {f"readline_{name}": count for name, count in _judged(plain).items() if name != "mixed"}
    report(figures, quiet=chosen.json)


def product(gun: VirtualScanner) -> Reader:
    heard, states, taken = queue.SimpleQueue[str](), queue.SimpleQueue[ScannerState](), Taken()

    def on_scan(scan: Scan) -> None:
        heard.put(scan.raw.decode())

    def ready() -> None:
        while not states.get(timeout=_PATIENCE_S).connected:
            pass

    place, line = partial(at_path, gun.path), partial(CountingLine, taken)
    scanner = SerialScanner(gun.path, place, on_scan, states.put, open_line=line)
    scanner.start()
    return Reader(heard, taken, ready, scanner.stop)


def readline(gun: VirtualScanner) -> Reader:
    """What a program's first version does."""
    heard, stopping = queue.SimpleQueue[str](), threading.Event()
    port = CountingPort(gun.path, 9600, timeout=0.1)
    port.taken = Taken()

    def run() -> None:
        while not stopping.is_set():
            if line := port.readline().decode().strip():
                heard.put(line)

    thread = threading.Thread(target=run)
    thread.start()

    def stop() -> None:
        stopping.set()
        thread.join()
        port.close()

    return Reader(heard, port.taken, lambda: None, stop)


def _run(
    per_line: Mapping[str, int], reading: Callable[[VirtualScanner], Reader], *, unplugging: bool
) -> Sequence[Course]:
    """All scanners at once."""
    lines = [(Course(number), ending, count) for ending, count in per_line.items() for number in range(_SCANNERS)]
    threads = [threading.Thread(target=_one, args=(*line, reading, unplugging)) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [course for course, *_ in lines]


def _one(
    course: Course, ending: str, count: int, reading: Callable[[VirtualScanner], Reader], unplugging: bool
) -> None:
    with VirtualScanner() as gun:
        reader = reading(gun)
        reader.ready()
        for number, code in enumerate(_codes(course.scanner, ending, count), start=1):
            if unplugging and (number in (2, count // 2) or number % _UNPLUGGED_EACH == 0):
                _unplug_in_mid_scan(course, gun, reader, code)
            _send(course, Wire(gun, reader.taken), code, ending, number)
        time.sleep(8 * IDLE_S)
        reader.stop()
        while not reader.read.empty():
            course.read.append(reader.read.get())


def _codes(scanner: int, ending: str, count: int) -> Iterator[str]:
    """Trace codes with runs of zeros; each says whose it is, and none is a piece of another."""
    for number in range(count):
        yield f"8{scanner + 1}{_ENDINGS.index(ending)}0000{number:06d}0000{scanner + 1}{number % 100:02d}"


class Wire:
    """A scanner's end of the line."""

    def __init__(self, gun: VirtualScanner, taken: Taken) -> None:
        self._gun, self._taken = gun, taken

    def write(self, data: bytes) -> None:
        """Returns once the reader has taken it."""
        goal, until = self._taken.count + len(data), time.monotonic() + _PATIENCE_S
        self._gun.write(data)
        while self._taken.count < goal and time.monotonic() < until:
            time.sleep(0.0003)


def _send(course: Course, wire: Wire, code: str, ending: str, number: int) -> None:
    data = (code + ending).encode()
    cut = number % len(data)
    begun = time.monotonic()
    wire.write(data[:cut])
    if ending and number > 2 and (number % _PAUSED_EACH == 0 or number == 4):
        time.sleep(_PAUSE_S)
    if not ending and time.monotonic() - begun > IDLE_S / 2:
        course.stalled.add(code)
    wire.write(data[cut:])
    if not ending:
        time.sleep(_BETWEEN_S)
    course.sent.append(code)


def _unplug_in_mid_scan(course: Course, gun: VirtualScanner, reader: Reader, code: str) -> None:
    """Half of a code that never comes whole: it must be seen nowhere."""
    half = f"7{code[1:12]}"
    course.cut_off.append(half)
    Wire(gun, reader.taken).write(half.encode())
    gun.unplug()
    gun.replug()
    reader.ready()


def _judged(courses: Sequence[Course]) -> dict[str, int]:
    figures = Counter(scans=0, lost=0, merged=0, split=0, doubled=0, mixed=0)
    for course in courses:
        sent = [code for code in course.sent if code not in course.stalled]
        read = Counter(course.read)
        figures["scans"] += len(sent)
        figures["lost"] += sum(code not in read for code in sent)
        figures["doubled"] += sum(read[code] - 1 for code in sent if read[code] > 1)
        known = {*sent, *course.stalled}
        for text in (text for text in course.read if text not in known):
            if any(code.startswith(text) or code.endswith(text) for code in course.stalled):
                continue
            figures[_what_went_wrong(text, course)] += 1
    return dict(figures)


def _what_went_wrong(text: str, course: Course) -> str:
    pieces = [piece for piece in (*course.sent, *course.cut_off) if piece in text]
    if len(text) > 20 or pieces:
        return "merged"
    own = any(text in code for code in (*course.sent, *course.cut_off))
    return "split" if own else "mixed"


if __name__ == "__main__":
    main()
