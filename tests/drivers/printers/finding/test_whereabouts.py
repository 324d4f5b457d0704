"""A printer that is no longer where it was: found only where it proved to be the same one."""

from contextlib import ExitStack

import pytest

from drivers.printers.finding import attached
from drivers.printers.finding.attached import identity_at
from drivers.printers.finding.found import Found, Way
from drivers.printers.finding.whereabouts import Lookout, is_there
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.replies import Identity
from tests.drivers.printers.finding.conftest import bystander
from tests.drivers.printers.finding.street import announcing, house, number

OURS, OTHER = Identity(serial=number("ours")), Identity(serial=number("other"))
LOST = f"serial:{OURS.serial}"
LAST = f"tcp://{house()}:9100"


def test_a_printer_that_announces_itself_elsewhere(street: ExitStack) -> None:
    moved = street.enter_context(VirtualPrinter(host=house(), identity=OURS))
    other = street.enter_context(VirtualPrinter(host=house(), identity=OTHER))
    for name, printer in (("a", other), ("b", moved)):
        street.enter_context(announcing(name, printer.host, printer.port))
    assert Lookout().find(LOST, LAST, ()) == moved.address


def test_a_stranger_is_not_taken_and_not_asked_again(street: ExitStack, asked: list[str]) -> None:
    stranger = street.enter_context(VirtualPrinter(host=house(), identity=OTHER))
    street.enter_context(announcing("stranger", stranger.host, stranger.port))
    lookout = Lookout()
    assert lookout.find(LOST, LAST, ()) is None
    assert lookout.find(LOST, LAST, ()) is None
    assert asked.count(stranger.host) == 1


def test_one_that_does_not_say_who_it_is_yet_is_asked_again(street: ExitStack) -> None:
    starting = street.enter_context(VirtualPrinter(host=house(), identity=OURS))
    street.enter_context(announcing("starting", starting.host, starting.port))
    starting.fault("paper_out")
    lookout = Lookout()
    assert lookout.find(LOST, LAST, ()) is None
    starting.fault(None)
    assert lookout.find(LOST, LAST, ()) == starting.address


def test_one_of_ours_is_not_disturbed(street: ExitStack, asked: list[str]) -> None:
    ours = street.enter_context(bystander(house()))
    street.enter_context(announcing("ours", ours.host, ours.port))
    assert Lookout().find(LOST, LAST, {f"tcp://{ours.host}:{ours.port}"}) is None
    assert ours.host not in asked


def test_two_that_claim_to_be_it_are_for_a_person(street: ExitStack, caplog: pytest.LogCaptureFixture) -> None:
    for name, host in (("a", house()), ("b", house())):
        clone = street.enter_context(VirtualPrinter(host=host, identity=OURS))
        street.enter_context(announcing(name, clone.host, clone.port))
    assert Lookout().find(LOST, LAST, ()) is None
    assert "a person must say" in caplog.text


def test_nobody_there_is_nobody() -> None:
    assert not is_there(LOST, f"tcp://{house()}:9")


def test_a_usb_printer_in_another_socket_is_known_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def plugged(*printers: tuple[str, str]) -> None:
        found = [Found(address, "USB", (Way.USB,), identity) for address, identity in printers]
        monkeypatch.setattr("drivers.printers.finding.attached.usb.usb_printers", lambda: found)

    monkeypatch.setattr(attached, "serial_ports", lambda taken: [])
    plugged(("file:///dev/usb/lp0", LOST))
    assert identity_at("file:///dev/usb/lp0", "") == LOST
    plugged(("file:///dev/usb/lp0", "serial:OTHER1"), ("file:///dev/usb/lp1", LOST))
    assert Lookout().find(LOST, "file:///dev/usb/lp0", ()) == "file:///dev/usb/lp1"
    plugged()
    assert Lookout().find(LOST, "file:///dev/usb/lp0", ()) is None


def test_a_serial_port_keeps_its_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    by_id, port = "serial:///dev/serial/by-id/usb-printer", "serial:///dev/ttyUSB1"
    found = Found(by_id, "p", (Way.SERIAL,), LOST, others=(port,))
    monkeypatch.setattr("drivers.printers.finding.attached.usb.usb_printers", list)
    monkeypatch.setattr(attached, "serial_ports", lambda taken: [found])
    assert Lookout().find(LOST, "serial:///dev/ttyUSB0?baud=19200", ()) == f"{by_id}?baud=19200"
    assert Lookout().find(LOST, f"{port}?baud=19200", ()) is None  # it is there
    assert identity_at(f"{port}?baud=19200", "") == LOST
