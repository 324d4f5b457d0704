"""What counts as the same printer at another address."""

from pathlib import Path

import pytest

from drivers.printers.finding import identity, neighbours_linux

ARP = """\
IP address       HW type     Flags       HW address            Mask     Device
192.168.1.50     0x1         0x2         00:26:ab:12:34:56     *        eth0
192.168.1.51     0x1         0x0         00:00:00:00:00:00     *        eth0
"""


@pytest.mark.parametrize("written", ["00:26:AB:12:34:56", "00-26-ab-12-34-56"])
def test_a_mac_is_written_one_way(written: str) -> None:
    assert identity.of_mac(written) == "mac:00:26:ab:12:34:56"


@pytest.mark.parametrize("written", ["", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "nonsense"])
def test_what_is_no_card_of_its_own_is_no_identity(written: str) -> None:
    assert identity.of_mac(written) == ""


@pytest.mark.parametrize("number", ["", "0", "00000000", "----", "12345678", "0123456789", "1"])
def test_a_number_that_makers_write_into_every_device_is_no_identity(number: str) -> None:
    assert identity.of_serial(number) == ""


def test_a_serial_number_is_one() -> None:
    assert identity.of_serial(" J5ZF123456 ") == "serial:J5ZF123456"


def test_the_kernels_table_of_neighbours(tmp_path: Path) -> None:
    table = tmp_path / "arp"
    table.write_text(ARP)
    assert neighbours_linux.table(table) == {"192.168.1.50": "00:26:ab:12:34:56"}
    assert neighbours_linux.table(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("address", "host"),
    [("tcp://192.168.1.50:9100", "192.168.1.50"), ("serial://COM3", ""), ("file:///dev/usb/lp0", "")],
)
def test_only_network_printers_have_a_host(address: str, host: str) -> None:
    assert identity.host_of(address) == host
