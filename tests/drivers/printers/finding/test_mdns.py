"""Announcements on the loopback: who, where, and what they say about themselves."""

from contextlib import ExitStack
from ipaddress import IPv4Address

import pytest

from drivers.printers.finding.mdns import RAW, SERVICES, Announced, browse
from tests.drivers.printers.finding.street import announcing, called, house

LOOPBACK = (IPv4Address("127.0.0.1"),)
LPD, IPP = SERVICES[1:]
TILL, LASER, BOTH = house(), house(), house()


@pytest.fixture(scope="module")
def heard() -> dict[str, Announced]:
    """By host, after one listening to all of them."""
    with ExitStack() as street:
        for name, host, port, kind, text in (
            ("Till", TILL, 9101, RAW, {"ty": "EPSON TM-m30"}),
            ("Till", TILL, 515, LPD, {}),
            ("Laser", LASER, 631, IPP, {"usb_CMD": "PJL,PCL,PCLXL", "usb_MFG": "HP", "usb_MDL": "M1"}),
            ("Both", BOTH, 9100, RAW, {}),
            ("Both", BOTH, 631, IPP, {"pdl": "application/octet-stream,image/urf"}),
        ):
            street.enter_context(announcing(name, host, port, kind=kind, **text))
        seen = [(str(each.host), each) for each in browse(LOOPBACK, seconds=3.0)]
    assert len(dict(seen)) == len(seen)
    return dict(seen)


def test_a_host_with_several_services_is_one_printer_at_its_raw_port(heard: dict[str, Announced]) -> None:
    till = heard[TILL]
    assert (till.port, till.name, till.model, till.office) == (9101, called("Till"), "EPSON TM-m30", False)


def test_a_printer_known_by_another_service_only_is_expected_at_the_usual_port(heard: dict[str, Announced]) -> None:
    laser = heard[LASER]
    assert (laser.port, laser.model, laser.office) == (9100, "HP M1", True)


def test_one_service_of_several_is_enough_to_call_it_an_office_printer(heard: dict[str, Announced]) -> None:
    assert heard[BOTH].office


def test_asking_from_nowhere_hears_nothing() -> None:
    assert browse((), seconds=60) == []


def test_no_multicast_is_no_failure(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def refused(**_: object) -> None:
        raise OSError("no such device")

    monkeypatch.setattr("drivers.printers.finding.mdns.Zeroconf", refused)
    assert browse(LOOPBACK, seconds=60) == []
    assert "no such device" in caplog.text
