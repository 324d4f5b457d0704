import pytest

from drivers.errors import ScannerGone
from drivers.scanners.attached import Device, identity, makers, own_serial, where
from drivers.scanners.base import Kind
from drivers.scanners.trouble import Trouble


def device(path: str, serial: str = "", plug: str = "", usb: str = "usb:0c2e:0b6a") -> Device:
    return Device(Kind.SERIAL, path, "Honeywell", usb, serial, plug)


def test_a_serial_number_of_its_own_comes_first() -> None:
    one = device("/dev/ttyACM0", "18123B0E4F", "1-1")
    assert identity(one, [one]) == "usb:0c2e:0b6a:18123B0E4F"
    assert where("usb:0c2e:0b6a:18123B0E4F", [one, device("/dev/ttyACM1", "18123B0E50")]) is one


def test_two_alike_are_told_apart_by_their_plugs() -> None:
    one, other = device("/dev/ttyACM0", "0000", "1-1.1"), device("/dev/ttyACM1", "0000", "1-1.2")
    assert [identity(each, [one, other]) for each in (one, other)] == ["usb:0c2e:0b6a@1-1.1", "usb:0c2e:0b6a@1-1.2"]
    assert where("usb:0c2e:0b6a@1-1.2", [one, other]) is other


def test_a_copied_serial_number_names_nobody() -> None:
    one, other = device("/dev/ttyACM0", "A1B2C3", "1-1.1"), device("/dev/ttyACM1", "A1B2C3", "1-1.2")
    assert identity(one, [one, other]) == "usb:0c2e:0b6a@1-1.1"
    with pytest.raises(ScannerGone) as said:
        where("usb:0c2e:0b6a:A1B2C3", [one, other])
    assert said.value.trouble is Trouble.AMBIGUOUS and "ttyACM0" in str(said.value) and "ttyACM1" in str(said.value)


def test_the_only_one_of_its_kind() -> None:
    one = device("/dev/ttyACM3", "", "1-4")
    assert where("usb:0c2e:0b6a", [one, device("/dev/ttyUSB0", "", "1-5", "usb:1eab:0c06")]) is one
    with pytest.raises(ScannerGone) as said:
        where("usb:1eab:8306", [one])
    assert said.value.trouble is Trouble.MISSING


def test_a_soldered_port_has_only_its_path() -> None:
    port = device("/dev/ttyS0", usb="")
    assert identity(port, [port]) == "" and port.names == ()


@pytest.mark.parametrize("serial", ["", "0000", "00000000", "123456789", "1", " - "])
def test_numbers_that_makers_write_into_every_device(serial: str) -> None:
    assert not own_serial(serial)


def test_makers_are_known_by_their_number() -> None:
    assert makers()[0x1EAB].name.startswith("Newland") and not makers()[0x1EAB].bridge
    assert makers()[0x1A86].bridge
