import os
import subprocess
from pathlib import Path

import serial

from drivers.virtual.scanner import VirtualScanner


def write(path: str, data: bytes) -> None:
    """Without taking the line for a controlling terminal, whose end would end the tests."""
    line = os.open(path, os.O_WRONLY | os.O_NOCTTY)
    os.write(line, data)
    os.close(line)


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_what_a_person_writes_to_the_trigger_is_scanned() -> None:
    with VirtualScanner() as device, serial.Serial(device.path, timeout=30) as port:
        subprocess.run(["sh", "-c", f"printf '8123\\r' > {device.trigger_path}"], check=True)
        assert port.read(5) == b"8123\r"
        write(device.trigger_path, b"81\x1d23\n")
        assert port.read(6) == b"81\x1d23\n"


def test_nothing_is_echoed_or_translated() -> None:
    with VirtualScanner() as device, serial.Serial(device.path, timeout=30) as port:
        device.write(b"a\r\nb\n\x03\x04\x7f\r")
        assert port.read(9) == b"a\r\nb\n\x03\x04\x7f\r"
        port.write(b"echo?")
        port.timeout = 0.2
        assert port.read(1) == b""


def test_the_path_outlives_unplugging_and_ends_with_the_scanner() -> None:
    with VirtualScanner() as device:
        path = Path(device.path)
        assert path.exists()
        device.unplug()
        device.unplug()
        assert not path.exists()
        write(device.trigger_path, b"lost\r")
        device.replug()
        device.replug()
        assert path.exists()
    assert not path.is_symlink()
    assert not Path(device.trigger_path).exists()


def test_a_scan_nobody_reads_does_not_hang() -> None:
    with VirtualScanner() as device:
        device.write(b"x" * 20_000)


def test_no_descriptor_is_left_open() -> None:
    before = open_descriptors()
    for _ in range(3):
        with VirtualScanner() as device:
            device.unplug()
            device.replug()
    assert open_descriptors() == before
