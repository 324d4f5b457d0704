"""`yaolink-demo printer` as its own process: met over a socket and a serial line, ordered about on its input."""

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from drivers.virtual.dialect import DIALECTS
from drivers.virtual.faults import FAULTS
from drivers.virtual.printer import VirtualPrinter
from installer.demo.printer_orders import BadOrder, obey

ROOT = Path(__file__).parent.parent.parent.parent
COMMAND = [sys.executable, "-m", "installer.demo.cli", "printer"]
SLIP = b"\x1b@hello\n\x1dV\x42\x00\x1dr\x01"


class Lone:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.address = self.heard(r"printer on (\S+)")

    def order(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def heard(self, pattern: str) -> str:
        """What it says until the pattern comes; its first group, or all of it."""
        assert self._process.stdout
        for line in self._process.stdout:
            if found := re.search(pattern, line):
                return found[found.re.groups and 1]
        raise AssertionError(f"it ended without saying {pattern!r}")

    def connect(self) -> socket.socket:
        host, port = self.address.removeprefix("tcp://").split(":")
        return socket.create_connection((host, int(port)), timeout=30)


@contextmanager
def lone(folder: Path, *options: str) -> Iterator[Lone]:
    command = [*COMMAND, "--slips", str(folder), *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:
        try:
            printer = Lone(process)
            yield printer
            printer.order("quit")
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_slips_become_files_and_faults_are_ordered(tmp_path: Path) -> None:
    with lone(tmp_path / "out", "--port", "0", "--paper", "58") as printer:
        with printer.connect() as link:
            link.sendall(SLIP)
            assert link.recv(1) == b"\x00"
            assert printer.heard("a slip came out: (.*)") == str(tmp_path / "out" / "slip-0001.png")
            assert (tmp_path / "out" / "slip-0001.txt").read_text() == "hello\n"
            assert (tmp_path / "out" / "slip-0001.png").read_bytes().startswith(b"\x89PNG")
            printer.order("fault paper_out")
            printer.heard("virtual printer: paper_out")
            link.sendall(b"\x10\x04\x04")
            assert link.recv(1) == b"\x7e"
            link.sendall(SLIP)
            printer.order("clear")
            assert link.recv(1) == b"\x00"
        printer.order("slips")
        printer.heard("2 slips, 0 torn off half printed; drawer opened 0 times")
        printer.order("help")
        printer.heard("the cable is pulled and put back")


def test_a_signal_stops_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--slips", str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stdout.readline().startswith("printer on tcp://127.0.0.1:")
        process.terminate()
        assert process.stdout.readline() == "stopped; 0 slips, 0 torn\n"
        assert process.wait(60) == 0


def test_a_torn_slip_is_kept_apart(tmp_path: Path) -> None:
    with lone(tmp_path, "--port", "0") as printer:
        printer.order("fault power_loss bytes=12 for=0.1")
        printer.order("status")
        printer.heard("in order")
        with printer.connect() as link:
            link.sendall(b"one\ntwo\nthree\nfour\n\x1dV\x00")
            printer.heard("torn off, half printed: .*torn-0001.png")
        assert (tmp_path / "torn-0001.txt").read_text() == "one\ntwo\n"


def test_on_a_serial_line(tmp_path: Path) -> None:
    with lone(tmp_path, "--pty", "--dialect", "in-order-only") as printer:
        with serial.Serial(printer.address.removeprefix("serial://"), timeout=30) as port:
            port.write(SLIP)
            assert port.read(1) == b"\x00"
        printer.heard("a slip came out")


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        ("falt paper_out", "unknown order 'falt'"),
        ("fault papier", "unknown fault 'papier': one of paper_out"),
        ("fault paper_out by=3", "unknown setting 'by=3'"),
        ("fault paper_out bytes=x", "'bytes=x' needs a number"),
        ("fault 'paper_out", "cannot read this order"),
        ("mute", "it answers nothing"),
        ("drop", "every connection is reset"),
    ],
)
def test_each_order_is_answered(order: str, answer: str) -> None:
    with VirtualPrinter() as printer:
        try:
            said = obey(order, printer, threading.Event())
        except BadOrder as error:
            said = str(error)
    assert said.startswith(answer)


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [*COMMAND, "--port", str(taken.getsockname()[1])]
        done = subprocess.run(
            [*command, "--slips", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith("yaolink-demo printer: ") and "in use" in done.stderr


def test_every_fault_and_order_is_documented() -> None:
    page = (ROOT / "docs" / "virtual-printer.md").read_text(encoding="utf-8").replace("```", "")
    named = set(re.findall(r"`([^`]+)`", page))
    assert {*FAULTS, *DIALECTS} <= named
    assert {"clear", "mute", "speak", "drop", "slips", "status", "help", "quit"} <= named
