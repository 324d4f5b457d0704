"""What hangs on this computer: trees like the kernel's, ports and queues as the system's own programs tell them."""

import stat
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from drivers.printers.finding.found import Found, Way
from drivers.printers.finding.queues_linux import queues
from drivers.printers.finding.serial import serial_ports
from drivers.printers.finding.usb_linux import usb_printers

USB = (Way.USB,)


def device(sys: Path, name: str, interface_class: str, *, node: str = "", **facts: str) -> None:
    """As /sys shows it: links in bus/usb/devices to folders that lie in one another."""
    folder = sys / "devices/usb1" / name
    interface = folder / f"{name}:1.0"
    interface.mkdir(parents=True)
    (interface / "bInterfaceClass").write_text(f"{interface_class}\n")
    for fact, value in facts.items():
        (folder / fact).write_text(f"{value}\n")
    if node:
        (interface / "usbmisc" / node).mkdir(parents=True)
    bus = sys / "bus/usb/devices"
    bus.mkdir(parents=True, exist_ok=True)
    for each in (folder, interface):
        (bus / each.name).symlink_to(each)


def test_usb_printers_are_told_from_other_devices(tmp_path: Path) -> None:
    device(
        tmp_path, "1-1", "07", node="lp1",
        idVendor="04b8", idProduct="0e15", serial="J5ZF1234", manufacturer="EPSON", product="TM-T20II",
    )  # fmt: skip
    device(tmp_path, "1-2", "07", idVendor="0416", idProduct="5011", serial="00000000")
    device(tmp_path, "1-3", "08", idVendor="0781", idProduct="5567", serial="4C530001", product="Stick")
    assert usb_printers(tmp_path) == [
        Found("file:///dev/usb/lp1", "EPSON TM-T20II", USB, "serial:J5ZF1234", "EPSON TM-T20II"),
        Found("usb://0416:5011", "USB 0416:5011", USB),
    ]


def test_a_computer_without_usb(tmp_path: Path) -> None:
    assert usb_printers(tmp_path) == []


def port(name: str, **facts: str) -> ListPortInfo:
    made = ListPortInfo(name)
    for fact, value in facts.items():
        setattr(made, fact, value)
    return made


def test_ports_by_their_lasting_name_without_the_scanners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ttyUSB0", "ttyUSB1", "ttyS0"):
        (tmp_path / name).touch()
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    for link, target in (("usb-printer", "ttyUSB0"), ("usb-scanner", "ttyUSB1")):
        (by_id / link).symlink_to(tmp_path / target)
    ports = [
        port(str(tmp_path / "ttyUSB0"), manufacturer="Prolific", product="PL2303", serial_number="A9X01234"),
        port(str(tmp_path / "ttyUSB1"), product="Scanner"),
        port(str(tmp_path / "ttyS0")),
    ]
    monkeypatch.setattr(list_ports, "comports", lambda: ports)
    found = serial_ports({str(by_id / "usb-scanner")}, by_id)
    assert found == [
        Found(
            f"serial://{by_id}/usb-printer",
            "Prolific PL2303",
            (Way.SERIAL,),
            "serial:A9X01234",
            "Prolific PL2303",
            others=(f"serial://{tmp_path}/ttyUSB0",),
        ),
        Found(f"serial://{tmp_path}/ttyS0", f"{tmp_path}/ttyS0", (Way.SERIAL,)),
    ]
    assert serial_ports({str(tmp_path / "ttyUSB1"), str(by_id / "usb-printer"), str(tmp_path / "ttyS0")}, by_id) == []


def lpstat(folder: Path, *lines: str) -> str:
    """A program that answers `-v` in the C locale only."""
    program = folder / "lpstat"
    said = "\n".join(lines)
    program.write_text(f'#!/bin/sh\n[ "$1 $LC_ALL" = "-v C" ] && cat <<"END"\n{said}\nEND\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def test_queues_with_the_device_behind_them(tmp_path: Path) -> None:
    program = lpstat(
        tmp_path,
        "device for 前台: usb://EPSON/TM-T20II?serial=J5ZF1234",
        "device for till: socket://192.168.1.50",
        "device for PDF: cups-pdf:/",
        "device for office: ipp://print.example/printers/office",
    )
    till, front = sorted(queues(program), key=lambda each: each.name)
    assert (front.name, front.identity, front.model) == ("前台", "serial:J5ZF1234", "EPSON TM-T20II")
    assert (till.address, till.others) == ("cups://till", ("tcp://192.168.1.50:9100",))


def test_no_print_system_no_queues(tmp_path: Path) -> None:
    assert queues(str(tmp_path / "lpstat")) == []
    assert queues(lpstat(tmp_path)) == []
